"""Suggestions are computed when somebody asks for them, and then once."""

from __future__ import annotations

import subprocess
import sys

import pytest

from layerscope.inspection import inspect
from tests.cli.command import environment
from tests.sources.samples import LEAN, SAMPLES, WASTEFUL

_PROGRAM = (
    "import sys\n"
    "from layerscope.cli import run\n"
    "run({arguments!r})\n"
    "print([name for name in sys.modules if name.startswith('layerscope.advice')])\n"
)


@pytest.mark.parametrize(("arguments", "loaded"), [(["--ci"], False), ([], True), (["--json", "-"], True)])
def test_a_gate_alone_runs_no_rule(arguments: list[str], *, loaded: bool) -> None:
    program = _PROGRAM.format(arguments=[str(LEAN), *arguments])

    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=SAMPLES.parent,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )

    assert (run.stdout.splitlines()[-1] != "[]") is loaded


def test_asking_twice_gives_the_same_value() -> None:
    inspection = inspect(str(WASTEFUL))

    assert inspection.suggestions is inspection.suggestions
    assert inspection.suggestions
