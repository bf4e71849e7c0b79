"""Progress on standard error, for people at a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from layerscope.model.people import size

_INTERVAL_S = 0.1
_DELAY_S = 0.5


class _Meter:
    def __init__(self) -> None:
        self._started = time.monotonic()
        self._shown = self._started + _DELAY_S
        self._bytes = 0
        self.drawn = False

    def begin(self, part: str, total_bytes: int | None) -> None:
        """Nothing is drawn of single layers."""

    def end(self, part: str) -> None:
        """Nothing is drawn of single layers."""

    def advance(self, part: str, count: int) -> None:  # noqa: ARG002
        """Take note of bytes that were read; draws now and then."""
        self._bytes += count
        now = time.monotonic()
        if now - self._shown >= _INTERVAL_S:
            self._shown = now
            self.drawn = True
            rate = self._bytes / (now - self._started)
            sys.stderr.write(f"\r\x1b[2Kreading layers  {size(self._bytes)}  {size(round(rate))}/s")
            sys.stderr.flush()


@contextmanager
def progress(*, quiet: bool) -> Iterator[_Meter | None]:
    """A meter to tell of bytes, None where nobody would see it; erased at the end."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    meter = _Meter()
    try:
        yield meter
    finally:
        if meter.drawn:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()
