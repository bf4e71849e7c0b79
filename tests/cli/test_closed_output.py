"""Nobody reads any more: no traceback, no word, and not the exit code of a failed gate."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command import command_line, environment
from tests.sources.samples import LEAN, ODD, WASTEFUL


@pytest.mark.parametrize(
    "arguments",
    [
        [WASTEFUL],
        [WASTEFUL, "--ci"],
        [WASTEFUL, "--json", "-"],
        ["ls", ODD],
        ["ls", ODD, "--json"],
        ["--help"],
    ],
    ids=["summary", "ci", "json", "ls", "ls-json", "help"],
)
def test_a_reader_that_is_gone_ends_it_quietly(arguments: list[str | Path]) -> None:
    """141 is what a shell says of a program that the signal SIGPIPE ended."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        done = subprocess.run(
            command_line(*arguments), stdout=pipe, stderr=subprocess.PIPE, env=environment(), check=False
        )

    assert done.returncode == 141
    assert done.stderr == b""


def test_head_gets_its_line() -> None:
    """The report is longer than a pipe holds, so the writer finds out."""
    script = f"{sys.executable} -m layerscope {WASTEFUL} --json - | head -1; echo ${{PIPESTATUS[0]}}"

    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, env=environment(), check=False
    )

    first, code = done.stdout.split()
    assert first == "{"
    assert code in ("0", "141")
    assert done.stderr == ""


def test_the_gates_count_when_only_the_table_has_no_reader() -> None:
    """The table goes to standard error here; the report and the exit code are what was asked for."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        done = subprocess.run(
            command_line(LEAN, "--ci", "--json", "-"),
            stdout=subprocess.PIPE,
            stderr=pipe,
            env=environment(),
            check=False,
        )

    assert done.returncode in (0, 141)
    assert b"Traceback" not in done.stdout


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
def test_closed_standard_streams_do_no_harm(closed: str, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    script = f"{sys.executable} -m layerscope {LEAN} --ci --json {report} {closed}"

    done = subprocess.run(["sh", "-c", script], capture_output=True, env=environment(), check=False)

    assert done.returncode == 0
    assert done.stderr == b""
    assert report.exists()


def test_a_closed_standard_input_is_no_image() -> None:
    done = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m layerscope - <&-"],
        capture_output=True,
        env=environment(),
        check=False,
    )

    assert done.returncode == 3
    assert done.stderr.startswith(b"error: standard input")
