"""Progress where lines stay: in a pipe, a log, a terminal that cannot go back."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

from layerscope.cli.progress.meter import Meter
from layerscope.cli.progress.tally import Moment
from layerscope.cli.progress.wording import time_left
from layerscope.model.people import size

INTERVAL_S = 5.0


class PlainMeter(Meter):
    """One line every few seconds, none for what is quick."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(stream, clock)
        self._next_s = INTERVAL_S

    def tick(self) -> None:
        """Write a line when one is due."""
        moment = self.moment()
        if moment.done_bytes and moment.elapsed_s >= self._next_s:
            self._next_s = moment.elapsed_s + INTERVAL_S
            with self._writing:
                self._write(plain_line(moment) + "\n")


def plain_line(moment: Moment) -> str:
    """``reading layers: 412 MB of 1.10 GB, 85.0 MB/s, 8 s left``."""
    done = size(moment.done_bytes)
    if moment.total_bytes is not None:
        done += f" of {size(moment.total_bytes)}"
    known = [done]
    if moment.rate is not None:
        known.append(f"{size(round(moment.rate))}/s")
    if moment.left_s is not None:
        known.append(time_left(moment.left_s))
    return f"reading layers: {', '.join(known)}"
