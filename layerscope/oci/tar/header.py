"""One 512-byte tar header (POSIX ustar, GNU, star, v7)."""

from __future__ import annotations

import struct
from zlib import adler32

import msgspec

from layerscope.errors import ImageError
from layerscope.oci.tar.numbers import clamped, header_number
from layerscope.oci.tar.sparse import SparseFile

FIELDS = struct.Struct("100s 24s 11s B 11s B 8s c 100x 6s 82x c 166x")
"""Name, owner (mode, uid, gid), size and its last byte, mtime and its last byte, checksum, type, magic,
the prefix's first byte."""

POSIX = b"ustar\0"
_STAR_TRAILER = b"tar\0"
_MODULUS = 65521
_CACHE_LIMIT = 1 << 14

expected_sums: dict[bytes, int] = {}
"""What `expected_sum` has found out."""

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


def expected_sum(field: bytes) -> int:
    """What adler32's low half is for a header with this checksum field; -1 where it is no number.

    adler32's low half is 1 + the sum of all bytes, modulo 65521: the fastest sum of bytes that
    Python offers. The checksum is the sum of all bytes with blanks for the field itself.
    """
    expected = expected_sums.get(field)
    if expected is None:
        digits = field[:6]
        try:
            # What nearly all writers write is read without ceremony.
            plain = field[6:] == b"\0 " and digits.isdigit()
            stated = int(digits, 8) if plain else header_number(field)
        except ValueError:
            expected = -1
        else:
            expected = (stated - 8 * 0x20 + (adler32(field) & 0xFFFF)) % _MODULUS
        if len(expected_sums) >= _CACHE_LIMIT:
            expected_sums.clear()
        expected_sums[field] = expected
    return expected


def _fits_signed(header: bytes) -> bool:
    """Whether the checksum fits as old tars computed it, who took bytes for signed."""
    try:
        stated = header_number(header[148:156])
    except ValueError:
        return False
    others = header[:148] + header[156:]
    return stated == sum(others) + 8 * 0x20 - 256 * sum(1 for byte in others if byte > 127)


def _owner(field: bytes) -> tuple[int, int, int]:
    """Mode, uid and gid, kept for the next header that has the same."""
    try:
        values = (
            header_number(field[:8]) & 0o7777,
            header_number(field[8:16]),
            header_number(field[16:24]),
        )
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
    name, owner, _, _, _, _, field, typeflag, magic, prefix = FIELDS.unpack(header)
    if adler32(header) & 0xFFFF != expected_sum(field) and not _fits_signed(header):
        return None
    mode, uid, gid = owners.get(owner) or _owner(owner)
    return Header(
        # Only POSIX's magic has a name prefix; GNU keeps times and its sparse map there.
        (_prefixed(header, name) if prefix != b"\0" and magic == POSIX else name).partition(b"\0")[0],
        typeflag,
        _number(header[124:136], "size"),
        mode,
        uid,
        gid,
        _nanoseconds(_number(header[136:148], "mtime")),
        header[157:257].partition(b"\0")[0],
    )


def _nanoseconds(seconds: int) -> int:
    return seconds * 1_000_000_000 if 0 <= seconds < 1 << 33 else clamped(seconds * 1_000_000_000)


def _prefixed(header: bytes, name: bytes) -> bytes:
    prefix = header[345:476] if header[508:512] == _STAR_TRAILER else header[345:500]
    return prefix.partition(b"\0")[0] + b"/" + name


def device_number(header: bytes) -> str:
    """``major:minor`` of a device's header."""
    return f"{_number(header[329:337], 'devmajor')}:{_number(header[337:345], 'devminor')}"
