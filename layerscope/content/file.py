"""One file's content: read in order and checked at its end, or in windows."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator

import xxhash

from layerscope.content.sparse_map import sparse_file
from layerscope.errors import ImageError
from layerscope.model.changeset import Changeset
from layerscope.model.entry import Entry
from layerscope.model.names import shown

WINDOW_BYTES = 1 << 20
"""How much of a content is in memory at a time."""

ReadAt = Callable[[int, int], bytes]


class FileContent:
    """The bytes of a file, holes included; a `layerscope.extensions.Stored`.

    ``size_bytes`` is its logical size. What was read in order to the end, by `read` or by
    `pieces`, is held against the hash made when the layer was scanned: ImageError where it differs.
    """

    def __init__(self, entry: Entry, changeset: Changeset, read_at: ReadAt) -> None:
        self.size_bytes = entry.size_bytes
        self._entry = entry
        self._changeset = changeset
        self._read_layer: ReadAt = read_at
        self._position = 0
        self._hasher = xxhash.xxh3_128()
        self._chunks: tuple[tuple[int, int], ...] = ((0, entry.size_bytes),)
        if entry.size_bytes != entry.stored_bytes:
            sparse = sparse_file(entry, changeset, read_at)
            if sparse is None:
                raise ImageError(f"/{shown(entry.path)}: the layer has no map of this sparse file")
            self._chunks = sparse.chunks
            self._hasher.update(repr((sparse.size_bytes, sparse.chunks)).encode())
        self._starts = [offset for offset, _ in self._chunks]
        self._stored: list[int] = []
        stored = 0
        for _, length in self._chunks:
            self._stored.append(stored)
            stored += length

    def read(self, count: int = -1, /) -> bytes:
        """The next bytes, none only at the end; raises ImageError."""
        end = self.size_bytes if count < 0 else min(self._position + count, self.size_bytes)
        parts: list[bytes] = []
        for length, data in self._parts(self._position, end):
            if data is not None:
                self._hasher.update(data)
            parts.append(bytes(length) if data is None else data)
        self._advance(end)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def pieces(self) -> Iterator[tuple[int, bytes]]:
        """All data that are stored, each with its place in the file; holes are left out."""
        assert self._position == 0, "something has been read already"
        place = 0
        for length, data in self._parts(0, self.size_bytes):
            if data is not None:
                self._hasher.update(data)
                yield place, data
            place += length
        self._advance(self.size_bytes)

    def read_at(self, offset: int, count: int) -> bytes:
        """Bytes from anywhere, fewer only at the end; changes nothing for `read`."""
        end = min(offset + count, self.size_bytes)
        return b"".join(bytes(length) if data is None else data for length, data in self._parts(offset, end))

    def close(self) -> None:
        """Nothing of its own is open."""

    def _parts(self, offset: int, end: int) -> Iterator[tuple[int, bytes | None]]:
        """Lengths and data of a range, at most a window each; None for data of a hole."""
        number = max(0, bisect_right(self._starts, offset) - 1)
        while offset < end:
            start, length = self._chunks[number] if number < len(self._chunks) else (self.size_bytes, 0)
            if offset >= start + length and number < len(self._chunks):
                number += 1
                continue
            if offset < start:
                count = min(start, end, offset + WINDOW_BYTES) - offset
                yield count, None
            else:
                count = min(start + length, end, offset + WINDOW_BYTES) - offset
                yield count, self._data(self._stored[number] + offset - start, count)
            offset += count

    def _data(self, offset: int, count: int) -> bytes:
        data = self._read_layer(self._entry.offset + offset, count)
        if len(data) < count:
            raise ImageError(f"/{shown(self._entry.path)}: the layer ends in the middle of it")
        return data

    def _advance(self, position: int) -> None:
        """Go on to a place; at the end the content must be what was scanned."""
        self._position, before = position, self._position
        if position < self.size_bytes or before == position > 0 or self._entry.content_hash is None:
            return
        if self._hasher.digest() != self._entry.content_hash and not self._is_unbroken_sparse():
            raise ImageError(
                f"/{shown(self._entry.path)}: its content is not what it was when it was scanned"
            )

    def _is_unbroken_sparse(self) -> bool:
        """Whether it is stored as a sparse file, though without holes: then its hash is of the map too."""
        sparse = sparse_file(self._entry, self._changeset, self._read_layer)
        if sparse is None:
            return False
        hasher = xxhash.xxh3_128(repr((sparse.size_bytes, sparse.chunks)).encode())
        for _, data in self._parts(0, self.size_bytes):
            hasher.update(data or b"")
        return hasher.digest() == self._entry.content_hash
