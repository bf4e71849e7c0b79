"""Damage of all kinds, the same for the same seed."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from tests.oci.tar.raw import base256, unsigned_sum

Damage = Callable[[random.Random, bytearray], None]

SIZES = [
    b"77777777777\0",
    b"00000000000\0",
    b"00000000001\0",
    b"99999999999\0",
    b"            ",
    b"-0000000001\0",
    base256(1 << 40),
    base256(1 << 60),
    base256(-1),
    base256((1 << 63) - 1),
    b"\xff" * 12,
    b"\x80" + b"\xff" * 11,
]
TYPES = b"01234567xgLKSDVXMNAZ\0\xff"
NUMBERS = [b"0", b"-1", b"1e999", b"9" * 25, b"9" * 5000, b"null", b"{}", b"[]", b'"x"', b"true", b"1.5"]
OWNERS = [b"\xff" * 8, b"9999999\0", bytes(8), base256(1 << 50, 8), b"       \0"]
FIELDS = ((100, OWNERS), (108, OWNERS), (116, OWNERS), (124, SIZES), (136, SIZES), (386, SIZES), (483, SIZES))


def place(rng: random.Random, data: bytearray) -> int:
    """Somewhere in the data."""
    return rng.randrange(len(data) or 1)


def flip(rng: random.Random, data: bytearray) -> None:
    """Another byte, up to eight times."""
    for _ in range(rng.randint(1, 8)):
        if data:
            data[place(rng, data)] ^= 1 << rng.randrange(8)


def cut(rng: random.Random, data: bytearray) -> None:
    """An end too early."""
    del data[place(rng, data) :]


def drop(rng: random.Random, data: bytearray) -> None:
    """A piece out of the middle, often of whole tar blocks."""
    start = place(rng, data)
    if rng.random() < 0.7:
        start -= start % 512
    del data[start : start + rng.choice([1, 100, 512, 1024, 5000])]


def insert(rng: random.Random, data: bytearray) -> None:
    """Zeros or noise in the middle."""
    start = place(rng, data)
    length = rng.choice([1, 100, 512, 1024])
    data[start:start] = rng.randbytes(length) if rng.random() < 0.5 else bytes(length)


def double(rng: random.Random, data: bytearray) -> None:
    """A piece a second time, somewhere else."""
    start, target = place(rng, data), place(rng, data)
    start, target = start - start % 512, target - target % 512
    data[target:target] = data[start : start + rng.choice([512, 1024, 1536, 5120])]


def retell(rng: random.Random, data: bytearray) -> None:
    """A field of a tar header says something else, and the checksum is right."""
    starts = [
        start for start in range(0, len(data) - 511, 512) if data[start + 257 : start + 262] == b"ustar"
    ]
    for _ in range(rng.randint(1, 3)):
        if not starts:
            return
        start = rng.choice(starts)
        head = data[start : start + 512]
        if rng.random() < 0.4:
            head[156] = rng.choice(TYPES)
        elif rng.random() < 0.2:
            name = rng.choice(
                [b"../x", b"/", b"", b".", b"a//", b".wh.", b"d/.wh..wh..opq", b"\xff\0z", b"a/" * 49]
            )
            head[0:100] = name.ljust(100, b"\0")
        else:
            offset, values = rng.choice(FIELDS)
            value = rng.choice(values)
            head[offset : offset + len(value)] = value
        head[148:156] = b"%06o\0 " % unsigned_sum(bytes(head))
        data[start : start + 512] = head


def misquote(rng: random.Random, data: bytearray) -> None:
    """Another value in a JSON document, of the same length where that is possible."""
    found = list(re.finditer(rb'(?<=: )("[^"]*"|[0-9]+|\[|true|null)', bytes(data)))
    for match in rng.sample(found, min(len(found), rng.randint(1, 3))):
        value = rng.choice(NUMBERS)
        length = match.end() - match.start()
        if len(value) <= length:
            data[match.start() : match.end()] = value.ljust(length)


ALL: tuple[Damage, ...] = (flip, cut, drop, insert, double, retell, retell, retell, misquote, misquote)


def damaged(rng: random.Random, data: bytes) -> bytes:
    """The data after one to four kinds of damage."""
    copy = bytearray(data)
    for damage in rng.choices(ALL, k=rng.choice([1, 1, 1, 2, 3, 4])):
        damage(rng, copy)
    return bytes(copy)
