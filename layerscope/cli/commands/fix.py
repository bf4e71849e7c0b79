"""``layerscope fix``: a Dockerfile with the suggestions put in, as a difference."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from layerscope.cli.advising import advising_options, take_advising
from layerscope.cli.configured import config_option
from layerscope.cli.options import SIZE, base_option, image_argument, options_from, reading_options
from layerscope.cli.output import write_file
from layerscope.cli.progress import progress
from layerscope.errors import UsageError
from layerscope.inspection import inspect
from layerscope.model.names import shown
from layerscope.model.people import size

if TYPE_CHECKING:
    from layerscope.dockerfile.fixing import Outcome

_LEAST_BYTES = "100kB"


def _fix(image: str, *, write: bool, at_least: int, quiet: bool, **values: Any) -> int:
    from layerscope.advice.potential import counted
    from layerscope.dockerfile.fixing import difference, fix

    values = take_advising(values)
    path = values["dockerfile"]
    if path is None:
        raise UsageError("no Dockerfile in this folder", hint="--dockerfile PATH names the one of the image")
    values["dockerfile_is_guess"] = False  # it is to be changed: whoever calls this means it
    with progress(image, values.get("base"), quiet=quiet) as meter:
        inspection = inspect(image, options_from(**values, quiet=quiet, progress=meter))
    assert inspection.beside is not None
    sure = [one for one in counted(inspection.suggestions, inspection.assume) if one.net_bytes >= at_least]
    fixed = fix(inspection.beside, inspection.image, sure)
    text = Path(path).read_bytes().decode("utf-8", "surrogateescape")
    before = inspection.beside.dockerfile.lines
    if write:
        content = _with_lines(text, fixed.lines)
        if fixed.lines != before:
            write_file(path, lambda stream: _put(stream, content))
    else:
        change = difference(before, fixed.lines, inspection.beside.path, ends_open=not text.endswith("\n"))
        if _has_carriage_returns(text):
            change = _with_carriage_returns(change)
        sys.stdout.flush()
        _put(sys.stdout.buffer, change)
    if not quiet:
        for one in fixed.outcomes:
            click.echo(_told(inspection.beside.path, one), err=True)
        put_in = [one.suggestion for one in fixed.outcomes if not one.left_out]
        if len(fixed.outcomes) > 1:
            saved = size(sum(one.net_bytes for one in put_in))
            click.echo(f"{saved:>9}  in all, by {len(put_in)} of {len(fixed.outcomes)}", err=True)
        if not sure:
            click.echo("nothing to fix that is sure and worth a line; --assume RULE takes in more", err=True)
    return 0


def _put(stream: BinaryIO, text: str) -> None:
    stream.write(text.encode("utf-8", "surrogateescape"))


def _has_carriage_returns(text: str) -> bool:
    return "\r\n" in text


def _with_carriage_returns(change: str) -> str:
    """The lines of a difference as they are in a file of Windows."""
    lines = change.split("\n")
    return "\n".join(
        f"{line}\r" if line[:1] in (" ", "+", "-") and not line.startswith(("--- ", "+++ ")) else line
        for line in lines
    )


def _with_lines(text: str, lines: tuple[str, ...]) -> str:
    """A file's text with other lines, its mark and its ends of lines kept."""
    end = "\r\n" if _has_carriage_returns(text) else "\n"
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    return mark + end.join(lines) + (end if text.endswith("\n") else "")


def _told(path: str, one: Outcome) -> str:
    found = one.suggestion
    place = f"{shown(path)}:{found.dockerfile_lines[0]}" if found.dockerfile_lines else "image"
    head = f"{size(found.net_bytes):>9}  {place}  {found.rule}"
    return f"{head}: left out, {one.left_out}" if one.left_out else head


COMMAND = click.Command(
    "fix",
    params=[
        image_argument(),
        *advising_options(short=True),
        click.Option(
            ["--at-least"],
            type=SIZE,
            metavar="SIZE",
            default=_LEAST_BYTES,
            show_default=True,
            help="Leave out what saves less.",
        ),
        click.Option(["--write"], is_flag=True, help="Change the Dockerfile instead of printing how."),
        base_option(),
        *reading_options(),
        config_option(),
    ],
    callback=_fix,
    help="Print what to change in IMAGE's Dockerfile, as a difference that patch -p1 and git apply take: the "
    "suggestions of high confidence that come with an instruction to write.\n\n"
    "\b\n  layerscope fix my-app -f Dockerfile | patch -p1\n\n"
    "What cannot be put in is told on standard error, and why. Read the change before you build.",
)
