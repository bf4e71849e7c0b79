"""A stream of bytes that can be taken, hashed and skipped, a little or a lot at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Protocol

import xxhash

from layerscope.errors import ImageError

TAR_BLOCK_BYTES = 512
"""Tar pads headers and contents to this size."""

EMPTY_HASH = xxhash.xxh3_128_digest(b"")


class ByteStream(Protocol):
    """What a tar reader needs of its input."""

    @property
    def offset(self) -> int:
        """How many bytes have been consumed."""

    def take(self, count: int) -> bytes:
        """The next ``count`` bytes, fewer only at the end of the stream."""

    def skip(self, count: int) -> None:
        """Pass over ``count`` bytes; raises ImageError where the stream ends before."""


def truncated(offset: int) -> ImageError:
    """The error for a stream that ends in the middle of something."""
    return ImageError(f"truncated: the data end at byte {offset}, in the middle of a tar entry")


class BlockStream:
    """A ByteStream over blocks as they come out of a file or a decompressor; nothing is kept."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._block = b""
        self._view = memoryview(b"")
        self._position = 0
        self._end = 0
        self._before = 0

    @property
    def offset(self) -> int:
        """How many bytes have been consumed."""
        return self._before + self._position

    def _next_block(self) -> bool:
        """Move on to the next block that is not empty; False at the end of the stream."""
        self._before += self._end
        self._position = self._end = 0
        self._block = next(filter(None, self._blocks), b"")
        self._view = memoryview(self._block)
        self._end = len(self._block)
        return self._end > 0

    def window(self) -> tuple[bytes, memoryview, int, int]:
        """The current block, a view of it, where it begins in the stream, and the place in it."""
        return self._block, self._view, self._before, self._position

    def move_to(self, position: int) -> None:
        """Go on from another place in the current block."""
        self._position = position

    def take(self, count: int) -> bytes:
        """The next ``count`` bytes, fewer only at the end of the stream."""
        start = self._position
        stop = start + count
        if stop <= self._end:
            self._position = stop
            return self._block[start:stop]
        parts = [self._block[start:]]
        missing = stop - self._end
        while missing > 0 and self._next_block():
            part = self._block[:missing]
            self._position = len(part)
            missing -= len(part)
            parts.append(part)
        if missing > 0:
            self._position = self._end
        return b"".join(parts)

    def pieces(self, count: int) -> Iterator[memoryview]:
        """The next ``count`` bytes as they lie; raises ImageError where the stream ends before."""
        while count > 0:
            start = self._position
            if start == self._end:
                if not self._next_block():
                    raise truncated(self.offset)
                start = 0
            stop = min(start + count, self._end)
            self._position = stop
            count -= stop - start
            yield self._view[start:stop]

    def skip(self, count: int) -> None:
        """Pass over ``count`` bytes; raises ImageError where the stream ends before."""
        if self._position + count <= self._end:
            self._position += count
            return
        for _ in self.pieces(count):
            pass

    def skip_padding(self, count: int) -> None:
        """Pass over what pads a content of ``count`` bytes; the very end may lack it."""
        self.take(-count % TAR_BLOCK_BYTES)

    def content_hash(self, count: int) -> bytes:
        """The 128-bit hash of the next ``count`` bytes; goes past them and their padding."""
        start = self._position
        stop = start + count
        padded = stop + (-count & 511)
        if padded <= self._end:
            self._position = padded
            return xxhash.xxh3_128_digest(self._view[start:stop]) if count else EMPTY_HASH
        hasher = xxhash.xxh3_128()
        for piece in self.pieces(count):
            hasher.update(piece)
        self.skip_padding(count)
        return hasher.digest()

    def peek(self, count: int) -> bytes:
        """The next ``count`` bytes without going past them; fewer at the end."""
        taken = self.take(count)
        if self._position >= len(taken):
            self._position -= len(taken)
            return taken
        # The bytes lie in two blocks: put them in front of what is left of the second one.
        rest = self._block[self._position :]
        self._before += self._position - len(taken)
        self._block = taken + rest
        self._view = memoryview(self._block)
        self._position, self._end = 0, len(self._block)
        return taken

    def rest(self) -> Iterator[bytes]:
        """All that is left, block by block."""
        yield self._block[self._position :]
        self._position = self._end
        while self._next_block():
            yield self._block
            self._position = self._end


class SeekableStream:
    """A ByteStream over a file that can seek, for archives whose contents are read later."""

    def __init__(self, file: BinaryIO, size_bytes: int) -> None:
        self._file = file
        self._size_bytes = size_bytes
        self.offset = 0

    def take(self, count: int) -> bytes:
        """The next ``count`` bytes, fewer only at the end of the file."""
        self._file.seek(self.offset)
        taken = self._file.read(max(0, min(count, self._size_bytes - self.offset)))
        self.offset += len(taken)
        return taken

    def skip(self, count: int) -> None:
        """Pass over ``count`` bytes; raises ImageError where the file ends before."""
        if count > self._size_bytes - self.offset:
            raise truncated(self._size_bytes)
        self.offset += count
