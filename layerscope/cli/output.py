"""Where things are written: standard output or a file that is complete or absent."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import BinaryIO, TextIO

from layerscope.errors import WriteError
from layerscope.reports.paint import Paint
from layerscope.reports.terminal import Page

_PIPE_WIDTH = 100
_MIN_WIDTH = 60
_MAX_WIDTH = 160


def page_for(stream: TextIO) -> Page:
    """How wide and how colourful text for a stream may be."""
    terminal = stream.isatty()
    width = _terminal_width() if terminal or "COLUMNS" in os.environ else _PIPE_WIDTH
    colour = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Page(max(_MIN_WIDTH, min(_MAX_WIDTH, width)), Paint(colour))


def _terminal_width() -> int:
    import shutil

    return shutil.get_terminal_size((_PIPE_WIDTH, 24)).columns


def write_lines(lines: list[str], stream: TextIO) -> None:
    """Text for people; what the stream's encoding lacks is replaced, never an error."""
    text = "\n".join(lines) + "\n"
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "replace").decode(encoding))


def write_file(destination: str, write: Callable[[BinaryIO], None]) -> None:
    """Write a file atomically, or to standard output for ``-``; raises WriteError."""
    if destination == "-":
        sys.stdout.flush()
        write(sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return
    import tempfile
    from pathlib import Path

    try:
        target = Path(destination).resolve()  # what a link leads to, as the shell's > does it
        if target.exists() and not target.is_file() and not target.is_dir():
            with target.open("wb") as device:  # a pipe, /dev/null: nothing to put in its place
                write(device)
            return
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                write(file)
            _set_usual_mode(name)
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise WriteError(f"{destination}: {error.strerror}") from error


def _set_usual_mode(name: str) -> None:
    """Give a temporary file the mode that any other new file would have."""
    mask = os.umask(0)
    os.umask(mask)
    os.chmod(name, 0o666 & ~mask)
