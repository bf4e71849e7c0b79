"""Where the lines of a file begin, found window by window, so that no file is ever whole in memory."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator

ReadAt = Callable[[int, int], bytes]
"""Bytes from an offset, fewer only at the end."""

BLOCK = 64
"""Rows are read as many at a time."""

MAX_ROW_BYTES = 1024
"""A longer line is cut into rows, so that a file without a line break can be shown too."""

_WINDOW_BYTES = 1 << 20
_Row = tuple[int, int, bool]
"""Start, end, and whether its line ends with it."""


class LineIndex:
    """Rows of a file: lines, long ones cut. What was found so far can be read while more is found.

    Only the start of every 64th row is kept, so a gigabyte of text takes a few megabytes at most.
    """

    def __init__(self, read_at: ReadAt, size_bytes: int) -> None:
        self._read_at = read_at
        self._size_bytes = size_bytes
        self.row_count = 0
        self.scanned_bytes = 0
        self._line = 1
        self._fresh = True
        self._starts = array("Q")
        self._lines = array("q")

    @property
    def complete(self) -> bool:
        """Whether all rows are known."""
        return self.scanned_bytes >= self._size_bytes

    def scan(self) -> bool:
        """Look at one window more; gives whether there is still more."""
        start = self.scanned_bytes
        if self.complete:
            return False
        data = self._read_at(start, _WINDOW_BYTES)
        end = 0
        for _, end, ended in _rows(data, final=start + len(data) >= self._size_bytes):
            if self.row_count % BLOCK == 0:
                self._starts.append(self.scanned_bytes)
                self._lines.append(self._line if self._fresh else -self._line)
            self.scanned_bytes = start + end
            self._fresh = ended
            self._line += ended
            self.row_count += 1
        if not end:  # shorter than it should be
            self._size_bytes = start
        return not self.complete

    def block(self, number: int) -> list[tuple[int | None, bytes]]:
        """A block's rows without line breaks, each with its line's number where a line begins."""
        line = self._lines[number]
        fresh, line = line > 0, abs(line)
        found: list[tuple[int | None, bytes]] = []
        data = self._block_bytes(number)
        for start, end, ended in _rows(data, final=True):
            found.append((line if fresh else None, data[start:end].removesuffix(b"\n").removesuffix(b"\r")))
            fresh = ended
            line += ended
        return found

    def row_of(self, offset: int) -> int:
        """The row that a byte stands in; looks as far as it has to."""
        while self.scanned_bytes <= offset and self.scan():
            pass
        number = max(0, bisect_right(self._starts, offset) - 1)
        place = offset - self._starts[number] if self._starts else 0
        ends = [end for _, end, _ in _rows(self._block_bytes(number), final=True)] if self._starts else []
        return number * BLOCK + min(bisect_right(ends, place), max(0, len(ends) - 1))

    def start_of(self, row: int) -> int:
        """Where a row begins."""
        number = row // BLOCK
        if number >= len(self._starts):
            return self.scanned_bytes
        rows = list(_rows(self._block_bytes(number), final=True))
        return self._starts[number] + rows[min(row % BLOCK, len(rows) - 1)][0]

    def _block_bytes(self, number: int) -> bytes:
        start = self._starts[number]
        end = self._starts[number + 1] if number + 1 < len(self._starts) else self.scanned_bytes
        return self._read_at(start, end - start)


def _rows(data: bytes, *, final: bool) -> Iterator[_Row]:
    """The rows of a window that begins with one; without ``final`` the last, unfinished one is left out."""
    start, size = 0, len(data)
    while start < size:
        found = data.find(b"\n", start, start + MAX_ROW_BYTES)
        if found >= 0:
            end, ended = found + 1, True
        elif size - start > MAX_ROW_BYTES:
            end, ended = _whole_letters(data, start), False
        elif final:
            end, ended = size, False
        else:
            return
        yield start, end, ended
        start = end


def _whole_letters(data: bytes, start: int) -> int:
    """The end of a cut row: not within a letter of several bytes."""
    end = start + MAX_ROW_BYTES
    for place in range(end, end - 4, -1):
        if data[place] & 0xC0 != 0x80:
            return place
    return end
