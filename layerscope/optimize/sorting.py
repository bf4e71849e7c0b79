"""Members of a tar in the order of their names, whatever the order in which they come."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from types import TracebackType
from typing import Self

from layerscope.spool import Spool

_BLOCK_BYTES = 1 << 20

Place = tuple[int, str]
"""What comes before what: markers (0) before members (1) before the end (2), members by their paths."""


class Sorted:
    """Keeps members in the temporary data until all are there; `begin` says where the next bytes belong."""

    def __init__(self, keeper: Spool, blob: str) -> None:
        self._keeper = keeper
        self._blob = blob
        self._file = keeper.begin(blob)
        self._buffer = bytearray()
        self._count = 0
        self._begun: list[tuple[Place, int]] = []

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing of it stays."""
        if not self._file.closed:
            self._file.close()
        self._keeper.drop(self._blob)

    def begin(self, place: Place) -> None:
        """What comes now belongs there."""
        self._begun.append((place, self._count))

    def put(self, data: bytes | memoryview) -> None:
        """Take the next bytes."""
        self._buffer += data
        self._count += len(data)
        if len(self._buffer) >= _BLOCK_BYTES:
            self._pass_on()

    def hand_over(self, put: Callable[[bytes], object]) -> None:
        """All of it in order."""
        self._pass_on()
        self._file.close()
        ends = [start for _, start in self._begun[1:]] + [self._count]
        pieces = sorted(zip(self._begun, ends, strict=True))
        with closing(self._keeper.open(self._blob)) as file:
            for (_, start), end in pieces:
                file.seek(start)
                left = end - start
                while left:
                    block = file.read(min(left, _BLOCK_BYTES))
                    put(block)
                    left -= len(block)

    def _pass_on(self) -> None:
        self._file.write(self._buffer)
        self._buffer = bytearray()
