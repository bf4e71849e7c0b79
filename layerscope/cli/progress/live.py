"""Progress on a terminal: a few lines, drawn again and again in the same place."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import TextIO

from layerscope.cli.progress.meter import Meter
from layerscope.cli.progress.picture import picture
from layerscope.reports.paint import Paint

DELAY_S = 0.5
_FALLBACK = os.terminal_size((80, 24))

# The cursor rests where the picture begins. So there is nothing to put right when the program is
# killed, and nothing to count when a terminal that became narrower has wrapped the lines.
_HIDE, _SHOW = "\x1b[?25l", "\x1b[?25h"
_TO_LINE_END, _TO_SCREEN_END = "\x1b[K", "\x1b[J"
_ERASE = f"\r{_TO_SCREEN_END}"


class LiveMeter(Meter):
    """A line for the whole and one for each layer that is being read; gone at the end."""

    def __init__(
        self,
        stream: TextIO,
        paint: Paint,
        clock: Callable[[], float] = time.monotonic,
        terminal_size: Callable[[], os.terminal_size] | None = None,
    ) -> None:
        super().__init__(stream, clock)
        self._paint = paint
        self._terminal_size = terminal_size or (lambda: os.get_terminal_size(stream.fileno()))
        self._unicode = (stream.encoding or "").lower().replace("-", "").startswith("utf")
        self._drawn = False

    def tick(self) -> None:
        """Draw how things stand, once reading has taken long enough for anybody to ask."""
        moment = self.moment()
        if moment.elapsed_s < DELAY_S:
            return
        columns, rows = self._size()
        lines = picture(moment, columns, rows, self._paint, unicode=self._unicode)
        up = f"\x1b[{len(lines) - 1}A" if len(lines) > 1 else ""
        with self._writing:
            self._drawn = True
            drawn = f"{_TO_LINE_END}\n".join(lines) + _TO_SCREEN_END
            self._write(f"{_HIDE}\r{drawn}{up}\r{_SHOW}")

    def _make_room(self) -> None:
        """The picture comes back with the next tick."""
        if self._drawn:
            self._drawn = False
            self._write(_ERASE)

    def _size(self) -> os.terminal_size:
        found = self._terminal_size()
        return found if found.columns and found.lines else _FALLBACK
