"""SIGTERM and SIGHUP end a command as Ctrl-C does: what it was about to leave behind is removed."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGTERM, signal.SIGHUP)
_BY_SIGNAL = 128
"""A shell's exit code for a command that a signal ended is this and the signal's number."""


class Ended(BaseException):
    """A signal asked for the end; no `Exception`, so that nothing takes it for an error."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = _BY_SIGNAL + number


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Raise `Ended` where the process is asked to end; what is ignored stays ignored (nohup)."""
    heard = [number for number in _SIGNALS if signal.getsignal(number) == signal.SIG_DFL]
    for number in heard:
        signal.signal(number, _end)
    try:
        yield
    finally:
        for number in heard:
            signal.signal(number, signal.SIG_DFL)


def _end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
    raise Ended(number)
