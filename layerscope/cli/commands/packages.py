"""``layerscope packages``: what is installed, what it weighs, and which layer brought it."""

from __future__ import annotations

import sys
from typing import Any

import click
import msgspec

from layerscope.cli.options import image_argument, options_from, reading_options
from layerscope.cli.output import page_for, write_lines
from layerscope.cli.progress import progress
from layerscope.inspection import inspect
from layerscope.reports.packages import packages_data, packages_lines, unowned_lines, unreadable_lines

_MOST_PLACES = 10


def _packages(image: str, *, json: bool, quiet: bool, **values: Any) -> int:
    with progress(image, quiet=quiet) as meter:
        inspection = inspect(image, options_from(**values, quiet=quiet, progress=meter))
    found = inspection.packages
    if json:
        sys.stdout.buffer.write(msgspec.json.encode(packages_data(found)) + b"\n")
        return 0
    page = page_for(sys.stdout)
    lines = unreadable_lines(found, page)
    lines += packages_lines(inspection.image, found, page)
    lines = lines or ["no package database in the image"]
    write_lines([*lines, "", *unowned_lines(found, page, _MOST_PLACES)], sys.stdout)
    return 0


COMMAND = click.Command(
    "packages",
    params=[
        image_argument(),
        click.Option(["--json"], is_flag=True, help="One JSON object, as in the report of --json."),
        *reading_options(),
    ],
    callback=_packages,
    help="List the packages of IMAGE, the largest first, and where the bytes are that no package owns.\n\n"
    "Columns: bytes and number of the files that are there, the layer that brought the package in this "
    "version, whether somebody asked for it or another package needs it, kind, name, version, "
    "instruction. A file of two packages is counted for one of them.",
)
