"""The command as users start it: a process of its own, with an environment that is known."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

_SET_BY_DEVELOPERS = (
    "COLUMNS",
    "LINES",
    "NO_COLOR",
    "TERM",
    "PYTHONHASHSEED",
    "PYTHONUTF8",
    "LC_ALL",
    "LANG",
)
_TIMEOUT_S = 60


class Outcome(NamedTuple):
    """What a run ended with and said."""

    code: int
    out: str
    err: str

    @property
    def error_lines(self) -> list[str]:
        """The first words of the lines on standard error: ``error``, ``hint``."""
        return [line.partition(":")[0] for line in self.err.splitlines() if line[:1] != " "]


def environment(**values: str) -> dict[str, str]:
    """This environment without what changes the output, and with ``values``."""
    kept = {name: value for name, value in os.environ.items() if name not in _SET_BY_DEVELOPERS}
    return kept | {"LC_ALL": "C.UTF-8"} | values


def command_line(*arguments: str | bytes | Path) -> list[str | bytes | Path]:
    """The arguments behind this interpreter and ``-m layerscope``."""
    return [sys.executable, "-m", "layerscope", *arguments]


def launch(
    *arguments: str | bytes | Path,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Outcome:
    """Run the command to its end."""
    done = subprocess.run(
        command_line(*arguments),
        input=stdin,
        capture_output=True,
        env=environment(**(env or {})),
        cwd=cwd,
        timeout=_TIMEOUT_S,
        check=False,
    )
    return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())
