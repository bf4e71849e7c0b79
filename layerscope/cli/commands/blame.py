"""``layerscope blame``: a Dockerfile with the bytes of each instruction."""

from __future__ import annotations

import sys
from typing import Any

import click
import msgspec

from layerscope.cli.options import base_option, image_argument, options_from, reading_options
from layerscope.cli.output import page_for, write_lines
from layerscope.cli.progress import progress
from layerscope.dockerfile.beside import read_dockerfile
from layerscope.errors import UsageError
from layerscope.inspection import inspect
from layerscope.reports.blame import blame_data, blame_lines, blame_of


def _blame(image: str, *, dockerfile: str, target: str | None, json: bool, quiet: bool, **values: Any) -> int:
    written = read_dockerfile(dockerfile)
    if not written.chain(target):
        where = f"no stage {target}" if target is not None and written.stages else "no FROM in it"
        raise UsageError(f"{dockerfile}: {where}")
    with progress(image, values.get("base"), quiet=quiet) as meter:
        inspection = inspect(image, options_from(**values, quiet=quiet, progress=meter))
    blame = blame_of(inspection, written, target)
    if not any(line.layers for line in blame.lines):
        raise UsageError(
            f"{dockerfile}: the image's history tells of none of its instructions",
            hint="is it the Dockerfile of this image? --target names another stage than the last",
        )
    if json:
        sys.stdout.buffer.write(msgspec.json.encode(blame_data(blame)) + b"\n")
    else:
        write_lines(blame_lines(blame, page_for(sys.stdout)), sys.stdout)
    return 0


COMMAND = click.Command(
    "blame",
    params=[
        image_argument(),
        click.Option(
            ["-f", "--dockerfile"],
            metavar="PATH",
            default="Dockerfile",
            show_default=True,
            help="The Dockerfile that the image was built from.",
        ),
        click.Option(["--target"], metavar="STAGE", help="The stage that the image is; else the last one."),
        click.Option(["--json"], is_flag=True, help="One JSON object; lines are numbered from 1."),
        base_option(),
        *reading_options(),
    ],
    callback=_blame,
    help="Show a Dockerfile with what each instruction ships in IMAGE, the waste that it causes, and what "
    "to change there.\n\nInstructions are found by the image's history; the layers below the first of them "
    "are the FROM's. Stages that IMAGE does not consist of have no bytes.",
)
