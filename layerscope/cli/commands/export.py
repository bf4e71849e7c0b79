"""``layerscope export``: write an image from anywhere to a local archive, an engine or a registry."""

from __future__ import annotations

import sys
from typing import Any

import click

from layerscope.cli.destination import destination, destination_options, outcome_lines, output_from
from layerscope.cli.ending import Ended, ended_by_signals
from layerscope.cli.options import image_argument, options_from, reading_options
from layerscope.cli.output import write_lines
from layerscope.cli.progress import progress
from layerscope.exporter import Exported, export

_ALWAYS_SO = ("verify", "base_layers")


def _export(
    image: str,
    *,
    output: str,
    form: str | None,
    name: tuple[str, ...],
    force: bool,
    max_temp: int | None,
    all_platforms: bool,
    quiet: bool,
    **values: Any,
) -> int:
    where = output_from(
        output, form=form, name=name, force=force, max_temp=max_temp, all_platforms=all_platforms
    )
    try:
        with ended_by_signals(), progress(image, quiet=quiet) as meter, destination(where) as place:
            options = options_from(**values, verify=True, base_layers=None, quiet=quiet, progress=meter)
            exported = export(image, place, options, where.how)
    except Ended as end:
        return end.exit_code
    if not quiet:
        write_lines(outcome_lines(exported, where, checked=_checked(exported)), sys.stderr)
    return 0


def _checked(exported: Exported) -> tuple[str, str]:
    """How far it was checked."""
    how = "read again after writing" if exported.read_again else "while writing"
    return "verified", f"every digest and diff ID, {how}"


COMMAND = click.Command(
    "export",
    params=[
        image_argument(),
        *destination_options(required=True),
        *(option for option in reading_options() if option.name not in _ALWAYS_SO),
    ],
    callback=_export,
    help="""Write IMAGE, from wherever it is, to an archive, a layout, an engine or a registry, unchanged.

Every layer is held against its digest and its diff ID before it is written, and what was written is
read again. docker load, podman load and skopeo take the result. A registry is sent only what it lacks.

\b
  layerscope export my-app:1.2 -o my-app.tar      for docker load
  layerscope export my-app:1.2 -o my-app.oci.tar  layers stay compressed
  layerscope export image.tar -o layout/          an OCI layout in a folder
  layerscope export my-app:1.2 -o - | ssh host docker load
  layerscope export image.tar -o docker:my-app:1.2
  layerscope export my-app:1.2 -o registry:registry.example/my-app:1.2
""",
)
