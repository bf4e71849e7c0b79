"""A member's headers in the one form that says the same and nothing else."""

from __future__ import annotations

from layerscope.oci.tar import pax
from layerscope.oci.tar.header import Header
from layerscope.oci.write.tar_headers import (
    RawHeader,
    pax_header,
    put_name,
    put_split_name,
    rewritten,
    sum_up,
)

_OF_NO_FILE = frozenset(
    (
        *(b"path", b"linkpath", b"hdrcharset", b"comment", b"mtime", b"atime", b"ctime", b"uname", b"gname"),
        *(b"uid", b"gid", b"size", b"LIBARCHIVE.creationtime"),
        *(b"SCHILY.dev", b"SCHILY.ino", b"SCHILY.nlink", b"SCHILY.filetype"),
    )
)
"""Records that are written anew where there is no field for them, and those of the machine that packed it."""
_OF_THE_MACHINE = _OF_NO_FILE - {b"path", b"linkpath", b"size", b"uid", b"gid"}
_SCHILY, _LIBARCHIVE = b"SCHILY.xattr.", b"LIBARCHIVE.xattr."
_LINK = slice(157, 257)
_OWNERS = slice(265, 329)
_SECOND_NS = 1_000_000_000
_CONTENT_TYPES = frozenset((b"0", b"D"))
_PLAIN_FILES = frozenset((b"\0", b"7"))


def canonical(
    header: RawHeader, read: Header, name: bytes, link: bytes, mtime_ns: int, kind: bytes | None = None
) -> bytes:
    """Headers of POSIX's form for this name, link name and time, without owners' names.

    ``read`` is what a reader makes of ``header``, ``kind`` makes another type of it. There are records only
    for what has no room in a field, and for what nobody here knows, sorted. A sparse file keeps its form,
    since its map depends on it.
    """
    if read.sparse is not None:
        return _sparse(header, name, link, mtime_ns)
    records = {key: value for key, value in (header.shared | header.local).items() if value}
    twice = {key for key in records if key.startswith(_LIBARCHIVE) and _SCHILY + _plain(key) in records}
    records = {key: value for key, value in records.items() if key not in _OF_NO_FILE | twice}
    if kind is None:
        kind = b"0" if read.typeflag in _PLAIN_FILES else read.typeflag
    if kind == b"0" and name.endswith(b"/"):
        kind = b"5"
    block = bytearray(512)
    block[100:108] = b"%07o\0" % read.mode
    _number(block, slice(108, 116), b"uid", read.uid, header, records)
    _number(block, slice(116, 124), b"gid", read.gid, header, records)
    _number(
        block, slice(124, 136), b"size", read.size_bytes if kind in _CONTENT_TYPES else 0, header, records
    )
    _time(block, mtime_ns, records)
    block[156:157] = kind
    block[257:265] = b"ustar\x0000"
    if read.device is not None:
        block[329:345] = header.block[329:345]
    put_split_name(block, name, records)
    put_name(block, _LINK, b"linkpath", link, records)
    sum_up(block)
    return pax_header(dict(sorted(records.items()))) + bytes(block)


def _plain(key: bytes) -> bytes:
    return key.removeprefix(_LIBARCHIVE)


def _number(
    block: bytearray, field: slice, key: bytes, value: int, header: RawHeader, records: pax.Records
) -> None:
    """A number into its field, or into a record where the field has no room for it."""
    digits = field.stop - field.start - 1
    if 0 <= value < 8**digits:
        block[field] = b"%0*o\0" % (digits, value)
    elif value < 0:
        block[field] = header.block[field]  # only base-256 has these
    else:
        block[field] = b"%0*o\0" % (digits, 0)
        records[key] = b"%d" % value


def _time(block: bytearray, mtime_ns: int, records: pax.Records) -> None:
    seconds, fraction = divmod(abs(mtime_ns), _SECOND_NS)
    fits = mtime_ns >= 0 and seconds < 8**11
    block[136:148] = b"%011o\0" % (seconds if fits else 0)
    if fraction or not fits:
        text = f"{'-' if mtime_ns < 0 else ''}{seconds}" + f".{fraction:09d}".rstrip("0").rstrip(".")
        records[b"mtime"] = text.encode()


def _sparse(header: RawHeader, name: bytes, link: bytes, mtime_ns: int) -> bytes:
    """The headers as they were but for the names, the owners' names and the time."""
    records = {key: value for key, value in (header.shared | header.local).items() if value}
    records = {key: value for key, value in sorted(records.items()) if key not in _OF_THE_MACHINE}
    block = bytearray(header.block)
    _time(block, mtime_ns, records)
    block[_OWNERS] = bytes(_OWNERS.stop - _OWNERS.start)
    plain = RawHeader(
        raw=b"",
        local=records,
        shared={},
        long_name=None,
        long_link=None,
        block=bytes(block),
        rest=header.rest,
    )
    return rewritten(plain, name, link)
