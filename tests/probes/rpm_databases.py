"""rpm's databases made by hand, where no tool makes them."""

from __future__ import annotations

import sqlite3
import struct
import zlib
from collections.abc import Sequence

INT32, TEXT, TEXTS, CHARS = 4, 6, 8, 2
Field = tuple[int, int, int, bytes]


def header(
    name: str,
    *paths: str,
    version: str = "1",
    release: str = "2",
    epoch: int | None = None,
    states: Sequence[int] = (),
    flags: Sequence[int] = (),
) -> bytes:
    """The header of a package with these files."""
    folders = sorted({path.rpartition("/")[0] + "/" for path in paths})
    fields = [
        text(1000, name),
        text(1001, version),
        text(1002, release),
        text(1022, "noarch"),
        numbers(1116, *(folders.index(path.rpartition("/")[0] + "/") for path in paths)),
        texts(1117, *(path.rpartition("/")[2] for path in paths)),
        texts(1118, *folders),
    ]
    if epoch is not None:
        fields.append(numbers(1003, epoch))
    if states:
        fields.append((1029, CHARS, len(states), bytes(states)))
    if flags:
        fields.append(numbers(1037, *flags))
    return joined(fields)


def text(tag: int, value: str) -> Field:
    return tag, TEXT, 1, value.encode() + b"\0"


def texts(tag: int, *values: str) -> Field:
    return tag, TEXTS, len(values), b"".join(value.encode() + b"\0" for value in values)


def numbers(tag: int, *values: int) -> Field:
    return tag, INT32, len(values), struct.pack(f">{len(values)}I", *values)


def joined(fields: Sequence[Field]) -> bytes:
    """Fields as a header."""
    index = data = b""
    for tag, kind, count, value in fields:
        index += struct.pack(">IIII", tag, kind, len(data), count)
        data += value
    return struct.pack(">II", len(fields), len(data)) + index + data


def in_sqlite(*headers: bytes, before: str = "") -> bytes:
    """A database as rpm has them since 4.16."""
    connection = sqlite3.connect(":memory:")
    connection.executescript(before or "CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob BLOB NOT NULL)")
    if not before:
        connection.executemany("INSERT INTO Packages VALUES (?, ?)", list(enumerate(headers)))
    connection.commit()
    data = connection.serialize()
    connection.close()
    return data


def in_ndb(*headers: bytes) -> bytes:
    """A database as SUSE's rpm has them (rpm, lib/backend/ndb/rpmpkg.c): slots, then blobs."""
    slots = [b"RpmP" + struct.pack("<IIIIIII", 0, 1, 1, len(headers) + 1, 0, 0, 0)]
    blobs = b""
    for number, one in enumerate(headers, 1):
        start = 4096 + len(blobs)
        blob = struct.pack("<4sIII", b"BlbS", number, 1, len(one)) + one
        blob += bytes(-(len(blob) + 12) % 16)
        blob += struct.pack("<II4s", zlib.adler32(blob), len(one), b"BlbE")
        slots.append(struct.pack("<4sIII", b"Slot", number, start >> 4, len(blob) >> 4))
        blobs += blob
    free = struct.pack("<4sIII", b"Slot", 0, 0, 0)
    first = b"".join(slots)
    return first + free * ((4096 - len(first)) // 16) + blobs


def in_bdb(*headers: bytes, page_bytes: int = 4096, order: str = "<") -> bytes:
    """A hash of Berkeley DB with every value on pages of its own (db_page.h)."""
    meta = struct.pack(order + "8xIIII4x", 0, 0x61561, 9, page_bytes).ljust(page_bytes, b"\0")
    pages = [bytearray(meta), bytearray(page_bytes)]
    entries = []
    for number, one in enumerate(headers):
        room = page_bytes - 26
        parts = [one[at : at + room] for at in range(0, len(one), room)]
        entries += [
            b"\x01" + struct.pack(order + "I", number),
            struct.pack(order + "B3xII", 3, len(pages), len(one)),
        ]
        for place, part in enumerate(parts):
            following = 0 if place == len(parts) - 1 else len(pages) + 1
            head = struct.pack(order + "8xIIIHHBB", len(pages), 0, following, 1, len(part), 0, 7)
            pages.append(bytearray((head + part).ljust(page_bytes, b"\0")))
    place = page_bytes
    page = pages[1]
    struct.pack_into(order + "8xIIIHHBB", page, 0, 1, 0, 0, len(entries), 0, 0, 13)
    for number, entry in enumerate(entries):
        place -= len(entry)
        page[place : place + len(entry)] = entry
        struct.pack_into(order + "H", page, 26 + 2 * number, place)
    return b"".join(pages)
