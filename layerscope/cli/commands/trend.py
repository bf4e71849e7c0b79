"""``layerscope trend``: what became of size and waste over the runs that ``--record`` wrote down."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import BinaryIO

import click
import msgspec

from layerscope.cli.options import COUNT
from layerscope.cli.output import page_for, write_file, write_lines
from layerscope.errors import UsageError
from layerscope.history.file import read
from layerscope.history.series import Series, series_of
from layerscope.reports.trend import harmless, trend_data, trend_lines

_DAMAGED = 5
_RUNS = 20


def _trend(
    file: str,
    *,
    image: str | None,
    last: int,
    json: bool,
    html: str | None,
    ascii_only: bool,
    quiet: bool,
) -> int:
    records, damaged = read(Path(file))
    if not quiet:
        for spoilt in damaged[:_DAMAGED]:
            click.echo(f"note: {file}:{spoilt.line}: {harmless(spoilt.why)}", err=True)
        if damaged[_DAMAGED:]:
            click.echo(f"note: {file}: {len(damaged[_DAMAGED:])} more lines are no records", err=True)
    series = [one for one in series_of(records) if image is None or fnmatchcase(one.name, image)]
    if not series:
        known = ", ".join(sorted({harmless(one.name) for one in series_of(records)}))
        raise UsageError(
            f"{file}: no run of {image}" if image and known else f"{file}: no run is recorded here",
            hint=f"there is {known}" if known else "layerscope IMAGE --record FILE adds one",
        )
    if json:
        sys.stdout.buffer.write(msgspec.json.encode(trend_data(series)) + b"\n")
    elif html is not None:
        write_file(html, partial(_write_page, series))
    else:
        page = page_for(sys.stdout)
        lines: list[str] = []
        for one in series:
            told = trend_lines(one, page, most=max(1, last), ascii_only=ascii_only)
            lines += ["", *told] if lines else told
        write_lines(lines, sys.stdout)
    return 0


def _write_page(series: Sequence[Series], stream: BinaryIO) -> None:
    from layerscope.reports.page.trend import render_trend

    stream.write(render_trend(series))


COMMAND = click.Command(
    "trend",
    params=[
        click.Argument(["file"]),
        click.Option(
            ["--image"],
            metavar="NAME",
            help="Only this image; its name without the tag, or a pattern with *.",
        ),
        click.Option(
            ["--last"], type=COUNT, default=_RUNS, show_default=True, metavar="N", help="Rows of a table."
        ),
        click.Option(["--json"], is_flag=True, help="One JSON array, an object for each image."),
        click.Option(["--html"], metavar="PATH|-", help="Write a page for a browser."),
        click.Option(["--ascii", "ascii_only"], is_flag=True, help="No Unicode signs."),
        click.Option(["-q", "--quiet"], is_flag=True, help="Say nothing of damaged lines."),
    ],
    callback=_trend,
    help="Show how an image became larger or smaller over the runs in FILE, which --record wrote.\n\n"
    "An image is told by its name without the tag, and by its platform. A line of FILE that is damaged is "
    "said and left out.",
)
