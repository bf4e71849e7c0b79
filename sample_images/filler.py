"""Bytes, prose and code that look real and come out the same every time."""

import base64
import hashlib
import struct
import zlib
from collections.abc import Iterator
from typing import Final

from sample_images.stable_deflate import zlib_bytes

_VERBS: Final = "load save merge price ship refund count filter parse render notify index"
_NOUNS: Final = "order basket invoice product customer voucher parcel stock report address"
_PROSE: Final = """
the of a package files system library support for with this and provides tools that
configuration data programs used by your standard interface common small text documents
shared runtime service network format utilities version build based on programs reading
"""


def noise(seed: str, size_bytes: int) -> bytes:
    """Return bytes that do not compress: SHA-256 over the seed and a counter."""
    blocks = (hashlib.sha256(f"{seed}:{number}".encode()).digest() for number in range(size_bytes // 32 + 1))
    return b"".join(blocks)[:size_bytes]


def hexadecimal(seed: str, digits: int = 64) -> str:
    """Return digits for a place where a checksum or an id stands, but nobody checks it."""
    return noise(seed, digits).hex()[:digits]


def prose(seed: str, size_bytes: int) -> bytes:
    """Return sentences in lines of at most 76 characters, cut at a line's end."""
    lines: list[str] = []
    line: list[str] = []
    written = 0
    for word in _words(seed):
        if len(" ".join([*line, word])) > 76:
            lines.append(" ".join(line).capitalize())
            written += len(lines[-1]) + 1
            line = []
            if written >= size_bytes:
                return ("\n".join(lines) + "\n").encode()
        line.append(word)
    raise AssertionError("words never end")


def python_module(seed: str, size_bytes: int) -> bytes:
    """Return Python source that compiles, at least ``size_bytes`` long."""
    parts = [f'"""{seed}: {prose(seed, 1).decode().strip()}."""\n\nfrom __future__ import annotations\n']
    picks = noise(f"module {seed}", 4096)
    verbs, nouns = _VERBS.split(), _NOUNS.split()
    for number in range(len(picks) // 4):
        verb, noun = verbs[picks[4 * number] % 12], nouns[picks[4 * number + 1] % 10]
        limit = picks[4 * number + 2]
        parts.append(
            f"\n\ndef {verb}_{noun}_{number}({noun}: dict[str, object], limit: int = {limit})"
            f" -> list[object]:\n"
            f'    """{verb.capitalize()} one {noun}, {limit} rows at a time."""\n'
            f'    rows = [{noun}.get("{verb}_{picks[4 * number + 3]:02x}")]\n'
            f"    return [row for row in rows if row is not None][:limit]\n"
        )
        if sum(map(len, parts)) >= size_bytes:
            break
    return "".join(parts).encode()


def javascript(seed: str, size_bytes: int) -> bytes:
    """Return a minified-looking script."""
    parts = [f'/*! {seed} | MIT License */\n!function(t){{"use strict";']
    picks = noise(f"script {seed}", 8192)
    verbs, nouns = _VERBS.split(), _NOUNS.split()
    for number in range(len(picks) // 4):
        a, b, c, d = picks[4 * number : 4 * number + 4]
        verb, noun = verbs[a % 12], nouns[b % 10]
        parts.append(
            f"function {verb}{c:x}(e,n){{return e.{noun}&&e.{noun}[{d}]?n({c}):t.{verb}(e,{a + b})}}"
        )
        if sum(map(len, parts)) >= size_bytes:
            break
    return ("".join(parts) + "}(this);\n").encode()


def bytecode(source: bytes, mtime_s: int, seed: str) -> bytes:
    """Return what stands in ``__pycache__``: the header of Python 3.11 and opaque code."""
    header = b"\xa7\r\r\n" + struct.pack("<III", 0, mtime_s, len(source))
    return header + noise(f"pyc {seed}", len(source) // 2)


def png(seed: str, width: int, height: int) -> bytes:
    """Return a valid RGB picture of coloured noise, which no layer compression makes smaller."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + checksum

    pixels = noise(f"png {seed}", 3 * width * height)
    rows = (pixels[3 * width * row : 3 * width * (row + 1)] for row in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    image = zlib_bytes(b"".join(b"\0" + row for row in rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", image) + chunk(b"IEND", b"")


def record_hash(content: bytes) -> str:
    """Return a checksum as a wheel's RECORD spells it."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest())
    return "sha256=" + digest.decode().rstrip("=")


def _words(seed: str) -> Iterator[str]:
    words = _PROSE.split()
    block = 0
    while True:
        for pick in noise(f"prose {seed} {block}", 64):
            yield words[pick % len(words)]
        block += 1
