"""What a person sees of progress: on terminals of all kinds, and through a pipe."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from functools import cache, partial
from typing import IO

import pytest

from tests.cli.command import command_line, environment
from tests.cli.screen import Screen
from tests.cli.terminal import seen_on_terminal
from tests.oci.build import as_tar, built, docker_archive
from tests.sources.images import file, layer
from tests.sources.samples import WASTEFUL


@cache
def large_archive() -> bytes:
    """An archive of several of the blocks in which a pipe is read."""
    files = docker_archive(built(layer(file(b"large", bytes(7 << 20)))))
    return as_tar(files)


def slowly(stdin: IO[bytes], size_bytes: int | None = None) -> None:
    """Send an archive, or its beginning, in pieces: a meter shows only after half a second."""
    content = large_archive()[:size_bytes]
    piece = len(content) // 6
    for start in range(0, len(content), piece):
        stdin.write(content[start : start + piece])
        stdin.flush()
        time.sleep(0.2)


def seen(text: str, columns: int = 80) -> Screen:
    """The screen after what a terminal was sent."""
    screen = Screen(columns)
    screen.write(text.replace("\r\n", "\n"))
    return screen


def test_a_terminal_sees_progress_and_then_nothing_of_it() -> None:
    code, text = seen_on_terminal("-", "--json", "/dev/null", stream="stderr", feed=slowly)

    screen = seen(text)
    assert code == 0
    assert "reading layers" in text
    assert 1 <= screen.frames <= 20
    assert (screen.text, screen.cursor_shown) == ("", True)


def test_quiet_means_no_progress() -> None:
    assert seen_on_terminal("-", "-q", "--json", "/dev/null", stream="stderr", feed=slowly) == (0, "")


def test_what_is_quick_needs_no_progress() -> None:
    code, text = seen_on_terminal(WASTEFUL, "--json", "/dev/null", stream="stderr")

    assert code == 0
    assert seen(text).text == ""


@pytest.mark.parametrize("columns", [40, 120])
def test_the_display_is_as_wide_as_the_terminal_is(columns: int) -> None:
    _, text = seen_on_terminal("-", "--json", "/dev/null", stream="stderr", columns=columns, feed=slowly)

    screen = seen(text, columns)
    assert columns / 3 < screen.widest < columns


def test_no_color_takes_the_colours_and_nothing_else() -> None:
    _, text = seen_on_terminal(
        "-", "--json", "/dev/null", stream="stderr", feed=slowly, env={"NO_COLOR": "1"}
    )

    assert seen(text).frames >= 1
    assert re.findall(r"\x1b\[[0-9;]*m", text) == []


def test_a_dumb_terminal_is_not_drawn_on() -> None:
    arguments = ("-", "--json", "/dev/null")

    assert seen_on_terminal(*arguments, stream="stderr", feed=slowly, env={"TERM": "dumb"}) == (0, "")


def test_an_error_stands_on_a_line_of_its_own() -> None:
    code, text = seen_on_terminal("-", stream="stderr", feed=partial(slowly, size_bytes=5_000_000))

    assert code == 4
    assert "reading layers" in text
    assert seen(text, 1000).text.splitlines()[0].startswith("error: standard input: ")


def test_ctrl_c_leaves_nothing_behind() -> None:
    """The signal comes while the display is on."""

    def interrupt(stdin: IO[bytes]) -> None:
        slowly(stdin, 6_000_000)
        os.kill(started[0].pid, signal.SIGINT)
        time.sleep(0.3)

    started: list[subprocess.Popen[bytes]] = []
    code, text = seen_on_terminal("-", stream="stderr", feed=interrupt, started=started)

    screen = seen(text)
    assert code == 130
    assert screen.frames >= 1
    assert (screen.text, screen.cursor_shown, screen.at_line_start) == ("", True, True)


def test_a_pipe_sees_no_progress() -> None:
    process = subprocess.Popen(
        command_line("-", "--json", "/dev/null"),
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    assert process.stdin is not None
    slowly(process.stdin)

    _, err = process.communicate(timeout=60)

    assert (process.returncode, err) == (0, b"")
