"""The four encodings of sparse files: old GNU, and PAX 0.0, 0.1 and 1.0 (GNU tar manual, D.2)."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from layerscope.errors import ImageError, LimitExceeded
from layerscope.oci.stream import TAR_BLOCK_BYTES
from layerscope.oci.tar import pax
from layerscope.oci.tar.numbers import header_number

_MAX_CHUNKS = 1 << 20


class SparseFile(msgspec.Struct, frozen=True):
    """Where a sparse file has data: (offset, length) pairs, ascending, and its logical size.

    ``map_bytes`` is how much of the stored content was the map itself (format 1.0).
    """

    chunks: tuple[tuple[int, int], ...]
    size_bytes: int
    map_bytes: int = 0

    @property
    def data_bytes(self) -> int:
        """Bytes of data as stored."""
        return sum(length for _, length in self.chunks)


def _checked(numbers: list[int], size_bytes: int, map_bytes: int = 0) -> SparseFile:
    if len(numbers) % 2:
        raise ImageError("sparse map: an offset has no length")
    chunks: list[tuple[int, int]] = []
    end = 0
    for offset, length in zip(numbers[::2], numbers[1::2], strict=True):
        if length < 0 or offset < end or offset + length > size_bytes:
            raise ImageError(f"sparse map: {length} bytes at {offset} overlap or lie beyond the file's end")
        end = offset + length
        if length:
            chunks.append((offset, length))
    return SparseFile(tuple(chunks), size_bytes, map_bytes)


def old_gnu(header: bytes, take_block: Callable[[], bytes]) -> SparseFile:
    """The map of a header of type ``S`` and of the extension blocks that follow it."""
    numbers: list[int] = []
    area, more, where = header[386:482], header[482], 24
    try:
        size_bytes = header_number(header[483:495])
        while True:
            for start in range(0, len(area) - where + 1, where):
                pair = area[start : start + where]
                if not pair.strip(b"\0 "):
                    break
                numbers += [header_number(pair[:12]), header_number(pair[12:])]
            if not more:
                return _checked(numbers, size_bytes)
            if len(numbers) > 2 * _MAX_CHUNKS:
                raise LimitExceeded(f"sparse map: more than {_MAX_CHUNKS} chunks")
            block = take_block()
            area, more = block[:504], block[504]
    except ValueError as error:
        raise ImageError(f"sparse map: {error}") from None


def from_records(records: pax.Records, take_block: Callable[[], bytes]) -> SparseFile | None:
    """The map that PAX records tell of, None where they tell of none.

    For format 1.0 the map stands at the head of the content, which ``take_block`` reads.
    """
    if records.get(b"GNU.sparse.major") == b"1" and records.get(b"GNU.sparse.minor") == b"0":
        size_bytes = pax.integer(records, b"GNU.sparse.realsize")
        if size_bytes is None:
            raise ImageError("PAX header: a sparse file without GNU.sparse.realsize")
        return _leading_map(size_bytes, take_block)
    text = records.get(b"GNU.sparse.map")
    if text is None:
        return None
    size_bytes = pax.integer(records, b"GNU.sparse.size")
    if size_bytes is None:
        raise ImageError("PAX header: a sparse file without GNU.sparse.size")
    numbers = text.split(b",") if text else []
    if not all(number.isdigit() and len(number) < 20 for number in numbers):
        raise ImageError("sparse map: not a list of numbers")
    return _checked([int(number) for number in numbers], size_bytes)


def _leading_map(size_bytes: int, take_block: Callable[[], bytes]) -> SparseFile:
    """Format 1.0: the number of chunks, then offset and length of each, a line a number."""
    lines: list[int] = []
    wanted, rest, blocks = 1, b"", 0
    while len(lines) < wanted:
        block = take_block()
        blocks += 1
        *whole, rest = (rest + block).split(b"\n")
        for line in whole:
            if not line.isdigit() or len(line) > 20:
                if len(lines) == wanted:
                    break
                raise ImageError("sparse map: not a list of numbers")
            lines.append(int(line))
            if len(lines) == 1:
                if lines[0] > _MAX_CHUNKS:
                    raise LimitExceeded(f"sparse map: more than {_MAX_CHUNKS} chunks")
                wanted = 1 + 2 * lines[0]
        if len(rest) > 20 and len(lines) < wanted:
            raise ImageError("sparse map: not a list of numbers")
    return _checked(lines[1:wanted], size_bytes, blocks * TAR_BLOCK_BYTES)
