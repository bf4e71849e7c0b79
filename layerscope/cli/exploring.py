"""The explorer from the command line: whether there is a terminal for it, and what it is started with."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from layerscope.extensions import Progress

if TYPE_CHECKING:  # the screen is painted before these are imported
    from layerscope.config import Options
    from layerscope.inspection import Inspection
    from layerscope.tui.reading_two import Reader

_PATIENCE_S = 2.0
"""What was begun is given so long to clean up; what a network holds back ends with the process."""
_WEB_DRIVER = "WebDriver"

WEB_HOST = "127.0.0.1"
WEB_PORT = 8000


def exploring_options() -> list[click.Parameter]:
    """What may be said of the explorer."""
    return [
        click.Option(
            ["--summary", "--no-tui", "summary_only"],
            is_flag=True,
            help="Print the summary on a terminal too.",
        ),
        click.Option(["--ascii", "ascii_only"], is_flag=True, help="Explorer: no Unicode signs."),
        click.Option(["--theme"], metavar="NAME", help="Explorer: its colours; f1 and ctrl+p tell more."),
        click.Option(["--web"], is_flag=True, help="Explorer: in a browser, on this machine."),
        click.Option(
            ["--web-host"],
            metavar="HOST",
            default=WEB_HOST,
            show_default=True,
            help="With --web: the address to listen at.",
        ),
        click.Option(
            ["--web-port"],
            metavar="PORT",
            type=click.IntRange(1, 65535),
            default=WEB_PORT,
            show_default=True,
            help="With --web: the port to listen at.",
        ),
    ]


def has_terminal() -> bool:
    """Whether there are keys and a screen: a terminal that can do more than print, or a browser."""
    if _WEB_DRIVER in os.environ.get("TEXTUAL_DRIVER", ""):
        return True
    return _has_screen() and sys.stdin is not None and sys.stdin.isatty()


def _has_screen() -> bool:
    """Standard error too: that is where Textual draws."""
    if os.environ.get("TERM", "dumb") in ("dumb", ""):
        return False
    return all(stream is not None and stream.isatty() for stream in (sys.stdout, sys.stderr))


def explore(
    reference: str | None,
    options_with: Callable[[Progress, Callable[[str], None]], Options],
    *,
    ascii_only: bool,
    theme: str | None,
) -> int:
    """Run the explorer; gives the exit code, raises what ended it.

    ``options_with`` makes the options of a run out of whom to tell what is read and what was chosen.
    """
    from layerscope.tui.app import LayerscopeApp
    from layerscope.tui.settings import config_path, settings_file

    @contextmanager
    def opener(image: str, progress: Progress, notice: Callable[[str], None]) -> Iterator[Inspection]:
        from layerscope.inspection import inspecting

        with inspecting(image, options_with(progress, notice)) as inspection:
            yield inspection

    app = LayerscopeApp(
        reference=reference,
        opener=opener,
        ascii_only=ascii_only or not _unicode(),
        theme=theme,
        settings=settings_file(),
        keys=_keys(config_path()),
        options_with=options_with,
    )
    try:
        code = app.run()
    finally:
        app.close_image(_PATIENCE_S)
    if app.failure is not None:
        raise app.failure
    return code if code is not None else app.return_code or 0


def explore_comparison(
    references: tuple[str, str], read: Reader, *, ascii_only: bool, theme: str | None
) -> int:
    """Read two images and show them side by side; gives the exit code, raises what ended it."""
    from layerscope.tui.comparing import ComparisonApp
    from layerscope.tui.reading_two import ReadingTwo
    from layerscope.tui.settings import config_path, settings_file

    reading = ReadingTwo(references, read)
    app = ComparisonApp(
        reading,
        ascii_only=ascii_only or not _unicode(),
        theme=theme,
        settings=settings_file(),
        keys=_keys(config_path()),
    )
    try:
        code = app.run()
    finally:
        reading.close(_PATIENCE_S)
    if app.failure is not None:
        raise app.failure
    return code if code is not None else app.return_code or 0


def _keys(path: Any) -> dict[str, str]:
    """Most people change no key, and then nothing need be imported to check them."""
    if not path.exists():
        return {}
    from layerscope.tui.keys import read_keys

    return read_keys(path)


def _unicode() -> bool:
    encoding = (sys.stderr.encoding or "").lower().replace("-", "")
    return encoding.startswith("utf") or _WEB_DRIVER in os.environ.get("TEXTUAL_DRIVER", "")


def serve(reference: str | None, values: dict[str, Any], *, host: str, port: int) -> int:
    """Serve the explorer to browsers until Ctrl-C; every one of them has a process of its own."""
    from layerscope.tui.web import is_loopback, serve_web

    if not is_loopback(host):
        click.echo(
            f"warning: whoever reaches {host}:{port} can look at your images and remove them; "
            "nobody is asked for a password",
            err=True,
        )
    command = [sys.executable, "-m", "layerscope", *_arguments(values), *([reference] if reference else [])]
    serve_web(command, host, port, told=lambda line: click.echo(line, err=True))
    return 0


def _arguments(values: dict[str, Any]) -> list[str]:
    """Options as they have to be said to another process; flags where they are true."""
    said = []
    for name, value in values.items():
        option = {"ascii_only": "--ascii"}.get(name, f"--{name.replace('_', '-')}")
        if value is True:
            said.append(option)
        elif isinstance(value, tuple):
            said += [f"{option}={one}" for one in value]
        elif value is not None and value is not False:
            said.append(f"{option}={value}")
    return said


def say_why_not() -> None:
    """Say that an image on standard input leaves no keys for the explorer, where one would expect it."""
    if _has_screen():
        click.echo(
            "note: the image comes through standard input, so the explorer cannot have the keys; "
            "this is the summary",
            err=True,
        )
