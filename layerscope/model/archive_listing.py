"""What is in a zip or tar archive that is itself a file of an image."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
import zlib
from itertools import islice
from typing import Literal

import msgspec

from layerscope.model.line_index import ReadAt

_MAX_READ_BYTES = 16 << 20
"""More is never read at once: a damaged header must not fill the memory."""

_MAX_UNPACKED_BYTES = 256 << 20
"""More is never unpacked of a compressed archive: what members come after that much is not looked for."""


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One path of an archive; ``size_bytes`` is unpacked."""

    path: str
    size_bytes: int


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """The members that could be read; ``more`` says that there are others, or that the rest is damaged."""

    members: tuple[Member, ...]
    more: bool


class _Window(io.RawIOBase):
    """A content as a file; raises ValueError where too much is wanted at once."""

    def __init__(self, read_at: ReadAt, size_bytes: int) -> None:
        self._read_at = read_at
        self._size_bytes = size_bytes
        self._position = 0

    def read(self, size: int = -1, /) -> bytes:
        left = max(0, self._size_bytes - self._position)
        count = left if size < 0 else min(size, left)
        if count > _MAX_READ_BYTES:
            raise ValueError("too much at once")
        data = self._read_at(self._position, count) if count else b""
        self._position += len(data)
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = (0, self._position, self._size_bytes)[whence]
        self._position = max(0, base + offset)
        return self._position

    def tell(self) -> int:
        return self._position

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True


class _Bounded(io.RawIOBase):
    """What is in a compressed content; raises ValueError where there is too much of it."""

    def __init__(self, window: _Window) -> None:
        self._unpacked = gzip.GzipFile(fileobj=window, mode="rb")
        self._left = _MAX_UNPACKED_BYTES

    def read(self, size: int = -1, /) -> bytes:
        data = self._unpacked.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise ValueError("too much")
        return data

    def close(self) -> None:
        self._unpacked.close()
        super().close()


def list_archive(read_at: ReadAt, size_bytes: int, limit: int = 5000) -> Listing | None:
    """The first members in the archive's order; None where it is no zip and no tar, or one in gzip."""
    window = _Window(read_at, size_bytes)
    magic = read_at(0, 4)[:2]
    if magic == b"PK":
        return _zip(window, limit)
    if magic == b"\x1f\x8b":
        with _Bounded(window) as unpacked:
            return _tar(unpacked, "r|", limit)
    return _tar(window, "r:", limit)


def _zip(window: _Window, limit: int) -> Listing | None:
    try:
        with zipfile.ZipFile(window) as archive:
            found = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError):
        return None
    members = tuple(Member(path=one.filename, size_bytes=one.file_size) for one in found[:limit])
    return Listing(members=members, more=len(found) > limit)


def _tar(file: io.RawIOBase, mode: Literal["r:", "r|"], limit: int) -> Listing | None:
    members: list[Member] = []
    try:
        with tarfile.open(fileobj=file, mode=mode, errors="surrogateescape") as archive:
            members += (Member(path=one.name, size_bytes=one.size) for one in islice(archive, limit))
            more = archive.next() is not None if len(members) == limit else False
    except (tarfile.TarError, ValueError, OSError, EOFError, zlib.error, RecursionError):
        return Listing(members=tuple(members), more=True) if members else None
    return Listing(members=tuple(members), more=more)
