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

_FILE = Kind.FILE
_KINDS = {b"0": _FILE, b"5": Kind.DIRECTORY, b"2": Kind.SYMLINK}
_PAX_HEADER = ord("x")
_ODD_STARTS = ("", ".", "/")

_Plain = tuple[str, Kind, int, int, tuple[int, int, int], str | None]
"""Name, kind, size, mtime in ns, owner (mode, uid, gid), link text."""

_Respelt = Callable[[str, str], str | None]

_unpack, _sum_of, _owner_of = FIELDS.unpack_from, expected_sums.get, owners.get

_PAX_FIELDS = struct.Struct("124x 11s B 12x 8s 356x").unpack_from
"""Of a PAX header: its size and that field's last byte, the checksum."""


_TIME_RECORDS = {
    f"{length} {key}time=".encode(): length - 1 for length in (20, *range(22, 31)) for key in "acm"
}
"""How a PAX record with a time of ten digits begins: its length without the newline."""

_MTIME = ord("m")
_LAST_SECOND = b"8999999999"
"""Whatever a time is later than that needs care: its nanoseconds may not fit 64 bits."""


def _decode(block: bytes, position: int) -> _Plain | None:
    """A header in which nothing is unusual, None for any other."""
    fields = _unpack(block, position)
    raw, owner, size, size_end, mtime, mtime_end, field, typeflag, link, magic, prefix = fields
    owner = _owner_of(owner)
    total = adler32(block[position : position + 512]) & 0xFFFF
    if typeflag not in _KINDS or owner is None or total != (_sum_of(field) or expected_sum(field)):
        return None
    # Eleven digits and a blank or a NUL: what all writers of today write.
    if (size_end | mtime_end) & 0xDF or not (size.isdigit() and mtime.isdigit()):
        return None
    if prefix != b"\0":
        if magic != POSIX or block[position + 508]:
            return None
        raw = block[position + 345 : position + 500].rstrip(b"\0") + b"/" + raw
    raw = raw.rstrip(b"\0")
    if not raw.isascii() or b"\0" in raw:
        return None
    link_target = link.partition(b"\0")[0].decode("utf-8", "surrogateescape") if typeflag == b"2" else None
    try:
        mtime_ns = int(mtime, 8) * 1_000_000_000
        return raw.decode(), _KINDS[typeflag], int(size, 8), mtime_ns, owner, link_target
    except ValueError:
        return None


def _times(block: bytes, position: int) -> tuple[int | None, int] | None:
    """The mtime in ns, if any, that a PAX header of nothing but times tells of, and where its member begins.

    None where anything is unusual.
    """
    size, size_end, field = _PAX_FIELDS(block, position)
    total = adler32(block[position : position + 512]) & 0xFFFF
    if size_end & 0xDF or not size.isdigit() or total != (_sum_of(field) or expected_sum(field)):
        return None
    start = position + 512
    try:
        size_bytes = int(size, 8)
    except ValueError:  # an eight or a nine
        return None
    mtime_ns = None
    *records, rest = block[start : start + size_bytes].split(b"\n")
    for record in records:
        if _TIME_RECORDS.get(record[:9]) != len(record):
            return None
        if record[3] == _MTIME:
            seconds, point, fraction = record[9:19], record[19:20], record[20:]
            if (
                not seconds.isdigit()
                or seconds > _LAST_SECOND
                or (point and (point != b"." or not fraction.isdigit()))
            ):
                return None
            mtime_ns = int(seconds) * 1_000_000_000 + int(fraction.ljust(9, b"0"))
    if rest:
        return None
    return mtime_ns, start + (size_bytes + 511 & -512)


def _timed(block: bytes, position: int, last: int) -> tuple[_Plain | None, int]:
    """The member behind a PAX header and where its content begins; None where anything is unusual."""
    times = _times(block, position)
    if times is None or times[1] > last:
        return None, 0
    mtime_ns, following = times
    plain = _decode(block, following)
    if plain is None or mtime_ns is None:
        return plain, following + 512
    name, kind, size_bytes, _, owner, link_target = plain
    return (name, kind, size_bytes, mtime_ns, owner, link_target), following + 512


def add_ordinary(stream: BlockStream, entries: list[Entry], probed: Probed, respelt: _Respelt) -> int:
    """Append entries as long as the members are ordinary; gives the content bytes.

    Leaves off before a member that is to be ``probed``. ``respelt`` is the spelling to keep of an odd name.
    """
    block, view, base, position = stream.window()
    last = len(block) - 512
    starts, named = probed.starts, probed.named if probed.names_any else None
    content_bytes, longest = 0, probed.longest_start
    while position <= last:
        if block[position + 156] != _PAX_HEADER:
            plain, start = _decode(block, position), position + 512
        else:
            plain, start = _timed(block, position, last)
        if plain is None:
            break
        name, kind, size_bytes, mtime_ns, (mode, uid, gid), link_target = plain
        is_file = kind is _FILE
        path = _path(name, kind)
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
                mtime_ns=mtime_ns,
                link_target=link_target,
                content_hash=content_hash,
                offset=offset,
                spelling=None if path == name else respelt(name, path),
            )
        )
    stream.move_to(position)
    return content_bytes


def _path(name: str, kind: Kind) -> str | None:
    """The path that a name means, None where it may be a marker."""
    path = name[:-1] if kind is not _FILE and name[-1:] == "/" else name
    if path[:1] in _ODD_STARTS or "/." in path or "//" in path or path[-1] == "/":
        path = normalise(name)
        return None if ".wh." in path else path
    return path


def _content_hash(view: memoryview, kind: Kind, start: int, size_bytes: int) -> bytes | None:
    if size_bytes:
        return xxh3_128_digest(view[start : start + size_bytes])
    return EMPTY_HASH if kind is _FILE else None


def _hash_across_blocks(stream: BlockStream, start: int, size_bytes: int) -> bytes:
    stream.move_to(start)
    return stream.content_hash(size_bytes)
