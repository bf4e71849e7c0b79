"""How long a process takes, from its start to its exit, and how much memory it holds at most."""

import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile


@dataclass(frozen=True, kw_only=True)
class Run:
    """One process and those it waited for.

    Wall time, processor time of all of them, peak memory of the largest, what it complained of.
    """

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    exit_code: int
    complaint: str


def measure(command: Sequence[str]) -> Run:
    """Run a command with nothing on its standard input, its output thrown away."""
    with TemporaryFile() as errors:
        streams = [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_DUP2, errors.fileno(), 2),
        ]
        started = time.perf_counter()
        process = os.posix_spawnp(command[0], list(command), os.environ, file_actions=streams)
        _, status, usage = os.wait4(process, 0)
        seconds = time.perf_counter() - started
        errors.seek(0)
        complaint = errors.read().decode(errors="replace")
    unit = 1 if sys.platform == "darwin" else 1024
    return Run(
        seconds=seconds,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        peak_bytes=usage.ru_maxrss * unit,
        exit_code=os.waitstatus_to_exitcode(status),
        complaint=complaint,
    )


def best_of(rounds: int, commands: Mapping[str, Sequence[str]]) -> dict[str, Run]:
    """The fastest run of each command, with the largest peak of all its runs.

    The commands take turns, so that a busy moment of the machine falls on all of them.
    """
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            runs[name].append(measure(command))
    return {
        name: Run(
            seconds=min(run.seconds for run in found),
            cpu_seconds=min(run.cpu_seconds for run in found),
            peak_bytes=max(run.peak_bytes for run in found),
            exit_code=max(run.exit_code for run in found),
            complaint="".join(run.complaint for run in found),
        )
        for name, found in runs.items()
    }


def layerscope() -> str:
    """The console script of this interpreter's environment."""
    script = Path(sys.executable).with_name("layerscope")
    if not script.exists():
        sys.exit(f"error: {script} is not there; install the project into this environment first")
    return str(script)
