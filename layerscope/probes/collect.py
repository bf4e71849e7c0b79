"""A sink that keeps the beginning of a file and parses it at its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Collect:
    """Keeps at most ``limit_bytes`` and gives what ``parse`` makes of them."""

    def __init__(self, limit_bytes: int, parse: Callable[[bytes], Any]) -> None:
        self._limit_bytes = limit_bytes
        self._parse = parse
        self._kept = bytearray()

    def feed(self, piece: memoryview) -> None:
        """Take the next bytes."""
        self._kept += piece[: self._limit_bytes - len(self._kept)]

    def feed_hole(self, length: int) -> None:
        """Take zero bytes that are not stored."""
        self._kept += bytes(min(length, self._limit_bytes - len(self._kept)))

    def finish(self) -> Any:
        """The fact."""
        return self._parse(bytes(self._kept))


class Nothing:
    """Lets a file pass that only looked like one to look into: it has no fact."""

    def feed(self, piece: memoryview) -> None:
        """Take the next bytes."""

    def feed_hole(self, length: int) -> None:
        """Take zero bytes that are not stored."""

    def finish(self) -> None:
        """No fact."""
