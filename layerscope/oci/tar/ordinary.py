"""The members that nearly all members of nearly all layers are, read without generality.

A plain header in one block, a plain name, no extension but times: this gives the same entries
as `TarReader.next_member` and the scanner do, at a third of the cost. At the first member that is
different in any way it leaves off, before it.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from zlib import adler32

from xxhash import xxh3_128_digest

from layerscope.model.entry import Entry, Kind
from layerscope.model.paths import normalise
from layerscope.oci.stream import EMPTY_HASH, BlockStream
from layerscope.oci.tar.header import FIELDS, POSIX, expected_sum, expected_sums, owners
from layerscope.oci.tar.probed import Probed

_FILE, _WHITEOUT = Kind.FILE, Kind.WHITEOUT
_SYMLINK = Kind.SYMLINK
_kind_of = {b"0": _FILE, b"5": Kind.DIRECTORY, b"2": _SYMLINK}.get
_PAX_HEADER = ord("x")
_ODD_STARTS = "./"
"""Of a path that may not be normalised; the empty one is among them, as in any text."""

_Plain = tuple[str, Kind, int, int, tuple[int, int, int], str | None]
"""Name, kind, size, mtime in ns, owner (mode, uid, gid), link text."""

_Respelt = Callable[[str, str], str | None]
"""The spelling to keep of a name that is not written as its path."""

_unpack, _sum_of, _owner_of = FIELDS.unpack_from, expected_sums.get, owners.get

_PAX_FIELDS = struct.Struct("124x 11s B 12x 8s 356x").unpack_from
"""Of a PAX header: its size and that field's last byte, the checksum."""


_PAX_SIZES = {b"%011o" % size_bytes: size_bytes for size_bytes in range(20, 91)}.get
"""The size field of a PAX header that holds one to three times."""

_TIME_RECORDS = {
    f"{length} {key}time=".encode(): length for length in (20, *range(22, 31)) for key in "acm"
}.get
"""How a PAX record with a time of ten digits begins: its length."""

_MTIME, _NEWLINE = b"m\n"
_LAST_SECOND = b"8999999999"
"""Whatever a time is later than that needs care: its nanoseconds may not fit 64 bits."""


def _decode(block: bytes, position: int) -> _Plain | None:
    """A header in which nothing is unusual, None for any other."""
    fields = _unpack(block, position)
    raw, owner, size, size_end, mtime, mtime_end, field, typeflag, magic, prefix = fields
    owner, kind = _owner_of(owner), _kind_of(typeflag)
    total = adler32(block[position : position + 512]) & 0xFFFF
    if kind is None or owner is None or total != (_sum_of(field) or expected_sum(field)):
        return None
    # Eleven digits and a blank or a NUL: what all writers of today write.
    if (size_end | mtime_end) & 0xDF or not (size.isdigit() and mtime.isdigit()):
        return None
    if prefix != b"\0":
        if magic != POSIX or block[position + 508]:
            return None
        raw = block[position + 345 : position + 500].partition(b"\0")[0] + b"/" + raw
    raw = raw.partition(b"\0")[0]
    if not raw.isascii():
        return None
    link_target = None
    if kind is _SYMLINK:
        link = block[position + 157 : position + 257].partition(b"\0")[0]
        link_target = link.decode("utf-8", "surrogateescape")
    try:
        mtime_ns = int(mtime, 8) * 1_000_000_000
        return raw.decode(), kind, int(size, 8), mtime_ns, owner, link_target
    except ValueError:
        return None


def _times(block: bytes, position: int) -> tuple[int, int | None]:
    """Where the member of a PAX header of nothing but times begins, and its mtime in ns if that is one.

    Nowhere (-1) where anything is unusual.
    """
    size, size_end, field = _PAX_FIELDS(block, position)
    total = adler32(block[position : position + 512]) & 0xFFFF
    size_bytes = _PAX_SIZES(size)
    if size_bytes is None or size_end & 0xDF or total != (_sum_of(field) or expected_sum(field)):
        return -1, None
    position += 512
    following = position + 512
    end = position + size_bytes
    if end > len(block):
        return -1, None
    mtime_ns = None
    while position < end:
        begins = block[position : position + 9]
        position += _TIME_RECORDS(begins, size_bytes + 1)
        if position > end or block[position - 1] != _NEWLINE:
            return -1, None
        if begins[3] == _MTIME:
            mtime_ns = _nanoseconds(block[position - int(begins[:2]) + 9 : position - 1])
            if mtime_ns is None:
                return -1, None
    return following, mtime_ns


