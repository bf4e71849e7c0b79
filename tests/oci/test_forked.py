"""A copy of the process that serves it: whatever happens around it, it serves or ends, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from layerscope.oci.forked import Forked, can_fork


def said_by(program: str) -> tuple[int, str, str]:
    """The exit code and both outputs of a program in an interpreter of its own."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def open_files() -> int:
    """How many descriptors this process has."""
    return len(list(Path("/proc/self/fd").iterdir()))


def test_who_ignores_that_children_end_is_served_too() -> None:
    """Then nobody can wait for them; it is inherited from whoever starts the program."""
    program = (
        "import signal; signal.signal(signal.SIGCHLD, signal.SIG_IGN)\n"
        "from layerscope.oci.forked import Forked\n"
        "child = Forked(lambda requests, answers: answers.write(b'served') and answers.flush())\n"
        "print(child.stdout.read(), child.kill(), child.wait(), child.poll())\n"
    )

    assert said_by(program) == (0, "b'served' None 0 0\n", "")


def test_a_signal_while_copying_does_not_let_the_copy_go_on_as_the_original() -> None:
    """All that the original would do at its end is its own."""
    program = (
        "import os, signal, sys, layerscope.oci.forked as forked\n"
        "fork = os.fork\n"
        "def interrupted():\n"
        "    pid = fork()\n"
        "    if not pid: os.kill(os.getpid(), signal.SIGINT)\n"
        "    return pid\n"
        "os.fork = interrupted\n"
        "try:\n"
        "    child = forked.Forked(lambda requests, answers: answers.write(b'served'))\n"
        "    print(child.stdout.read(), child.wait())\n"
        "finally:\n"
        "    os.write(2, b'ended')\n"
    )

    assert said_by(program) == (0, "b'' 1\n", "ended")


@pytest.mark.parametrize("pipes", [0, 1, 2])
def test_without_a_pipe_or_process_to_be_had_nothing_stays_open(
    pipes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    pipe, before = os.pipe, open_files()

    def few() -> tuple[int, int]:
        if len(made) == pipes:
            raise OSError
        made.append(1)
        return pipe()

    def none() -> int:
        raise BlockingIOError

    monkeypatch.setattr(os, "pipe", few)
    monkeypatch.setattr(os, "fork", none)

    with pytest.raises(OSError):  # noqa: PT011 - whichever it is
        Forked(lambda requests, answers: None)  # noqa: ARG005

    assert open_files() == before


def test_with_other_threads_a_process_is_not_copied() -> None:
    """What they hold at that moment nobody would ever let go of in the copy."""
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        assert not can_fork()
    finally:
        stop.set()
        thread.join()
