"""Parts of a file that passes once: its beginning, and what that says is worth keeping."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable

Range = tuple[int, int]
"""Where a part begins and where it ends."""

_MOST_HOLES_BYTES = 1 << 20
"""Zero bytes that are not stored cost nothing to send, so no more of them are written out."""


class KeptRanges:
    """Keeps the first ``head_bytes`` and the ranges that ``plan(head, size)`` names when these are there.

    Ranges may overlap; those that come first in the plan go first where all of them take more than
    ``limit_bytes``. `read_at` gives what was kept, nothing where it was not.
    """

    def __init__(
        self,
        size_bytes: int,
        head_bytes: int,
        limit_bytes: int,
        plan: Callable[[bytes, int], Iterable[Range]],
    ) -> None:
        self._size_bytes = size_bytes
        self._head_bytes = head_bytes
        self._limit_bytes = limit_bytes
        self._plan = plan
        self._head = bytearray()
        self._at = 0
        self._holes_bytes = 0
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._kept: list[bytearray] = []

    def feed(self, piece: memoryview) -> None:
        """Take the next bytes."""
        begin, self._at = self._at, self._at + len(piece)
        if not self._kept:
            self._head += piece[: self._head_bytes - len(self._head)]
            if len(self._head) < self._head_bytes:
                return
            self.settle()
        for start, end, kept in zip(self._starts, self._ends, self._kept, strict=True):
            place = start + len(kept)
            if place < end and place < self._at:
                kept.extend(piece[max(0, place - begin) : end - begin])

    def feed_hole(self, length: int) -> None:
        """Take zero bytes that are not stored; where there are too many, a range ends before them."""
        missing = self._head_bytes - len(self._head)
        if not self._kept and missing > 0:
            zeros = min(missing, length)
            self.feed(memoryview(bytes(zeros)))
            length -= zeros
        self._at += length
        for number, kept in enumerate(self._kept):
            place = self._starts[number] + len(kept)
            zeros = min(self._ends[number], self._at) - place
            if zeros <= 0:
                continue
            self._holes_bytes += zeros
            if self._holes_bytes > _MOST_HOLES_BYTES:
                self._ends[number] = place
            else:
                kept.extend(bytes(zeros))

    def settle(self) -> None:
        """The beginning is all there: decide what else to keep."""
        if self._kept:
            return
        head = bytes(self._head)
        left = self._limit_bytes
        chosen: list[Range] = [(0, max(len(head), 1))]
        for start, end in self._plan(head, self._size_bytes):
            last = min(end, start + left)
            if 0 <= start < last:
                chosen.append((start, last))
                left -= last - start
        joined = _joined(chosen)
        self._starts = [start for start, _ in joined]
        self._ends = [end for _, end in joined]
        self._kept = [bytearray(head[start:end]) for start, end in joined]

    def read_at(self, offset: int, count: int) -> bytes:
        """So many bytes of the file, as far as they lie in one range that was kept."""
        number = bisect_right(self._starts, offset) - 1
        if number < 0:
            return b""
        place = offset - self._starts[number]
        return bytes(self._kept[number][place : place + count])


def _joined(ranges: list[Range]) -> list[Range]:
    """The same parts, in order, those that touch as one."""
    found: list[Range] = []
    for start, end in sorted(ranges):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found