def _nanoseconds(time: bytes) -> int | None:
    """A time of ten digits and perhaps a fraction; None where anything is unusual."""
    seconds, point, fraction = time[:10], time[10:11], time[11:]
    if not seconds.isdigit() or seconds > _LAST_SECOND:
        return None
    if point and (point != b"." or not fraction.isdigit()):
        return None
    return int(seconds) * 1_000_000_000 + int(fraction.ljust(9, b"0"))


def add_ordinary(stream: BlockStream, entries: list[Entry], probed: Probed, respelt: _Respelt) -> int:
    """Append entries while members are ordinary and none is to be ``probed``; gives the content bytes."""
    block, view, base, position = stream.window()
    last = len(block) - 512
    starts, named = probed.starts, probed.named if probed.names_any else None
    content_bytes, longest = 0, probed.longest_start
    while position <= last:
        start, told_ns = position, None
        if block[position + 156] == _PAX_HEADER:
            start, told_ns = _times(block, position)
        plain = _decode(block, start) if 0 <= start <= last else None
        if plain is None:
            break
        name, kind, size_bytes, mtime_ns, (mode, uid, gid), link_target = plain
        start += 512
        path = _path(name, kind)
        if path is None and kind is _FILE and not size_bytes:
            kind, path = _WHITEOUT, _hidden_by(name)
        is_file = kind is _FILE
        if path is None or (size_bytes and not is_file) or (named is not None and is_file and named(path)):
            break
        if longest and (start + longest > last + 512 or block.startswith(starts, start)):
            break
        content_bytes += size_bytes
        offset = base + start if is_file else 0
        position = start + (size_bytes + 511 & -512)
        if position <= last + 512:
            content_hash = _content_hash(view, kind, start, size_bytes)
        else:
            content_hash = _hash_across_blocks(stream, start, size_bytes)
            block, view, base, position = stream.window()
            last = len(block) - 512
        entries.append(
            Entry(
                path=path,
                kind=kind,
                size_bytes=size_bytes,
                stored_bytes=size_bytes,
                mode=mode,
                uid=uid,
                gid=gid,
                mtime_ns=mtime_ns if told_ns is None else told_ns,
                link_target=link_target,
                content_hash=content_hash,
                offset=offset,
                spelling=None if path == name else name if kind is _WHITEOUT else respelt(name, path),
            )
        )
    stream.move_to(position)
    return content_bytes


def _path(name: str, kind: Kind) -> str | None:
    """The path that a name means, None where it may be a marker."""
    path = name[:-1] if kind is not _FILE and name[-1:] == "/" else name
    if path[:1] in _ODD_STARTS or "/." in path or "//" in path or path[-1] == "/":
        return None if ".wh." in name else normalise(name)
    return path


def _hidden_by(name: str) -> str | None:
    """The path that a whiteout of an ordinary name hides, None where the name is anything else."""
    parent, slash, last = name.rpartition("/")
    hidden = last[4:]
    if last[:4] != ".wh." or not hidden or ".wh." in hidden or ".wh." in parent:
        return None
    path = parent + slash + hidden
    plain = path[:1] not in _ODD_STARTS and "/." not in path and "//" not in path
    return path if plain or path == normalise(path) else None


def _content_hash(view: memoryview, kind: Kind, start: int, size_bytes: int) -> bytes | None:
    if size_bytes:
        return xxh3_128_digest(view[start : start + size_bytes])
    return EMPTY_HASH if kind is _FILE else None


def _hash_across_blocks(stream: BlockStream, start: int, size_bytes: int) -> bytes:
    stream.move_to(start)
    return stream.content_hash(size_bytes)
