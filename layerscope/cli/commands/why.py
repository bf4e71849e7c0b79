"""``layerscope why``: every layer that touched a path, and what that costs."""

from __future__ import annotations

import sys
from typing import Any

import click
import msgspec

from layerscope.cli.options import image_argument, options_from, reading_options
from layerscope.cli.output import page_for, write_lines
from layerscope.cli.places import as_meant, path_argument, place_of
from layerscope.cli.progress import progress
from layerscope.inspection import inspect
from layerscope.model.paths import normalise
from layerscope.reports.story import story_data, story_lines
from layerscope.union.story import story_of


def _why(image: str, path: str, *, json: bool, quiet: bool, **values: Any) -> int:
    with progress(image, quiet=quiet) as meter:
        inspection = inspect(image, options_from(**values, quiet=quiet, facts=False, progress=meter))
    place = place_of(inspection, path, None)
    story = story_of(inspection.analysis, place.node)
    if json:
        sys.stdout.buffer.write(msgspec.json.encode(story_data(inspection.image, story)) + b"\n")
    else:
        asked = normalise(as_meant(inspection, path))
        write_lines(story_lines(inspection.image, story, asked, page_for(sys.stdout)), sys.stdout)
    return 0


COMMAND = click.Command(
    "why",
    params=[
        image_argument(),
        path_argument(),
        click.Option(["--json"], is_flag=True, help="One JSON object; bytes that are no text as \\xNN."),
        *reading_options(),
    ],
    callback=_why,
    help="Tell every layer of IMAGE that touched PATH: what it did, the instruction, what it costs.\n\n"
    "Also for what is not there any more; for a directory, what each layer did below it. Symlinks in "
    "front of the last part are followed as `layerscope ls` does it.\n\n"
    "\b\n"
    "  layerscope why my-app:latest /usr/bin/python3",
)
