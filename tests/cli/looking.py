"""The command run inside the test's own process: the same as in one of its own, but quick."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from layerscope.cli import run
from tests.cli.command import Outcome

Run = Callable[..., Outcome]


@pytest.fixture
def look(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs a command line and tells what came of it."""
    for name in ("COLUMNS", "NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)

    def command(*arguments: str | Path) -> Outcome:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Outcome(code, said.out, said.err)

    return command
