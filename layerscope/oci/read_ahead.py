"""Decompression in a thread of its own, a few blocks ahead of the scanner."""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Generator, Iterable

_DEPTH = 4


def read_ahead(blocks: Iterable[bytes]) -> Generator[bytes, None, None]:
    """The same blocks, made by another thread; what it raises is raised here.

    Closing the iterator early ends the thread before the next block, and waits for that.
    """
    filled: queue.Queue[bytes | BaseException | None] = queue.Queue(_DEPTH)
    stopped = threading.Event()

    def put(item: bytes | BaseException | None) -> None:
        while not stopped.is_set():
            try:
                filled.put(item, timeout=0.1)
            except queue.Full:
                continue
            return

    def work() -> None:
        try:
            for block in blocks:
                put(block)
                if stopped.is_set():
                    return
        except BaseException as error:  # noqa: BLE001 - handed to the reading thread
            put(error)
        else:
            put(None)

    thread = threading.Thread(target=work, name="layerscope-read-ahead", daemon=True)
    thread.start()
    try:
        while (item := filled.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stopped.set()
        if not _interrupted():
            thread.join()


def _interrupted() -> bool:
    """Whether this is the way out after Ctrl-C: nobody waits then for a stream that gives nothing."""
    error = sys.exc_info()[1]
    while error is not None and isinstance(error, Exception | GeneratorExit):
        error = error.__context__
    return error is not None
