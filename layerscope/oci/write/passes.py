"""Reading, writing and reading again, as one whole for whoever watches."""

from __future__ import annotations

from layerscope.extensions import Progress


class Passes:
    """A `layerscope.extensions.Progress` for several passes over the same bytes."""

    def __init__(self, told: Progress, count: int) -> None:
        self._told = told
        self._left = count

    def expect(self, total_bytes: int) -> None:
        """This pass is over so much; those to come are taken to be as long."""
        self._told.expect(total_bytes * self._left)

    def next_over(self, total_bytes: int) -> None:
        """This pass is done; the next is over so much."""
        self._left -= 1
        self.expect(total_bytes)

    def begin(self, part: str, total_bytes: int | None) -> None:
        """A part of this pass is about to be gone through."""
        self._told.begin(part, total_bytes)

    def advance(self, part: str, count: int) -> None:
        """Bytes of it are done."""
        self._told.advance(part, count)

    def end(self, part: str) -> None:
        """All of it is done."""
        self._told.end(part)
