"""Tars byte by byte: what Python's tarfile would never write."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable, Iterator

from layerscope.errors import LayerscopeError
from layerscope.model.entry import Entry, Kind
from layerscope.oci.tar.scanner import Scan, scan_tar

END = bytes(1024)
"""The two zero blocks that end a tar."""

USTAR = b"ustar\x0000"
GNU = b"ustar  \0"
V7 = bytes(8)


def octal(value: int, width: int = 12) -> bytes:
    """A number as tar writes it: octal digits, then a NUL."""
    return b"%0*o\0" % (width - 1, value)


def base256(value: int, width: int = 12) -> bytes:
    """A number as GNU tar writes large and negative ones: two's complement behind a marker bit."""
    number = value % (1 << (8 * width - 1))
    return (number | 1 << (8 * width - 1)).to_bytes(width, "big")


def unsigned_sum(header: bytes) -> int:
    """The sum of all bytes, the checksum field taken as blanks."""
    return sum(header[:148] + b" " * 8 + header[156:])


def signed_sum(header: bytes) -> int:
    """The sum that old tars made where a C ``char`` is signed."""
    return sum(byte - 256 if byte > 127 else byte for byte in header[:148] + b" " * 8 + header[156:])


def header(
    name: bytes,
    typeflag: bytes = b"0",
    size: int | bytes = 0,
    *,
    link: bytes = b"",
    magic: bytes = USTAR,
    **fields: int | bytes,
) -> bytes:
    """One header; a number is written in octal, bytes as they are.

    ``fields`` are mode, uid, gid, mtime, devmajor, devminor, prefix, and ``at_<offset>`` for
    whatever else.
    """
    block = bytearray(512)
    block[0 : len(name)] = name
    block[156:157] = typeflag
    block[157 : 157 + len(link)] = link
    block[257 : 257 + len(magic)] = magic
    places = {"mode": (100, 8), "uid": (108, 8), "gid": (116, 8), "size": (124, 12)}
    places |= {"mtime": (136, 12), "devmajor": (329, 8), "devminor": (337, 8), "prefix": (345, 155)}
    for key, value in {"mode": 0o644, "uid": 0, "gid": 0, "mtime": 0, "size": size, **fields}.items():
        offset, width = places.get(key) or (int(key.removeprefix("at_")), 12)
        written = octal(value, width) if isinstance(value, int) else value
        block[offset : offset + len(written)] = written
    assert len(block) == 512
    return summed(bytes(block), unsigned_sum(bytes(block)))


def summed(block: bytes, checksum: int) -> bytes:
    """The header with this checksum."""
    return block[:148] + b"%06o\0 " % checksum + block[156:]


def signed(block: bytes) -> bytes:
    """The header with the checksum of old tars."""
    return summed(block, signed_sum(block))


def padded(content: bytes) -> bytes:
    """A content filled up to whole blocks."""
    return content + bytes(-len(content) % 512)


def member(
    name: bytes,
    content: bytes = b"",
    typeflag: bytes = b"0",
    *,
    link: bytes = b"",
    magic: bytes = USTAR,
    **fields: int | bytes,
) -> bytes:
    """A header with the content behind it."""
    first = header(name, typeflag, len(content), link=link, magic=magic, **fields)
    return first + padded(content)


def record(key: bytes, value: bytes) -> bytes:
    """One PAX record; its length counts itself."""
    rest = b" " + key + b"=" + value + b"\n"
    length = len(rest)
    while len(b"%d" % length) + len(rest) != length:
        length = len(b"%d" % length) + len(rest)
    return b"%d" % length + rest


def pax(*records: tuple[bytes, bytes], typeflag: bytes = b"x") -> bytes:
    """A PAX extended header, global with the typeflag ``g``."""
    return member(b"PaxHeaders/x", b"".join(record(*pair) for pair in records), typeflag)


def long_name(name: bytes, typeflag: bytes = b"L") -> bytes:
    """GNU's long name, or with the typeflag ``K`` its long link name."""
    return member(b"././@LongLink", name + b"\0", typeflag, magic=GNU)


def in_blocks(tar: bytes, cuts: Iterable[int]) -> Iterator[bytes]:
    """The same bytes in blocks of these sizes, over and over."""
    sizes = [size for size in cuts if size > 0]
    position = number = 0
    while position < len(tar):
        size = sizes[number % len(sizes)]
        yield tar[position : position + size]
        position += size
        number += 1


def outcome(tar: bytes, cuts: Iterable[int]) -> Scan | str:
    """The scan of a tar that comes in blocks of these sizes, or what is wrong with it."""
    try:
        return scan_tar(in_blocks(tar, cuts))
    except LayerscopeError as error:
        return f"{type(error).__name__}: {error.message}"


def scan(tar: bytes) -> Scan:
    """The scan of a whole tar; it must be the same where single tar blocks come."""
    assert outcome(tar, [512]) == outcome(tar, [len(tar)])
    return scan_tar(iter([tar]))


def entries(tar: bytes) -> list[Entry]:
    """The entries of a whole tar."""
    return scan(tar).entries


def only(tar: bytes) -> Entry:
    """The one entry of a tar."""
    (entry,) = entries(tar)
    return entry


def paths(tar: bytes) -> list[str]:
    """The paths of a tar, in its order."""
    return [entry.path for entry in entries(tar)]


def kinds(tar: bytes) -> list[tuple[str, Kind]]:
    """Paths and kinds of a tar, in its order."""
    return [(entry.path, entry.kind) for entry in entries(tar)]


def codes(tar: bytes) -> list[str]:
    """The codes of the diagnostics."""
    return [remark.code for remark in scan(tar).diagnostics]


def written(members: Iterable[tuple[tarfile.TarInfo, bytes]], tar_format: int) -> bytes:
    """What Python's tarfile makes of members."""
    target = io.BytesIO()
    with tarfile.open(
        fileobj=target, mode="w", format=tar_format, encoding="utf-8", errors="surrogateescape"
    ) as tar:
        for info, content in members:
            tar.addfile(info, io.BytesIO(content))
    return target.getvalue()
