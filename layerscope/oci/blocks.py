"""Blocks as they come, read as a stream."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


class Blocks:
    """Blocks as a stream; `layerscope.extensions.Stored`."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._blocks: Iterator[bytes] = iter(blocks)
        self._held = memoryview(b"")

    def read(self, count: int = -1, /) -> bytes:
        """The next bytes, fewer than asked for only at the end."""
        taken: list[memoryview] = []
        missing = count
        while missing:
            if not self._held:
                self._held = memoryview(next(self._blocks, b""))
                if not self._held:
                    break
            part = self._held[:missing] if missing > 0 else self._held
            self._held = self._held[len(part) :]
            taken.append(part)
            missing -= len(part) if missing > 0 else 0
        return b"".join(taken)

    def close(self) -> None:
        """Let go of what the blocks come from."""
        close = getattr(self._blocks, "close", None)
        if close is not None:
            close()
