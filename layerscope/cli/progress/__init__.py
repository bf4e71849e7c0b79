"""Progress on standard error: a live display on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # with --quiet nothing is drawn
    from layerscope.cli.progress.meter import Meter

_INTERVAL_S = 0.1
_PATIENCE_S = 1.0


@contextmanager
def progress(*images: str | None, quiet: bool) -> Iterator[Meter | None]:
    """A meter to tell of what is read of images and what was chosen, None where nobody wants to know.

    What it draws on a terminal is gone at the end, however that comes.
    """
    if quiet:
        yield None
        return
    meter = _meter()
    ticking = _Ticking(meter)
    meter.at_first = ticking.start
    if not all(os.path.isfile(image) for image in images if image is not None):  # noqa: PTH113 - or a name
        ticking.start()
    try:
        yield meter
    finally:
        ticking.stop()
        meter.close()


def _meter() -> Meter:
    if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        from layerscope.cli.output import page_for
        from layerscope.cli.progress.live import LiveMeter

        return LiveMeter(sys.stderr, page_for(sys.stderr).paint)
    from layerscope.cli.progress.plain import PlainMeter

    return PlainMeter(sys.stderr)


class _Ticking:
    """The thread that draws. A file is opened without it: until its layers are read, a process can fork."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._stopped = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Draw from now on."""
        with self._starting:
            if self._thread is None:
                thread = threading.Thread(target=self._tick, name="layerscope-progress", daemon=True)
                thread.start()
                self._thread = thread

    def stop(self) -> None:
        """Draw no more; a terminal that was stopped with Ctrl-S holds the thread."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(_PATIENCE_S)

    def _tick(self) -> None:
        while not self._stopped.wait(_INTERVAL_S):
            try:
                self._meter.tick()
            except (OSError, ValueError):  # nobody reads standard error any more
                return
