"""A terminal for all three streams of a command, with somebody at the keys."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import termios
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.cli.command import command_line, environment

PATIENCE_S = 30
_SEQUENCE = re.compile(
    rb"\x1b(?:\[[0-9;?<>=]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|P[^\x1b]*\x1b\\|[()][A-Z0-9]|[=>])"
)


class Terminal:
    """What a command writes to it, and the keys that are pressed there."""

    def __init__(self, process: subprocess.Popen[bytes], descriptor: int) -> None:
        self.process = process
        self.raw = b""
        self._descriptor = descriptor

    @property
    def text(self) -> str:
        """Everything that was written, without what moves and colours."""
        return _SEQUENCE.sub(b" ", self.raw).decode(errors="replace")

    def wait_for(self, text: str) -> None:
        """Return once a text was written; fails where it never is."""
        deadline = time.monotonic() + PATIENCE_S
        while text not in self.text:
            assert time.monotonic() < deadline, f"never said {text!r}: {self.text[-2000:]}"
            if not self._read():
                assert text in self.text, f"ended without saying {text!r}: {self.text[-2000:]}"
                return

    def press(self, keys: str) -> None:
        """Press keys."""
        os.write(self._descriptor, keys.encode())

    def end(self) -> int:
        """Wait for the command's end; gives its exit code."""
        deadline = time.monotonic() + PATIENCE_S
        while self._read():
            assert time.monotonic() < deadline, f"does not end: {self.text[-2000:]}"
        return self.process.wait(PATIENCE_S)

    def _read(self) -> bool:
        ready, _, _ = select.select([self._descriptor], [], [], 0.2)
        if not ready:
            return True
        try:
            piece = os.read(self._descriptor, 65536)
        except OSError:  # Linux says so when the other end is closed
            return False
        self.raw += piece
        return bool(piece)


@contextmanager
def at_terminal(
    *arguments: str | Path,
    config: Path,
    env: Mapping[str, str] | None = None,
    size: tuple[int, int] = (24, 80),
) -> Iterator[Terminal]:
    """Run the command at a terminal, its settings in ``config``; it is killed at the end."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, size)
    named = {"TERM": "xterm-256color", "LAYERSCOPE_CONFIG_DIR": str(config), **(env or {})}
    process = subprocess.Popen(
        command_line(*arguments),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment(**named),
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield Terminal(process, ours)
    finally:
        process.kill()
        process.wait()
        os.close(ours)
