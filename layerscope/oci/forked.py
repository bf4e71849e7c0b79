"""A copy of this process that serves it: there at once, where a new one imports for a tenth of a second."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import IO, TYPE_CHECKING, NoReturn

if TYPE_CHECKING:  # where nothing is forked it is not needed
    import signal


def can_fork() -> bool:
    """Whether a copy would be whole: a thread that it lacks may have held something that it needs."""
    return sys.platform == "linux" and threading.active_count() == 1


class Forked:
    """A child process, with the pipes and methods of a `subprocess.Popen`.

    ``serve(requests, answers)`` is its whole life.
    """

    def __init__(self, serve: Callable[[IO[bytes], IO[bytes]], None]) -> None:
        import signal

        requests, to_child, from_child, answers = ends = _two_pipes()
        # What a signal raises must not be raised in the child as long as it is where the parent was.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        try:
            self._pid = os.fork()
            if not self._pid:
                _live(serve, requests, answers, (to_child, from_child), mask)
        except OSError:
            _close(*ends)
            raise
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        _close(requests, answers)
        self.stdin: IO[bytes] = os.fdopen(to_child, "wb")
        self.stdout: IO[bytes] = os.fdopen(from_child, "rb")
        self._returncode: int | None = None
        self._lock = threading.Lock()

    def poll(self) -> int | None:
        """The exit code, negative for a signal, once it has ended."""
        return self._ended(os.WNOHANG)

    def wait(self) -> int:
        """The same, when it has ended."""
        code = self._ended(0)
        assert code is not None
        return code

    def kill(self) -> None:
        """End it at once, if it has not ended."""
        import signal

        with self._lock, suppress(ProcessLookupError):
            if self._returncode is None:  # a process that was waited for has no number any more
                os.kill(self._pid, signal.SIGKILL)

    def _ended(self, options: int) -> int | None:
        with self._lock:
            if self._returncode is None:
                try:
                    pid, status = os.waitpid(self._pid, options)
                except ChildProcessError:  # whoever started us ignores SIGCHLD: the kernel has waited for it
                    pid, status = self._pid, 0
                if pid:
                    self._returncode = os.waitstatus_to_exitcode(status)
            return self._returncode


def _two_pipes() -> tuple[int, int, int, int]:
    """Both ends of one and of another."""
    first = os.pipe()
    try:
        return (*first, *os.pipe())
    except OSError:
        _close(*first)
        raise


def _close(*ends: int) -> None:
    for end in ends:
        os.close(end)


def _live(
    serve: Callable[[IO[bytes], IO[bytes]], None],
    requests: int,
    answers: int,
    others: tuple[int, int],
    mask: set[int | signal.Signals],
) -> NoReturn:
    """The child: nothing of what the parent would do at its end is to be done here."""
    code = 1
    try:
        import signal

        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        _close(*others)
        serve(os.fdopen(requests, "rb"), os.fdopen(answers, "wb"))
        code = 0
    except Exception:  # noqa: BLE001 - as an interpreter of its own would show it
        import traceback

        traceback.print_exc()
    finally:  # whatever it was, it must not go on as the parent does
        os._exit(code)
