"""``layerscope cat``: a file's content as of a layer, also of one that was deleted."""

from __future__ import annotations

import sys
from contextlib import ExitStack, closing
from typing import Any

import click

from layerscope.cli.ending import Ended, ended_by_signals
from layerscope.cli.options import image_argument, options_from, reading_options
from layerscope.cli.output import write_lines
from layerscope.cli.places import layer_option, notes_on, path_argument, place_of
from layerscope.cli.progress import progress
from layerscope.content.file import WINDOW_BYTES
from layerscope.errors import UsageError
from layerscope.inspection import inspecting
from layerscope.model.names import shown
from layerscope.union.index import is_directory


def _cat(image: str, path: str, *, layer: int | None, quiet: bool, **values: Any) -> int:
    try:
        with ended_by_signals():
            _write(image, path, layer=layer, quiet=quiet, **values)
    except Ended as end:
        return end.exit_code
    return 0


def _write(image: str, path: str, *, layer: int | None, quiet: bool, **values: Any) -> None:
    with ExitStack() as stack:
        with progress(image, quiet=quiet) as meter:
            options = options_from(**values, quiet=quiet, facts=False, progress=meter)
            inspection = stack.enter_context(inspecting(image, options))
            place = place_of(inspection, path, layer, last=True)
            if is_directory(place.version):
                raise UsageError(
                    f"{shown(path)} is a directory",
                    hint="layerscope ls lists it, layerscope extract writes it",
                )
            content = stack.enter_context(closing(inspection.content.open(place.version)))
            block = content.read(WINDOW_BYTES)
        if layer is None and not quiet and (notes := notes_on(place)):
            write_lines(notes, sys.stderr)
        sys.stdout.flush()
        while block:
            sys.stdout.buffer.write(block)
            block = content.read(WINDOW_BYTES)
        sys.stdout.buffer.flush()


COMMAND = click.Command(
    "cat",
    params=[image_argument(), path_argument(), layer_option(), *reading_options()],
    callback=_cat,
    help="Write the content of the file PATH in IMAGE to standard output.\n\n"
    "Also of a file that a later layer deleted or overwrote: without --layer the last version there was. "
    "Symlinks are followed inside the image.\n\n"
    "\b\n"
    "  layerscope cat my-app:latest /etc/os-release\n"
    "  layerscope cat my-app:latest /root/.npmrc --layer 3",
)
