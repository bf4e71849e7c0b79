"""What a part of a layer takes of its blob, estimated from the points noted while decompressing."""

from __future__ import annotations

from bisect import bisect_right

from layerscope.model.changeset import Changeset


class CompressedMap:
    """Uncompressed offsets of one layer to compressed ones, linear between two points."""

    def __init__(self, changeset: Changeset) -> None:
        self._plain = not changeset.points
        self._uncompressed = [
            0,
            *(point.uncompressed for point in changeset.points),
            changeset.tar_bytes,
        ]
        self._compressed = [
            0,
            *(point.compressed for point in changeset.points),
            changeset.compressed_bytes,
        ]

    def estimate(self, offset: int, size_bytes: int) -> float:
        """Compressed bytes that a range of the uncompressed layer takes."""
        if self._plain:
            return size_bytes
        return self._at(offset + size_bytes) - self._at(offset)

    def _at(self, offset: int) -> float:
        place = min(bisect_right(self._uncompressed, offset), len(self._uncompressed) - 1)
        low, high = self._uncompressed[place - 1], self._uncompressed[place]
        start, end = self._compressed[place - 1], self._compressed[place]
        return start + (end - start) * (offset - low) / (high - low) if high > low else end
