"""A copy of this process that serves it: there at once, where a new one imports for a tenth of a second."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from typing import IO


def can_fork() -> bool:
    """Whether a copy would be whole: a thread that it lacks may have held something that it needs."""
    return sys.platform == "linux" and threading.active_count() == 1


class Forked:
    """A child process, with the pipes and methods of a `subprocess.Popen`.

    ``serve(requests, answers)`` is its whole life.
    """

    def __init__(self, serve: Callable[[IO[bytes], IO[bytes]], None]) -> None:
        requests, to_child = os.pipe()
        from_child, answers = os.pipe()
        try:
            self._pid = os.fork()
        except OSError:
            for end in (requests, to_child, from_child, answers):
                os.close(end)
            raise
        if not self._pid:
            os.close(to_child)
            os.close(from_child)
            _live(serve, requests, answers)
        os.close(requests)
        os.close(answers)
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

        with self._lock:  # a process that was waited for has no number any more
            if self._returncode is None:
                os.kill(self._pid, signal.SIGKILL)

    def _ended(self, options: int) -> int | None:
        with self._lock:
            if self._returncode is None:
                pid, status = os.waitpid(self._pid, options)
                if pid:
                    self._returncode = os.waitstatus_to_exitcode(status)
            return self._returncode


def _live(serve: Callable[[IO[bytes], IO[bytes]], None], requests: int, answers: int) -> None:
    """The child: nothing of what the parent would do at its end is to be done here."""
    code = 1
    try:
        serve(os.fdopen(requests, "rb"), os.fdopen(answers, "wb"))
        code = 0
    except Exception:  # noqa: BLE001 - as an interpreter of its own would show it
        import traceback

        traceback.print_exc()
    finally:  # whatever it was, it must not go on as the parent does
        os._exit(code)
