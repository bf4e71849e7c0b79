"""The one form of a member's headers, as Python's and GNU's tar read it."""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from layerscope.oci.stream import BlockStream
from layerscope.oci.tar.reader import TarReader
from layerscope.oci.write.canonical_header import canonical
from layerscope.oci.write.tar_headers import END, taken_apart

TIME_NS = 1_600_000_000_123_456_789


def header_of(info: tarfile.TarInfo, form: Any = tarfile.PAX_FORMAT) -> bytes:
    """A member's headers as Python writes them."""
    return info.tobuf(form, errors="surrogateescape")


def member(name: str, kind: bytes = tarfile.REGTYPE, **fields: object) -> tarfile.TarInfo:
    """One that says who packed it."""
    info = tarfile.TarInfo(name)
    info.type, info.mode, info.mtime = kind, 0o4755, 1
    info.uname, info.gname = "somebody", "users"
    for field, value in fields.items():
        setattr(info, field, value)
    return info


def rewrite(raw: bytes, name: bytes, link: bytes = b"", mtime_ns: int = TIME_NS) -> bytes:
    """The canonical form of what stands in front of a member."""
    read = TarReader(BlockStream(iter([raw]))).next_member()
    assert read is not None
    return canonical(taken_apart(raw, {}), read, name, link, mtime_ns)


def read_back(raw: bytes) -> tarfile.TarInfo:
    """The only member, as Python's tarfile has it."""
    with tarfile.open(fileobj=io.BytesIO(raw + END), errors="surrogateescape") as tar:
        [info] = tar.getmembers()
        return info


@pytest.mark.parametrize(
    "name", ["plain", "n" * 100, "n" * 101, "d/" * 90 + "x", "caf\u00e9", "latin-\udce9", "new\nline"]
)
@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_the_name_stays_and_the_owners_names_go(name: str, form: Any) -> None:
    raw = header_of(member(name, uid=1000, gid=3_000_000_000, pax_headers={"atime": "5.5"}), form)

    info = read_back(rewrite(raw, name.encode("utf-8", "surrogateescape")))

    assert (info.name, info.uname, info.gname) == (name, "", "")
    assert (info.mode, info.uid, info.gid) == (0o4755, 1000, 3_000_000_000)
    assert "atime" not in info.pax_headers


def test_however_it_was_written_the_same_comes_out() -> None:
    """GNU's, POSIX's and the oldest form; another order of records, another spelling, other owners' names."""
    plain = header_of(member("file"))
    forms = [
        plain,
        header_of(member("file"), tarfile.GNU_FORMAT),
        header_of(member("./file", uname="root", pax_headers={"ctime": "1", "comment": "x"})),
        header_of(member("file", kind=tarfile.AREGTYPE)),
        header_of(member("file", kind=tarfile.CONTTYPE)),
    ]

    assert len({rewrite(raw, b"file") for raw in forms}) == 1


def test_attributes_and_records_that_nobody_knows_stay_sorted() -> None:
    records = {"VENDOR.b": "2", "SCHILY.xattr.user.z": "z", "SCHILY.xattr.user.a": "a", "MSWINDOWS.x": "1"}
    turned = dict(reversed(records.items()))
    one, other = (header_of(member("f", pax_headers=some)) for some in (records, turned))

    written = rewrite(one, b"f", mtime_ns=0)

    assert written == rewrite(other, b"f", mtime_ns=0)
    assert list(read_back(written).pax_headers) == sorted(records)


@pytest.mark.parametrize(
    ("mtime_ns", "mtime"), [(0, 0), (TIME_NS, 1_600_000_000.1234567), (-1_500_000_000, -1.5), (1 << 62, None)]
)
def test_times_are_exact(mtime_ns: int, mtime: float | None) -> None:
    written = rewrite(header_of(member("f")), b"f", mtime_ns=mtime_ns)

    assert TarReader(BlockStream(iter([written + END]))).next_member().mtime_ns == mtime_ns  # type: ignore[union-attr]
    if mtime is not None:
        assert read_back(written).mtime == pytest.approx(mtime)


def test_a_device_keeps_its_numbers_and_a_link_its_target() -> None:
    device = header_of(member("null", kind=tarfile.CHRTYPE, devmajor=1, devminor=3))
    link = header_of(member("l", kind=tarfile.SYMTYPE, linkname="t" * 150))

    info = read_back(rewrite(device, b"null"))
    assert (info.devmajor, info.devminor, info.ischr()) == (1, 3, True)
    assert read_back(rewrite(link, b"l", b"t" * 150)).linkname == "t" * 150


def test_gnu_tar_takes_it_for_what_it_is(tool: Callable[[str], str], tmp_path: Path) -> None:
    raw = header_of(member("d/" * 60 + "caf\u00e9", size=4, uid=3_000_000, pax_headers={"atime": "1"}))
    path = tmp_path / "x.tar"
    name = ("d/" * 60 + "caf\u00e9").encode()
    path.write_bytes(rewrite(raw, name, mtime_ns=TIME_NS) + b"data" + bytes(508) + END)

    listed = subprocess.run(
        [tool("tar"), "--utc", "--full-time", "--numeric-owner", "--quoting-style=literal", "-tvf", path],
        capture_output=True,
        check=True,
        env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
    ).stdout.decode()

    assert listed.split()[:5] == ["-rwsr-xr-x", "3000000/0", "4", "2020-09-13", "12:26:40.123456789"]
    assert listed.split()[5] == name.decode()
