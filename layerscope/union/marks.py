"""A set of positions of a tree, as one byte for each: joined, counted and searched at the speed of memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import compress
from typing import Literal

_ORDER: Literal["little"] = "little"
_OTHERWISE = bytes([1, 0]).ljust(256)


class Marks:
    """Made of zeros and ones; it follows the bytes that it is given, where somebody changes them."""

    __slots__ = ("_bytes",)

    def __init__(self, of: bytes | bytearray) -> None:
        self._bytes = of

    @classmethod
    def of(cls, count: int, positions: Iterable[int]) -> Marks:
        """These out of so many positions."""
        marks = bytearray(count)
        for place in positions:
            marks[place] = 1
        return cls(marks)

    def __len__(self) -> int:
        """How many there are."""
        return self._bytes.count(1)

    def __iter__(self) -> Iterator[int]:
        """In order."""
        return compress(range(len(self._bytes)), self._bytes)

    def __contains__(self, position: int) -> bool:
        """Whether a position is one of them."""
        return self._bytes[position] == 1

    def __and__(self, other: Marks) -> Marks:
        """Those that are in both."""
        return Marks((self._number & other._number).to_bytes(len(self._bytes), _ORDER))

    def __or__(self, other: Marks) -> Marks:
        """Those that are in one of them."""
        return Marks((self._number | other._number).to_bytes(len(self._bytes), _ORDER))

    def __sub__(self, other: Marks) -> Marks:
        """Those that are not in the other."""
        return self & Marks(other._bytes.translate(_OTHERWISE))

    @property
    def _number(self) -> int:
        return int.from_bytes(self._bytes, _ORDER)

    def any_in(self, first: int, end: int) -> bool:
        """Whether there is one from ``first`` to before ``end``."""
        return self._bytes.find(1, first, end) >= 0

    def count_in(self, first: int, end: int) -> int:
        """How many there are from ``first`` to before ``end``."""
        return self._bytes.count(1, first, end)

    def with_above(self, directories: Iterable[int], ends: list[int]) -> Marks:
        """The same and, of these directories, those with any of them below."""
        marks = bytearray(self._bytes)
        for place in directories:
            if not marks[place] and marks.find(1, place + 1, ends[place]) >= 0:
                marks[place] = 1
        return Marks(marks)
