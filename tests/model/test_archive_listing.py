"""Archives within an image, listed."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerscope.model import archive_listing
from layerscope.model.archive_listing import Listing, list_archive

MEMBERS = {"a/b.txt": 5, "c": 0, "d/e": 70_000}


def zipped() -> bytes:
    """The members as a zip archive."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, count in MEMBERS.items():
            archive.writestr(name, bytes(count))
    return target.getvalue()


def tarred() -> bytes:
    """The members as a tar archive."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for name, count in MEMBERS.items():
            info = tarfile.TarInfo(name)
            info.size = count
            archive.addfile(info, io.BytesIO(bytes(count)))
    return target.getvalue()


ZIP, TAR = zipped(), tarred()
TAR_GZ = gzip.compress(TAR, mtime=0)
KINDS = pytest.mark.parametrize("data", [ZIP, TAR, TAR_GZ], ids=["zip", "tar", "tar.gz"])


def listed(data: bytes, limit: int = 100) -> Listing | None:
    """List an archive that lies in memory."""
    return list_archive(lambda offset, count: data[offset : offset + count], len(data), limit)


@KINDS
def test_members_are_listed_with_their_sizes(data: bytes) -> None:
    listing = listed(data)

    assert listing is not None
    assert {member.path: member.size_bytes for member in listing.members} == MEMBERS
    assert not listing.more


@KINDS
def test_a_long_list_is_cut_and_says_so(data: bytes) -> None:
    listing = listed(data, limit=2)

    assert listing is not None
    assert (len(listing.members), listing.more) == (2, True)


@KINDS
@given(place=st.integers(0, 1 << 20), byte=st.integers(0, 255), cut=st.integers(4, 1 << 20))
def test_a_damaged_archive_raises_nothing(data: bytes, place: int, byte: int, cut: int) -> None:
    damaged = bytearray(data)
    damaged[place % min(len(data), 600)] = byte

    listing = listed(bytes(damaged[:cut]))

    assert listing is None or isinstance(listing, Listing)


def test_what_would_unpack_to_too_much_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last member alone is longer."""
    monkeypatch.setattr(archive_listing, "_MAX_UNPACKED_BYTES", 30_000)

    listing = listed(TAR_GZ + gzip.compress(TAR, mtime=0))

    assert listing is not None
    assert listing.more
    assert [member.path for member in listing.members][:2] == ["a/b.txt", "c"]
