"""``layerscope dockerignore``: lines that keep out of the next build what leaked into this image."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from layerscope.cli.advising import advising_options, take_advising
from layerscope.cli.configured import config_option
from layerscope.cli.options import base_option, image_argument, options_from, reading_options
from layerscope.cli.output import write_file, write_lines
from layerscope.cli.progress import progress
from layerscope.errors import UsageError
from layerscope.inspection import inspect
from layerscope.model.names import shown
from layerscope.model.people import path as absolute
from layerscope.model.people import size

_NAME = ".dockerignore"


def _dockerignore(image: str, *, context: str, write: bool, quiet: bool, **values: Any) -> int:
    from layerscope.advice.evidence import Evidence
    from layerscope.advice.leaks import leak_rules, leaks, sources_of
    from layerscope.dockerfile.ignore_file import joined, line_of, missing, shortened

    values = take_advising(values)
    with progress(image, values.get("base"), quiet=quiet) as meter:
        inspection = inspect(image, options_from(**values, quiet=quiet, progress=meter))
    evidence = Evidence(
        inspection.image, inspection.changesets, inspection.analysis, leak_rules(), inspection.present
    )
    hidden = {path for one in inspection.ignored_suggestions for path in one.suggestion.paths}
    found = [
        leak
        for leak in leaks(evidence, inspection.beside, lambda path: Path(context, path).exists())
        if not any(path == leak.path or path.startswith(f"{leak.path}/") for path in hidden)
    ]
    place = _place(context, values["dockerfile"])
    existing = _read(place)
    lines = [
        line for path in shortened(sources_of(found)) if (line := _with_stars(path, line_of)) is not None
    ]
    lines = missing(lines, existing)
    if write and lines:
        write_file(str(place), lambda stream: _put(stream, joined(existing, lines)))
    elif lines:
        write_lines(lines, sys.stdout)
    if not quiet:
        for leak in found:
            told = f": left out, {leak.reason}" if leak.reason else ""
            click.echo(f"{size(leak.size_bytes):>9}  {absolute(leak.path)}  {leak.rule}{told}", err=True)
        if not lines:
            click.echo(f"nothing to add to {shown(str(place))}", err=True)
    return 0


def _with_stars(path: str, line_of: Any) -> str | None:
    """A path's line; what is meant everywhere keeps its stars."""
    anywhere = path.startswith("**/")
    line: str | None = line_of(path.removeprefix("**/"))
    return f"**/{line}" if anywhere and line is not None else line


def _place(context: str, dockerfile: str | None) -> Path:
    """The file that the builder reads: one of the Dockerfile's own where it is there (BuildKit)."""
    if dockerfile is not None and (own := Path(f"{dockerfile}{_NAME}")).is_file():
        return own
    return Path(context, _NAME)


def _read(place: Path) -> str:
    try:
        return place.read_bytes().decode("utf-8", "surrogateescape") if place.exists() else ""
    except OSError as error:
        raise UsageError(f"{place}: {error.strerror}") from None


def _put(stream: Any, text: str) -> None:
    stream.write(text.encode("utf-8", "surrogateescape"))


COMMAND = click.Command(
    "dockerignore",
    params=[
        image_argument(),
        *advising_options(short=True),
        click.Option(
            ["--context"],
            metavar="DIR",
            default=".",
            show_default=True,
            help="The folder that the image was built from.",
        ),
        click.Option(
            ["--write"], is_flag=True, help="Add the lines to .dockerignore instead of printing them."
        ),
        base_option(),
        *reading_options(),
        config_option(),
    ],
    callback=_dockerignore,
    help="Print lines for .dockerignore that keep out what COPY and ADD brought into IMAGE from the build's "
    "context and it does not need: repositories, tests, editors' files, secrets. What is in the file already "
    "is left out, and what an instruction names.\n\n"
    "\b\n  layerscope dockerignore my-app >> .dockerignore",
)
