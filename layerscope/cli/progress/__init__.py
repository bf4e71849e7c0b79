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
def progress(*, quiet: bool) -> Iterator[Meter | None]:
    """A meter to tell of what is read and what was chosen, None where nobody wants to know.

    What it draws on a terminal is gone at the end, however that comes.
    """
    if quiet:
        yield None
        return
    meter = _meter()
    stopped = threading.Event()
    thread = threading.Thread(target=_tick, args=(meter, stopped), name="layerscope-progress", daemon=True)
    thread.start()
    try:
        yield meter
    finally:
        stopped.set()
        thread.join(_PATIENCE_S)  # a terminal that was stopped with Ctrl-S holds the thread
        meter.close()


def _meter() -> Meter:
    if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        from layerscope.cli.output import page_for
        from layerscope.cli.progress.live import LiveMeter

        return LiveMeter(sys.stderr, page_for(sys.stderr).paint)
    from layerscope.cli.progress.plain import PlainMeter

    return PlainMeter(sys.stderr)


def _tick(meter: Meter, stopped: threading.Event) -> None:
    while not stopped.wait(_INTERVAL_S):
        try:
            meter.tick()
        except (OSError, ValueError):  # nobody reads standard error any more
            return
