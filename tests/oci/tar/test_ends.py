"""How a tar ends, and what is none (LAYER_CASES 16, 83)."""

from __future__ import annotations

import io
import tarfile

import pytest

from layerscope.errors import ImageError, NotAnImage
from layerscope.oci.tar.scanner import scan_tar
from tests.oci.tar.raw import END, codes, header, member, paths, scan

ONE = member(b"one", b"1")
TWO = member(b"two", b"2" * 700)


@pytest.mark.parametrize("length", [0, 512, 1024, 10_240])
def test_case_16_a_layer_of_nothing_or_of_zeros_is_empty(length: int) -> None:
    scanned = scan_tar(iter([bytes(length)])) if length else scan_tar(iter([]))

    assert (scanned.entries, scanned.content_bytes, scanned.tar_bytes) == ([], 0, length)
    assert scanned.diagnostics == ()


@pytest.mark.parametrize("end", [b"", bytes(512), END, bytes(10_240), bytes(100)])
def test_case_83_end_blocks_may_be_missing_or_many(end: bytes) -> None:
    """tar-rs simple_missing_last_header, tar-split notenoughnils and extranils."""
    scanned = scan(ONE + TWO + end)

    assert [e.path for e in scanned.entries] == ["one", "two"]
    assert scanned.tar_bytes == len(ONE + TWO + end)
    assert scanned.diagnostics == ()


def test_case_83_a_tar_of_one_block_is_one_entry() -> None:
    """As claircore's oddlayer-512B: a header and nothing else."""
    assert paths(header(b"only")) == ["only"]


def test_case_83_the_last_content_need_not_be_padded() -> None:
    assert paths(ONE + header(b"two", size=100) + b"2" * 100) == ["one", "two"]


def test_case_83_what_follows_the_end_is_no_entry_and_is_noted() -> None:
    """A concatenated tar ends where its first one ends, as for GNU tar, Go and Python."""
    tar = ONE + END + TWO + END

    assert paths(tar) == ["one"]
    assert codes(tar) == ["trailing-data"]
    assert scan(tar).tar_bytes == len(tar)


def test_case_83_garbage_after_the_end_is_noted() -> None:
    assert codes(ONE + END + b"garbage") == ["trailing-data"]
    assert codes(ONE + END + bytes(5000) + b"g") == ["trailing-data"]


@pytest.mark.parametrize("after", [TWO + END, header(b"two"), header(b"two") + END])
def test_case_83_a_lone_zero_block_ends_the_tar_and_what_follows_is_noted(after: bytes) -> None:
    """GNU tar and Python stop there too; a member that is lost must be told of."""
    tar = ONE + bytes(512) + after

    assert paths(tar) == ["one"]
    assert codes(tar) == ["trailing-data"]


@pytest.mark.parametrize("garbage", [b"x" * 512, b"x" * 10, bytes(511) + b"x", b"x" * 5000])
def test_case_83_garbage_in_place_of_a_header_is_a_clean_error(garbage: bytes) -> None:
    with pytest.raises(ImageError, match=f"byte {len(ONE + TWO)}"):
        scan(ONE + TWO + garbage)


@pytest.mark.parametrize(
    "data",
    [b"x", b"text\n" * 300, b"{}", b"\x7fELF" + bytes(600), b"\xff" * 4096, bytes(511) + b"\1"],
)
def test_what_is_no_tar_at_all_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(NotAnImage, match="not a tar"):
        scan(data)


def test_a_tar_that_ends_in_a_content_is_truncated() -> None:
    whole = ONE + TWO

    for length in range(len(ONE) + 513, len(whole) - 324):
        with pytest.raises(ImageError, match="truncated"):
            scan_tar(iter([whole[:length]]))


def test_a_tar_that_ends_in_a_header_is_damaged() -> None:
    for length in range(len(ONE) + 1, len(ONE) + 512, 37):
        with pytest.raises(ImageError):
            scan((ONE + TWO)[:length])


def test_a_tar_in_a_tar_is_content() -> None:
    """Nothing in it may be taken for a member."""
    inner = ONE + TWO + END

    assert paths(member(b"inner.tar", inner) + member(b"last") + END) == ["inner.tar", "last"]


def test_what_pythons_tarfile_writes_ends_where_it_ends() -> None:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as tar:
        tar.addfile(tarfile.TarInfo("a"))

    scanned = scan(target.getvalue())

    assert (len(scanned.entries), scanned.tar_bytes) == (1, 10_240)
