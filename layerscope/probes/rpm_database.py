"""The headers of packages out of rpm's databases: SQLite, rpm's own ndb, and Berkeley DB before them.

All of them may be damaged or made to exhaust: whatever is read is counted, and no more of it than the
database is large.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from layerscope.probes.sqlite_in_memory import Unreadable, in_memory

Bytes = memoryview
_BDB_HASHES = {b"\x61\x15\x06\x00": "<", b"\x00\x06\x15\x61": ">"}


def headers(database: Bytes) -> Iterator[Bytes]:
    """The header of each package; raises Unreadable."""
    if bytes(database[:16]) == b"SQLite format 3\0":
        found = _sqlite(database)
    elif bytes(database[:4]) == b"RpmP":
        found = _ndb(database)
    elif len(database) >= 512 and bytes(database[12:16]) in _BDB_HASHES:
        found = _bdb(database)
    else:
        raise Unreadable("the database is of an unknown form")
    left = len(database)
    try:
        for header in found:
            left -= len(header)
            if left < 0:
                raise Unreadable("the database is damaged: packages overlap")
            yield header
    except struct.error:
        raise Unreadable("the database is damaged") from None


def _sqlite(database: Bytes) -> Iterator[Bytes]:
    """The blobs of the table Packages."""
    with in_memory(database, "Packages") as connection:
        for (blob,) in connection.execute("SELECT blob FROM Packages ORDER BY hnum"):
            if isinstance(blob, bytes):
                yield memoryview(blob)


def _ndb(database: Bytes) -> Iterator[Bytes]:
    """The blobs of the slots that are in use (rpm, lib/backend/ndb/rpmpkg.c)."""
    (pages,) = struct.unpack_from("<I", database, 12)
    for place in range(32, min(pages << 12, len(database) - 15), 16):
        magic, number, start, _ = struct.unpack_from("<4sIII", database, place)
        if magic != b"Slot":
            raise Unreadable("the database is damaged")
        if not number or not start:
            continue
        begins, same, _, length = struct.unpack_from("<4sIII", database, start << 4)
        if begins != b"BlbS" or same != number:
            raise Unreadable("the database is damaged")
        yield database[(start << 4) + 16 : (start << 4) + 16 + length]


def _bdb(database: Bytes) -> Iterator[Bytes]:
    """The values of a hash that lie on pages of their own, as those of packages do (db_page.h)."""
    order = _BDB_HASHES[bytes(database[12:16])]
    (page_bytes,) = struct.unpack_from(order + "I", database, 20)
    if database[24] or not 512 <= page_bytes <= 1 << 16:
        raise Unreadable("the database is encrypted or damaged")
    for start in range(page_bytes, len(database) - page_bytes + 1, page_bytes):
        if database[start + 25] not in (2, 13):  # a page of the hash, sorted or not
            continue
        (count,) = struct.unpack_from(order + "H", database, start + 20)
        for number in range(1, min(count, page_bytes // 2 - 13), 2):  # a key, then its value
            (at,) = struct.unpack_from(order + "H", database, start + 26 + 2 * number)
            kind, page, length = struct.unpack_from(order + "BxxxII", database, start + at)
            if kind == 3:
                yield _overflow(database, order, page_bytes, page, length)


def _overflow(database: Bytes, order: str, page_bytes: int, page: int, length: int) -> Bytes:
    """A value that fills pages, each of which names the next."""
    value = bytearray()
    while page and len(value) < length:
        start = page * page_bytes
        following, _, used = struct.unpack_from(order + "IHH", database, start + 16)
        part = database[start + 26 : start + (page_bytes if following else 26 + used)]
        if not part or len(value) > len(database):
            raise Unreadable("the database is damaged")
        value += part
        page = following
    return memoryview(value)[:length]
