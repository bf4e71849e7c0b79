"""Deflate that gives the same bytes on every machine.

The ``zlib`` module promises a stream that inflates, not one stream: zlib and its faster
replacements differ. Here is the small subset that the samples need: one block with the fixed
codes, each match being the last place where the same three bytes stood (RFC 1951, 3.2.6).
"""

import struct
import zlib
from typing import Final

_MAX_LENGTH: Final = 258
_MIN_LENGTH: Final = 3
_WINDOW: Final = 32_768
_END_OF_BLOCK: Final = 256


def _bases(first: int, alone: int, per_width: int, widths: int) -> list[tuple[int, int]]:
    """Return (least value, extra bits) of each code: some alone, then a few of each width."""
    bases = [(first + number, 0) for number in range(alone)]
    for extra in range(1, widths + 1):
        for _ in range(per_width):
            value, bits = bases[-1]
            bases.append((value + (1 << bits), extra))
    return bases


# RFC 1951, 3.2.5. The longest match has a code of its own.
_LENGTHS: Final = [*_bases(3, 8, 4, 5), (_MAX_LENGTH, 0)]
_DISTANCES: Final = _bases(1, 4, 2, 13)


def gzip_bytes(data: bytes) -> bytes:
    """Return a gzip member that holds the data, without a name and without a time."""
    trailer = struct.pack("<II", zlib.crc32(data), len(data))
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + _deflate(data) + trailer


def zlib_bytes(data: bytes) -> bytes:
    """Return a zlib stream that holds the data."""
    return b"\x78\x01" + _deflate(data) + struct.pack(">I", zlib.adler32(data))


def _deflate(data: bytes) -> bytes:
    # Final block, fixed codes: the bits 1, then 01 with the low bit first.
    bits = ["110"]
    last_seen: dict[bytes, int] = {}
    position = 0
    while position < len(data):
        found = last_seen.get(data[position : position + _MIN_LENGTH], -_WINDOW)
        length = _match_length(data, found, position) if position - found < _WINDOW else 0
        if length >= _MIN_LENGTH:
            bits += [_length(length), _distance(position - found)]
        else:
            length = 1
            bits.append(_symbol(data[position]))
        for passed in range(position, position + length):
            last_seen[data[passed : passed + _MIN_LENGTH]] = passed
        position += length
    bits.append(_symbol(_END_OF_BLOCK))
    stream = "".join(bits)
    stream += "0" * (-len(stream) % 8)
    # Deflate fills each byte from its low bit.
    return int(stream[::-1], 2).to_bytes(len(stream) // 8, "little")


def _match_length(data: bytes, earlier: int, position: int) -> int:
    limit = min(_MAX_LENGTH, len(data) - position)
    length = 0
    while length < limit and data[earlier + length] == data[position + length]:
        length += 1
    return length


def _length(length: int) -> str:
    code, extra = _code(_LENGTHS, length)
    return _symbol(_END_OF_BLOCK + 1 + code) + extra


def _distance(distance: int) -> str:
    code, extra = _code(_DISTANCES, distance)
    return f"{code:05b}{extra}"


def _code(bases: list[tuple[int, int]], value: int) -> tuple[int, str]:
    """Return the code that covers a value, and its extra bits, low bit first."""
    code = max(number for number, (least, _) in enumerate(bases) if least <= value)
    least, extra = bases[code]
    return code, f"{value - least:0{extra}b}"[::-1] if extra else ""


def _symbol(symbol: int) -> str:
    """Return the fixed code of a literal or length symbol, most significant bit first."""
    if symbol < 144:
        return f"{0x30 + symbol:08b}"
    if symbol < 256:
        return f"{0x190 + symbol - 144:09b}"
    if symbol < 280:
        return f"{symbol - 256:07b}"
    return f"{0xC0 + symbol - 280:08b}"
