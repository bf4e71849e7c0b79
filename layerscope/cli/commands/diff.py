"""``layerscope diff``: two images side by side, and what the newer one costs those who have the older."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import click
from msgspec.structs import replace

from layerscope.cli.configured import config_option
from layerscope.cli.exploring import explore_comparison, exploring_options, has_terminal
from layerscope.cli.gating import comparison_gate_options, judge_comparison, take_comparison_limits
from layerscope.cli.options import Parsed, options_from, reading_options, unprotected
from layerscope.cli.output import page_for, write_file, write_lines
from layerscope.cli.progress import progress
from layerscope.cli.step_summary import append_to_step_summary
from layerscope.comparison.comparing import Comparison
from layerscope.comparison.saved_report import is_report, read_report
from layerscope.comparison.subject import Subject, subject_of
from layerscope.extensions import Progress
from layerscope.inspection import inspect
from layerscope.reports.comparison_data import MOST_ROWS, comparison_data, overview_data
from layerscope.reports.comparison_files import write_html, write_json, write_markdown
from layerscope.reports.comparison_terminal import comparison_gate_lines, comparison_lines

_FORMS = {"json": write_json, "markdown": write_markdown, "html": write_html}
_OF_ONE_IMAGE = "base_layers"
_OF_THE_SCREEN = ("ascii_only", "theme")


def _diff(old: str, new: str, *, ci: bool, quiet: bool, **values: Any) -> int:
    limits = take_comparison_limits(values, ci=ci)
    wanted = {name: values.pop(name) for name in _FORMS}
    destinations = {name: place for name, place in wanted.items() if place is not None}
    interactive, most_rows = values.pop("interactive"), None if values.pop("all_files") else MOST_ROWS
    screen = {name: values.pop(name) for name in ("ascii_only", "theme")}
    if interactive and (ci or destinations):
        raise click.UsageError("--interactive shows a screen: it writes no report or verdict")
    if interactive and not has_terminal():
        raise click.UsageError("--interactive needs a terminal")
    if list(destinations.values()).count("-") > 1:
        raise click.UsageError("only one report can go to standard output")
    if all(reference == "-" or reference.startswith("-:") for reference in (old, new)):
        raise click.UsageError("only one of the images can come from standard input")
    if interactive:
        return explore_comparison((old, new), partial(_subject_told, **values), **screen)
    facts = not ci or bool(destinations)
    sides = [_subject(reference, quiet=quiet, facts=facts, **values) for reference in (old, new)]
    comparison = Comparison(old=sides[0], new=sides[1])
    verdicts = judge_comparison(comparison, limits) if ci else []
    data = (
        comparison_data(comparison, verdicts, most_rows=most_rows)
        if facts
        else overview_data(comparison, verdicts)
    )
    if ci or not destinations:
        stream = sys.stderr if "-" in destinations.values() else sys.stdout
        page = page_for(stream)
        lines = comparison_gate_lines(data, verdicts, page) if ci else comparison_lines(data, page)
        write_lines(lines, stream)
    for name, place in destinations.items():
        write = partial(_FORMS[name], data)
        write_file(place, write)
        note = append_to_step_summary(place, write) if name == "markdown" else None
        if note is not None and not quiet:
            click.echo(f"note: {note}", err=True)
    return 1 if any(verdict.failed for verdict in verdicts) and not limits.exit_zero else 0


def _subject(reference: str, *, quiet: bool, **values: Any) -> Subject:
    """An image, or what a saved report tells of one; raises LayerscopeError."""
    if is_report(reference):
        return read_report(reference)
    with progress(reference, quiet=quiet) as meter:
        return subject_of(
            inspect(reference, options_from(**values, base_layers=None, quiet=quiet, progress=meter))
        )


def _subject_told(reference: str, told: Progress, notice: Callable[[str], None], **values: Any) -> Subject:
    """The same for the screen, which shows progress in its own way."""
    if is_report(reference):
        return read_report(reference)
    options = options_from(**values, base_layers=None, quiet=True, progress=None)
    return subject_of(inspect(reference, replace(options, progress=told, notice=notice)))


def _image(name: str) -> click.Argument:
    return click.Argument([name], type=Parsed(unprotected, name.upper()))


def _report(name: str, what: str) -> click.Option:
    return click.Option([f"--{name}"], metavar="PATH|-", help=what)


COMMAND = click.Command(
    "diff",
    params=[
        _image("old"),
        _image("new"),
        click.Option(["-i", "--interactive"], is_flag=True, help="Show both side by side on the screen."),
        *(option for option in exploring_options() if option.name in _OF_THE_SCREEN),
        _report(
            "json", f"Write JSON; of files, directories and packages the {MOST_ROWS:,} largest changes each."
        ),
        click.Option(["--all-files"], is_flag=True, help="With --json: every file, directory and package."),
        _report("markdown", "Write a comment for a pull request; in GitHub Actions also to the summary."),
        _report("html", "Write a page for a browser."),
        *comparison_gate_options(),
        *(option for option in reading_options() if option.name != _OF_ONE_IMAGE),
        config_option(),
    ],
    callback=_diff,
    help="""Show two images side by side: what NEW adds to OLD, and what has to be pulled for it.

The update is what a node that has OLD must still pull for NEW: layers by their digest, as stored. What of it
has the content of files that OLD ships too is told apart, and so is the instruction that is to blame: the
lowest layer that is not the same, with what changed in it. Layers above it are often built again only
because the cache was broken.

OLD and NEW are images as everywhere, or reports that --json wrote; these do not tell of single files.
With --ci, the limits are held against OLD. Of the settings those count that are options here too: max-growth,
max-update, what to warn at, platform, pull and the like.

\b
  layerscope diff my-app:1 my-app:2
  layerscope diff my-app:1 my-app:2 -i                 side by side
  layerscope diff released.json my-app:2 --ci --max-update 50MB
  layerscope diff my-app:1 my-app:2 --markdown comment.md --html diff.html
""",
)
