"""``layerscope split``: a Dockerfile in which what runs is apart from what built it."""

from __future__ import annotations

import sys
from typing import Any

import click

from layerscope.cli.advising import advising_options, take_advising
from layerscope.cli.configured import config_option
from layerscope.cli.options import base_option, image_argument, options_from, reading_options
from layerscope.cli.progress import progress
from layerscope.errors import UsageError
from layerscope.inspection import inspect
from layerscope.model.names import shown
from layerscope.model.people import path as absolute
from layerscope.model.people import size


def _split(image: str, *, paths: bool, quiet: bool, **values: Any) -> int:
    from layerscope.advice.evidence import Evidence
    from layerscope.advice.splitting import split_of
    from layerscope.advice.two_stages import proposal

    values = take_advising(values)
    with progress(image, values.get("base"), quiet=quiet) as meter:
        inspection = inspect(image, options_from(**values, quiet=quiet, progress=meter))
    evidence = Evidence(
        inspection.image, inspection.changesets, inspection.analysis, present=inspection.present
    )
    split = split_of(evidence)
    if split is None:
        raise UsageError(
            "there is nothing to split: no program of the image's own is told by its entrypoint",
            hint="layerscope why IMAGE PATH tells where a program comes from",
        )
    if paths:
        names = (f"./{name}\0".encode("utf-8", "surrogateescape") for name in sorted(split.closure.nodes))
        sys.stdout.flush()
        sys.stdout.buffer.writelines(names)
    else:
        text = proposal(split, evidence, inspection.beside)
        sys.stdout.flush()
        sys.stdout.buffer.write(f"{text}\n".encode("utf-8", "surrogateescape"))
    if not quiet:
        first, last = split.build_layers[0], split.build_layers[-1]
        builds = f"layers {first} to {last} build" if first < last else f"layer {first} builds"
        click.echo(f"runs: {', '.join(map(absolute, split.closure.programs))}", err=True)
        click.echo(
            f"{builds}; the second stage adds {size(split.needed_bytes)} to the base and leaves "
            f"{size(split.dropped_bytes)} behind",
            err=True,
        )
        for note in split.closure.undecided:
            click.echo(f"to decide: {shown(note)}", err=True)
    return 0


COMMAND = click.Command(
    "split",
    params=[
        image_argument(),
        *advising_options(short=True),
        click.Option(
            ["--paths"],
            is_flag=True,
            help="Print what is needed to run, a zero byte behind each path: tar --null -T takes them.",
        ),
        base_option(),
        *reading_options(),
        config_option(),
    ],
    callback=_split,
    help="Print a Dockerfile of two stages for IMAGE: one that builds it, and one with no more than its "
    "entrypoint needs to run.\n\nThe entrypoint is followed through scripts, interpreters and the libraries "
    "that programs name; nothing is run. What cannot be told that way is said on standard error: read it.",
)
