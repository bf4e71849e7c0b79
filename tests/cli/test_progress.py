"""Progress: on standard error, only on a terminal, and gone when it is done."""

from __future__ import annotations

import subprocess
import time
from functools import partial
from typing import IO

from tests.cli.command import command_line, environment
from tests.cli.terminal import seen_on_terminal
from tests.sources.samples import WASTEFUL

ERASE = "\r\x1b[2K"


def slowly(stdin: IO[bytes], size_bytes: int | None = None) -> None:
    """Send an archive, or its beginning, in pieces: a meter shows only after half a second."""
    content = WASTEFUL.read_bytes()[:size_bytes]
    piece = len(content) // 6
    for start in range(0, len(content), piece):
        stdin.write(content[start : start + piece])
        stdin.flush()
        time.sleep(0.15)


def test_a_terminal_sees_progress_and_then_nothing_of_it() -> None:
    code, text = seen_on_terminal("-", "--json", "/dev/null", stream="stderr", feed=slowly)

    assert code == 0
    assert text.count(f"{ERASE}reading layers  ") >= 1
    assert text.endswith(ERASE)
    assert "\n" not in text


def test_quiet_means_no_progress() -> None:
    assert seen_on_terminal("-", "-q", "--json", "/dev/null", stream="stderr", feed=slowly) == (0, "")


def test_what_is_quick_needs_no_progress() -> None:
    code, text = seen_on_terminal(WASTEFUL, "--json", "/dev/null", stream="stderr")

    assert code == 0
    assert text.endswith(ERASE) or text == ""


def test_an_error_stands_on_a_line_of_its_own() -> None:
    code, text = seen_on_terminal("-", stream="stderr", feed=partial(slowly, size_bytes=500_000))

    assert code == 4
    assert text.rpartition(ERASE)[2].startswith("error: standard input: ")


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
