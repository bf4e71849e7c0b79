"""The members that nearly all members of nearly all layers are, read without generality.

A plain header in one block, a plain name, no extension but times: this gives the same entries
as `TarReader.next_member` and the scanner do, at a third of the cost. At the first member that is
different in any way it leaves off, before it.
"""

from __future__ import annotations

from collections.abc import Callable
from zlib import adler32

from xxhash import xxh3_128_digest

from layerscope.model.entry import Entry, Kind
from layerscope.model.paths import normalise
from layerscope.oci.stream import EMPTY_HASH, BlockStream
from layerscope.oci.tar.header import FIELDS, POSIX, expected_sum, expected_sums, owners
from layerscope.oci.tar.probed import Probed

_FILE = Kind.FILE
_KINDS = {b"0": _FILE, b"5": Kind.DIRECTORY, b"2": Kind.SYMLINK, b"x": None}
_ODD_STARTS = ("", ".", "/")
_OTHER_TIMES = (b"atime", b"ctime")
_MAX_SECONDS = 9_000_000_000
"""Whatever a time is later than that needs care: its nanoseconds may not fit 64 bits."""

_Plain = tuple[str, Kind | None, int, int, tuple[int, int, int], str | None]
"""Name, kind (None for a PAX header), size, mtime in ns, owner (mode, uid, gid), link text."""

_Respelt = Callable[[str, str], str | None]

_unpack, _sum_of, _owner_of = FIELDS.unpack_from, expected_sums.get, owners.get


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


def _timed(block: bytes, start: int, size_bytes: int, last: int) -> tuple[_Plain, int] | None:
    """The member behind a PAX header that tells of times only, as most do, and where its content begins."""
    following = start + (size_bytes + 511 & -512)
    if following > last:
        return None
    mtime_ns: int | None = None
    *records, rest = block[start : start + size_bytes].split(b"\n")
    for record in records:
        length, _, assignment = record.partition(b" ")
        key, _, value = assignment.partition(b"=")
        seconds, _, fraction = value.partition(b".")
        if (
            not length.isdigit()
            or len(length) > 19
            or len(seconds) > 19
            or int(length) != len(record) + 1
            or not seconds.isdigit()
        ):
            return None
        if key == b"mtime" and (fraction.isdigit() or not fraction) and int(seconds) < _MAX_SECONDS:
            mtime_ns = int(seconds) * 1_000_000_000 + int(fraction[:9].ljust(9, b"0"))
        elif key not in _OTHER_TIMES:
            return None
    plain = None if rest else _decode(block, following)
    if plain is None or plain[1] is None:
        return None
    name, kind, content_bytes, own_mtime_ns, owner, link_target = plain
    mtime_ns = own_mtime_ns if mtime_ns is None else mtime_ns
    return (name, kind, content_bytes, mtime_ns, owner, link_target), following + 512


def _member(block: bytes, position: int, last: int) -> tuple[_Plain, int] | None:
    """The member at a place and where its content begins; None where anything is unusual."""
    plain = _decode(block, position)
    if plain is None or plain[1] is not None:
        return None if plain is None else (plain, position + 512)
    return _timed(block, position + 512, plain[2], last)


def add_ordinary(stream: BlockStream, entries: list[Entry], probed: Probed, respelt: _Respelt) -> int:
    """Append entries as long as the members are ordinary; gives the content bytes.

    Leaves off before a member that is to be ``probed``. ``respelt`` says which spelling to
    keep of a name that is not written as its path.
    """
    block, view, base, position = stream.window()
    last = len(block) - 512
    paths, tails, names, starts = probed.paths, probed.tails, probed.names, probed.starts
    content_bytes, longest = 0, probed.longest_start
    while position <= last and (found := _member(block, position, last)) is not None:
        (name, kind, size_bytes, mtime_ns, owner, link_target), start = found
        if kind is None or (size_bytes and kind is not _FILE):
            break
        path = _path(name, kind)
        if path is None or start + longest > last + 512 or block.startswith(starts, start):
            break
        if kind is _FILE and (
            path in paths or path[path.rfind(".") + 1 :] in tails or path[path.rfind("/") + 1 :] in names
        ):
            break
        content_bytes += size_bytes
        offset = base + start if kind is _FILE else 0
        following = start + (size_bytes + 511 & -512)
        if following <= last + 512:
            content_hash = _content_hash(view, kind, start, size_bytes)
        else:
            stream.move_to(start)
            content_hash = stream.content_hash(size_bytes)
            block, view, base, following = stream.window()
            last = len(block) - 512
        entries.append(
            Entry(
                path=path,
                kind=kind,
                size_bytes=size_bytes,
                stored_bytes=size_bytes,
                mode=owner[0],
                uid=owner[1],
                gid=owner[2],
                mtime_ns=mtime_ns,
                link_target=link_target,
                content_hash=content_hash,
                offset=offset,
                spelling=None if path == name else respelt(name, path),
            )
        )
        position = following
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
