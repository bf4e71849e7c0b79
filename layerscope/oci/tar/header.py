"""One 512-byte tar header (POSIX ustar, GNU, star, v7)."""

from __future__ import annotations

import struct
from zlib import adler32

import msgspec

from layerscope.errors import ImageError
from layerscope.oci.tar.numbers import header_number
from layerscope.oci.tar.sparse import SparseFile

FIELDS = struct.Struct("100s 24s 11sx 11sx 8s c 100s 6s 82x c 166x")
"""Name, owner (mode, uid, gid), size, mtime, checksum, typeflag, link name, magic, first byte of the prefix."""

POSIX = b"ustar\0"
_STAR_TRAILER = b"tar\0"
_MODULUS = 65521
_SPACES = b" " * 8
_CACHE_LIMIT = 1 << 14

expected_sums: dict[bytes, int] = {}
"""Checksum field to what adler32's low half of such a header must be; filled as headers are seen."""

owners: dict[bytes, tuple[int, int, int]] = {}
"""The owner field to mode, uid and gid; few combinations recur in all headers."""


class Header(msgspec.Struct, gc=False):
    """One member of a tar, its extension headers applied.

    Names are the bytes as they stand. ``size_bytes`` is what the content takes in the archive,
    the map of a sparse file of format 1.0 already taken off. ``device`` is ``major:minor``.
    """

    name: bytes
    typeflag: bytes
    size_bytes: int
    mode: int
    uid: int
    gid: int
    mtime_ns: int
    link_name: bytes
    device: str | None = None
    xattrs: dict[str, bytes] | None = None
    sparse: SparseFile | None = None


def _expected_sum(field: bytes, header: bytes) -> int:
    """What adler32's low half must be for this header, from its checksum field.

    adler32's low half is 1 + the sum of all bytes, modulo 65521: the fastest sum of bytes that
    Python offers. Old tars summed signed bytes, so either sum is right.
    """
    try:
        stated = header_number(field)
    except ValueError:
        return -1
    others = header[:148] + _SPACES + header[156:]
    unsigned = sum(others)
    expected = (1 + unsigned - sum(_SPACES) + sum(field)) % _MODULUS
    if stated == unsigned:
        if len(expected_sums) >= _CACHE_LIMIT:
            expected_sums.clear()
        expected_sums[field] = expected
        return expected
    signed = unsigned - 256 * sum(1 for byte in others if byte > 127)
    return expected if stated == signed else -1


def _owner(field: bytes) -> tuple[int, int, int]:
    """Mode, uid and gid, kept for the next header that has the same."""
    try:
        values = (header_number(field[:8]) & 0o7777, header_number(field[8:16]), header_number(field[16:24]))
    except ValueError as error:
        raise ImageError(f"tar header: mode, uid or gid is {error}") from None
    if len(owners) >= _CACHE_LIMIT:
        owners.clear()
    owners[field] = values
    return values


def _number(field: bytes, what: str) -> int:
    try:
        return header_number(field)
    except ValueError as error:
        raise ImageError(f"tar header: {what} is {error}") from None


def parse_header(header: bytes) -> Header | None:
    """Decode a header, None where its checksum does not fit; raises ImageError on a bad number."""
    name, owner, size, mtime, field, typeflag, link, magic, prefix = FIELDS.unpack(header)
    total = adler32(header) & 0xFFFF
    if expected_sums.get(field) != total and _expected_sum(field, header) != total:
        return None
    mode, uid, gid = owners.get(owner) or _owner(owner)
    return Header(
        # Only POSIX's magic has a name prefix; GNU keeps times and its sparse map there.
        (_prefixed(header, name) if prefix != b"\0" and magic == POSIX else name).partition(b"\0")[0],
        typeflag,
        int(size, 8) if size.isdigit() else _number(header[124:136], "size"),
        mode,
        uid,
        gid,
        (int(mtime, 8) if mtime.isdigit() else _number(header[136:148], "mtime")) * 1_000_000_000,
        link.partition(b"\0")[0],
    )


def _prefixed(header: bytes, name: bytes) -> bytes:
    prefix = header[345:476] if header[508:512] == _STAR_TRAILER else header[345:500]
    return prefix.partition(b"\0")[0] + b"/" + name


def device_number(header: bytes) -> str:
    """``major:minor`` of a device's header."""
    return f"{_number(header[329:337], 'devmajor')}:{_number(header[337:345], 'devminor')}"
