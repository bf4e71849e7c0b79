"""The SHA-256 of every file, for those who compare with other tools."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerscope.oci.tar.scanner import scan_tar
from layerscope.probes.sha256 import PROBE
from tests.oci.tar.raw import END, in_blocks, member
from tests.oci.tar.sparse import pax_1_0


@given(st.lists(st.binary(max_size=2000), max_size=4), st.integers(1, 3000))
def test_the_hash_is_that_of_the_content_however_it_is_cut(contents: list[bytes], cut: int) -> None:
    tar = b"".join(member(b"f%d" % number, content) for number, content in enumerate(contents)) + END

    facts = scan_tar(in_blocks(tar, [cut]), [PROBE]).facts.get("sha256", {})

    assert facts == {
        f"f{number}": hashlib.sha256(content).hexdigest() for number, content in enumerate(contents)
    }


def test_a_sparse_file_is_hashed_with_its_holes() -> None:
    tar = pax_1_0(b"sparse", [(4096, 4)], b"data", 10_000) + END

    facts = scan_tar(iter([tar]), [PROBE]).facts["sha256"]

    assert facts == {"sparse": hashlib.sha256(bytes(4096) + b"data" + bytes(10_000 - 4100)).hexdigest()}


def test_a_file_of_sixty_gigabytes_of_holes_is_not_hashed() -> None:
    """It would take minutes: None, and the rest of the layer is read."""
    tar = pax_1_0(b"huge", [(0, 4)], b"data", 60 << 30) + member(b"after", b"x") + END

    facts = scan_tar(iter([tar]), [PROBE]).facts["sha256"]

    assert facts == {"huge": None, "after": hashlib.sha256(b"x").hexdigest()}


@pytest.mark.parametrize("kind", [b"1", b"2", b"3", b"5", b"6"])
def test_what_is_no_file_has_no_hash(kind: bytes) -> None:
    tar = member(b"f", b"1") + member(b"other", typeflag=kind, link=b"f") + END

    assert list(scan_tar(iter([tar]), [PROBE]).facts["sha256"]) == ["f"]


def test_of_a_path_that_stands_twice_the_last_one_counts() -> None:
    tar = member(b"f", b"first") + member(b"f", b"second") + END

    assert scan_tar(iter([tar]), [PROBE]).facts["sha256"] == {"f": hashlib.sha256(b"second").hexdigest()}
