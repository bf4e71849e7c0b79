"""The quick reading of ordinary members against the general one."""

from __future__ import annotations

import io
import tarfile
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from layerscope.model.entry import Kind
from layerscope.oci.tar import scanner
from layerscope.oci.tar.ordinary import add_ordinary
from layerscope.oci.tar.scanner import Scan, scan_tar

PARTS = (
    *("usr", "a.b", ".hidden", ".", "..", "", "é", "x" * 90, ".wh", "a.wh.b"),
    *(
        ".wh.gone",
        ".wh..dot",
        ".wh..wh..opq",
        ".wh..wh.plnk",
        ".wh.",
        ".wh..",
        ".wh...",
        ".wh.wh.b",
        ".wh.f.wh.g",
    ),
)
TYPES = (
    tarfile.REGTYPE,
    tarfile.AREGTYPE,
    tarfile.DIRTYPE,
    tarfile.SYMTYPE,
    tarfile.LNKTYPE,
    tarfile.FIFOTYPE,
)
MEMBERS = st.tuples(
    st.lists(st.sampled_from(PARTS), min_size=1, max_size=4).map("/".join),
    st.sampled_from(TYPES),
    st.sampled_from((0, 0, 0, 1, 511, 512, 1100)),
    st.sampled_from(
        ({}, {"mtime": "1700000000.5"}, {"atime": "1700000000", "ctime": "1700000000.25"}, {"mtime": "-1"})
    ),
)


def tar_of(members: list[tuple[str, bytes, int, dict[str, str]]]) -> bytes:
    """A tar with these members; regular files have content."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for number, (name, kind, size_bytes, times) in enumerate(members):
            member = tarfile.TarInfo(name)
            member.type, member.mtime, member.pax_headers = kind, number, times
            member.linkname = "usr/a" if kind in (tarfile.SYMTYPE, tarfile.LNKTYPE) else ""
            member.size = size_bytes if kind in tarfile.REGULAR_TYPES else 0
            tar.addfile(member, io.BytesIO(bytes(member.size)))
    return out.getvalue()


def scanned(data: bytes, block_bytes: int) -> Scan:
    """What a scan gives of data that come in blocks of a size."""
    return scan_tar(iter([data[at : at + block_bytes] for at in range(0, len(data), block_bytes)]), [])


@example(
    members=[
        (folder + part, tarfile.REGTYPE, 0, {})
        for folder in ("", "usr/", "/", "./", "usr//", "usr/../", ".wh.a/", ".wh..wh.plnk/")
        for part in PARTS
    ],
    block_bytes=1 << 20,
)
@given(members=st.lists(MEMBERS, max_size=6), block_bytes=st.sampled_from((512, 1536, 4096, 1 << 20)))
def test_gives_what_reading_each_member_in_general_gives(
    members: list[tuple[str, bytes, int, dict[str, str]]], block_bytes: int
) -> None:
    data = tar_of(members)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(scanner, "add_ordinary", lambda *_: 0)
        expected = scanned(data, block_bytes)

    found = scanned(data, block_bytes)

    assert found == expected


def test_whiteouts_are_ordinary(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[object] = []

    def counted(*given: Any) -> int:
        calls.append(given)
        return add_ordinary(*given)

    monkeypatch.setattr(scanner, "add_ordinary", counted)
    members: list[tuple[str, bytes, int, dict[str, str]]] = [
        (f"usr/.wh.gone{number}", tarfile.REGTYPE, 0, {}) for number in range(50)
    ]

    found = scanned(tar_of(members), 1 << 20)

    assert [entry.kind for entry in found.entries] == [Kind.WHITEOUT] * 50
    assert len(calls) == 1
