"""A terminal that is none: both ends of a pty in one test."""

from __future__ import annotations

import os
import pty
import subprocess
import termios
import threading
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO

from tests.cli.command import command_line, environment


def seen_on_terminal(
    *arguments: str | Path,
    stream: str = "stdout",
    feed: Callable[[IO[bytes]], None] | None = None,
    env: Mapping[str, str] | None = None,
    columns: int = 0,
    started: list[subprocess.Popen[bytes]] | None = None,
) -> tuple[int, str]:
    """Run the command with one stream on a terminal; give its exit code and what the terminal got.

    ``columns`` is the terminal's width, 0 where it does not know. The process is put into
    ``started``, so that ``feed`` can do something to it.
    """
    ours, theirs = pty.openpty()
    if columns:
        termios.tcsetwinsize(theirs, (24, columns))
    streams: dict[str, int] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL} | {stream: theirs}
    process = subprocess.Popen(
        command_line(*arguments),
        stdin=subprocess.PIPE,
        stdout=streams["stdout"],
        stderr=streams["stderr"],
        env=environment(**{"TERM": "xterm-256color", **(env or {})}),
    )
    if started is not None:
        started.append(process)
    os.close(theirs)
    got = bytearray()
    reader = threading.Thread(target=_read_all, args=(ours, got))
    reader.start()
    assert process.stdin is not None
    with process.stdin as stdin:
        if feed is not None:
            feed(stdin)
    code = process.wait(timeout=60)
    reader.join()
    os.close(ours)
    return code, got.decode()


def _read_all(descriptor: int, into: bytearray) -> None:
    while True:
        try:
            piece = os.read(descriptor, 65536)
        except OSError:  # Linux says so when the other end is closed
            return
        if not piece:
            return
        into += piece


def cells(line: str) -> int:
    """How many columns a line takes, by the width that Unicode gives each character."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in line
    )
