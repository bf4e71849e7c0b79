"""Sparse files as GNU tar writes them, in its four encodings."""

from __future__ import annotations

from collections.abc import Callable

from tests.oci.tar.raw import GNU, base256, header, octal, padded, pax

Map = list[tuple[int, int]]
Encoding = Callable[[bytes, Map, bytes, int], bytes]


def number(value: int) -> bytes:
    """Octal where it fits, base-256 else."""
    return octal(value) if value < 8**11 else base256(value)


def pairs(chunks: Map) -> list[bytes]:
    """Offsets and lengths as the old format holds them."""
    return [number(offset) + number(length) for offset, length in chunks]


def old_gnu(name: bytes, chunks: Map, data: bytes, size: int) -> bytes:
    """Type S: four pairs in the header, 21 in each extension block."""
    rest = pairs(chunks)
    fields: dict[str, bytes] = {f"at_{386 + 24 * i}": pair for i, pair in enumerate(rest[:4])}
    rest = rest[4:]
    fields |= {"at_482": b"\1" if rest else b"\0", "at_483": number(size)}
    blocks = header(name, b"S", len(data), magic=GNU, **fields)
    while rest:
        area, rest = b"".join(rest[:21]), rest[21:]
        blocks += (area.ljust(504, b"\0") + (b"\1" if rest else b"\0")).ljust(512, b"\0")
    return blocks + padded(data)


def pax_0_0(name: bytes, chunks: Map, data: bytes, size: int) -> bytes:
    """Offset and length in a record each, their keys repeated."""
    records = [(b"GNU.sparse.size", b"%d" % size), (b"GNU.sparse.numblocks", b"%d" % len(chunks))]
    for offset, length in chunks:
        records += [(b"GNU.sparse.offset", b"%d" % offset), (b"GNU.sparse.numbytes", b"%d" % length)]
    return pax(*records) + header(name, size=len(data)) + padded(data)


def pax_0_1(name: bytes, chunks: Map, data: bytes, size: int) -> bytes:
    """The whole map in one record, the name in another."""
    numbers = ",".join(f"{offset},{length}" for offset, length in chunks)
    records = [
        (b"GNU.sparse.size", b"%d" % size),
        (b"GNU.sparse.numblocks", b"%d" % len(chunks)),
        (b"GNU.sparse.name", name),
        (b"GNU.sparse.map", numbers.encode()),
    ]
    return pax(*records) + header(b"GNUSparseFile.1/x", size=len(data)) + padded(data)


def pax_1_0(name: bytes, chunks: Map, data: bytes, size: int) -> bytes:
    """The map at the head of the content, a number a line."""
    records = [
        (b"GNU.sparse.major", b"1"),
        (b"GNU.sparse.minor", b"0"),
        (b"GNU.sparse.name", name),
        (b"GNU.sparse.realsize", b"%d" % size),
    ]
    numbers = [len(chunks), *(number for pair in chunks for number in pair)]
    content = padded(b"".join(b"%d\n" % number for number in numbers)) + data
    return pax(*records) + header(b"GNUSparseFile.1/x", size=len(content)) + padded(content)


ENCODINGS: dict[str, Encoding] = {
    "old-gnu": old_gnu,
    "pax-0.0": pax_0_0,
    "pax-0.1": pax_0_1,
    "pax-1.0": pax_1_0,
}
