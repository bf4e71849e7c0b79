"""What headers take: the same as tarfile says that they do."""

from __future__ import annotations

import io
import tarfile

import pytest

from layerscope.optimize.header_sizes import header_sizes, padded
from tests.union.archived import changeset_of

FORMATS = {"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}
LONG = "usr/share/" + "long-" * 30


def member(name: str, content: bytes = b"", **more: object) -> tuple[tarfile.TarInfo, bytes]:
    """One member with what is given of it."""
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for key, value in more.items():
        setattr(info, key, value)
    return info, content


PLAIN = [
    member("etc", type=tarfile.DIRTYPE),
    member("etc/a", b"a"),
    member("etc/link", type=tarfile.SYMTYPE, linkname="a"),
    member("etc/empty"),
    member("etc/.wh.gone"),
    member("etc/b", b"b" * 1000),
    member("var", type=tarfile.DIRTYPE),
]
WITH_RECORDS = [
    member("a", type=tarfile.DIRTYPE),
    member(LONG, b"a"),
    member("d" * 100, type=tarfile.DIRTYPE),
    member(".wh." + "w" * 98),
    member("plain", type=tarfile.DIRTYPE),
    member("grüße", type=tarfile.SYMTYPE, linkname="x"),
    member("big-id", uid=5_000_000),
    member("odd-time", b"x", mtime=1.5),
    member("deep/" * 150, type=tarfile.DIRTYPE),
    member("before-1970", b"x", mtime=-5),
    member(LONG + "d", type=tarfile.DIRTYPE),
    member("last", type=tarfile.DIRTYPE),
]
RECORDS_EVERYWHERE = [
    member(f"{number}", b"x" * number, pax_headers={"LIBARCHIVE.creationtime": "1"}) for number in range(5)
] + [member("last", type=tarfile.DIRTYPE, pax_headers={"LIBARCHIVE.creationtime": "1"})]


def archive(form: int, members: list[tuple[tarfile.TarInfo, bytes]]) -> bytes:
    """A tar of them."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=form) as tar:
        for info, content in members:
            tar.addfile(info, io.BytesIO(content))
    return stream.getvalue()


def said_by_tarfile(data: bytes) -> list[int]:
    """Where the headers of each member begin, and where its content does."""
    sizes, end = [], 0
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        for info in tar:
            sizes.append(info.offset_data - end)
            end = info.offset_data + padded(info.size)
    return sizes


@pytest.mark.parametrize(
    ("form", "members"),
    [(form, PLAIN) for form in FORMATS] + [("pax", WITH_RECORDS), ("pax", RECORDS_EVERYWHERE)],
    ids=["ustar", "gnu", "pax", "pax with records", "records everywhere"],
)
def test_headers_take_what_they_do(form: str, members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
    data = archive(FORMATS[form], members)

    assert header_sizes(changeset_of(data)) == said_by_tarfile(data)


def test_what_nobody_can_tell_apart_is_shared_out() -> None:
    """Records of a kind that no entry keeps: the sum is right."""
    odd = member("odd", type=tarfile.DIRTYPE, pax_headers={"LIBARCHIVE.creationtime": "1"})
    data = archive(tarfile.PAX_FORMAT, [odd, member("a"), member("b", b"b")])

    sizes = header_sizes(changeset_of(data))

    assert sum(sizes) == sum(said_by_tarfile(data)) == 5 * 512
