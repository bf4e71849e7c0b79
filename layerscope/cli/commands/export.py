"""``layerscope export``: write an image from anywhere to a local archive or layout."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from layerscope.cli.ending import Ended, ended_by_signals
from layerscope.cli.options import SIZE, Parsed, image_argument, options_from, reading_options
from layerscope.cli.output import write_lines
from layerscope.cli.progress import progress
from layerscope.config import Options
from layerscope.errors import UsageError, WriteError
from layerscope.exporter import FORMATS, Exported, ExportOptions, Format, export
from layerscope.model.names import shown
from layerscope.model.people import size
from layerscope.model.reference import parse_image_name

_ENDINGS: dict[str, Format] = {
    ".oci": "oci-archive",
    ".oci.tar": "oci-archive",
    ".oci-archive": "oci-archive",
    "/": "oci",
}
_COMPRESSED = (".gz", ".tgz", ".zst", ".tzst", ".xz", ".txz", ".bz2", ".tbz2")
_ALWAYS_SO = ("verify", "base_layers")


def image_name(text: str) -> str:
    """A name for the image, as people write it."""
    if parse_image_name(text).tag is None:
        raise ValueError(f"{text}: a name with a tag is needed, not a digest")
    return text


def _export(
    image: str,
    *,
    output: str,
    form: Format | None,
    name: tuple[str, ...],
    force: bool,
    max_temp: int | None,
    quiet: bool,
    **values: Any,
) -> int:
    how = ExportOptions(
        format=form or format_for(output), names=name or None, replace=force, max_temp_bytes=max_temp
    )
    try:
        with ended_by_signals(), progress(quiet=quiet) as meter:
            options = options_from(**values, verify=True, base_layers=None, quiet=quiet, progress=meter)
            exported = _written(image, output, options, how)
    except Ended as end:
        return end.exit_code
    if not quiet:
        write_lines(_lines(exported, output), sys.stderr)
    return 0


def format_for(output: str) -> Format:
    """The format that the output's name tells of, else the one that everything loads."""
    if output.endswith(_COMPRESSED):
        raise UsageError(
            f"{output}: archives are written uncompressed",
            hint="leave that ending off, or: layerscope export IMAGE -o - | gzip > FILE",
        )
    for ending, form in _ENDINGS.items():
        if output.endswith(ending):
            return form
    return "docker-archive"


def _written(image: str, output: str, options: Options, how: ExportOptions) -> Exported:
    if output == "-":
        if sys.stdout.isatty():
            raise UsageError(
                "standard output is a terminal, no place for an archive",
                hint="name a file with -o, or a pipe: layerscope export IMAGE -o - | docker load",
            )
        return export(image, sys.stdout.buffer, options, how)
    path = Path(output)
    if not _is_device(path):
        return export(image, path, options, how)
    try:
        device = path.open("wb", buffering=0)  # a pipe, /dev/null: nothing to put in its place
    except OSError as error:
        raise WriteError(f"{output}: {error.strerror}") from error
    with device:
        return export(image, device, options, how)


def _is_device(path: Path) -> bool:
    try:
        return path.exists() and not path.is_file() and not path.is_dir()
    except OSError:  # what cannot even be looked at is complained about where it is to be written
        return False


def _lines(exported: Exported, output: str) -> list[str]:
    """What was written, and how far it was checked."""
    place = "standard output" if output == "-" else output
    count = exported.layers
    layers = f"{count} layer" if count == 1 else f"{count} layers"
    checked = "read again after writing" if exported.read_again else "while writing"
    rows = [
        ("wrote", f"{place} ({exported.format}, {size(exported.size_bytes)}, {layers})"),
        *(("name", name) for name in exported.names),
        ("image ID", exported.image_id),
        *([("digest", exported.digest)] if exported.digest else []),
        ("verified", f"every digest and diff ID, {checked}"),
        *(("note", note) for note in exported.notes),
    ]
    return [f"{title:<8}  {shown(text)}" for title, text in rows]


COMMAND = click.Command(
    "export",
    params=[
        image_argument(),
        click.Option(
            ["-o", "--output"],
            required=True,
            metavar="PATH|-",
            help="Where to write; - is standard output.",
        ),
        click.Option(
            ["--format", "form"],
            type=click.Choice(FORMATS),
            help="Default: oci for NAME/, oci-archive for NAME.oci.tar, else docker-archive.",
        ),
        click.Option(
            ["--name"],
            type=Parsed(image_name, "NAME"),
            multiple=True,
            metavar="NAME[:TAG]",
            help="Give the image this name instead of those it has; may be repeated.",
        ),
        click.Option(["--force"], is_flag=True, help="Replace an archive or layout that is there already."),
        click.Option(
            ["--max-temp"],
            type=SIZE,
            metavar="SIZE",
            help="Most temporary data. Default: what leaves 1 GB of the disk free.",
        ),
        *(option for option in reading_options() if option.name not in _ALWAYS_SO),
    ],
    callback=_export,
    help="""Write IMAGE, from wherever it is, to a local archive or OCI layout, unchanged and verified.

Every layer is held against its digest and its diff ID before it is written, and what was written is
read again. docker load, podman load and skopeo take the result.

\b
  layerscope export my-app:1.2 -o my-app.tar      for docker load
  layerscope export my-app:1.2 -o my-app.oci.tar  layers stay compressed
  layerscope export image.tar -o layout/          an OCI layout in a folder
  layerscope export my-app:1.2 -o - | ssh host docker load
""",
)
