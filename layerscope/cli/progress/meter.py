"""A tally that shows itself."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TextIO

from layerscope.cli.progress.tally import Tally
from layerscope.model.names import shown


class Meter(Tally, ABC):
    """Writes to a stream how reading goes, and what else is to be said meanwhile."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(clock)
        self._stream = stream
        self._writing = threading.Lock()
        self.at_first: Callable[[], None] | None = None
        """Called before anything is begun."""

    def begin(self, part: str, total_bytes: int | None) -> None:
        """A part is about to be read."""
        if self.at_first is not None:
            self.at_first()
        super().begin(part, total_bytes)

    @abstractmethod
    def tick(self) -> None:
        """Show how things stand where it is time to; to be called several times a second."""

    def close(self) -> None:
        """Leave nothing behind of what was only for the moment."""
        with self._writing:
            self._make_room()

    def notice(self, line: str) -> None:
        """Say something that stays; it may quote names from anywhere."""
        with self._writing:
            self._make_room()
            self._write(shown(line) + "\n")

    def _make_room(self) -> None:
        """Take away what a line would tear; whoever calls has the lock."""

    def _write(self, text: str) -> None:
        encoding = self._stream.encoding or "utf-8"
        self._stream.write(text.encode(encoding, "replace").decode(encoding))
        self._stream.flush()
