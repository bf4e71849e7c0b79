"""Where an image is to be written, for the commands that write one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click
import msgspec

from layerscope.cli.options import SIZE, Parsed
from layerscope.errors import UsageError, WriteError
from layerscope.exporter import FORMATS, Exported, ExportOptions
from layerscope.extensions import Target
from layerscope.model.names import shown
from layerscope.model.people import size
from layerscope.model.reference import parse_image_name
from layerscope.targets.choosing import choose_target

STANDARD_OUTPUT = "-"


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """What ``-o`` and the options beside it say."""

    text: str
    place: str
    target: Target
    how: ExportOptions


def destination_options(*, required: bool) -> list[click.Option]:
    """Where to write, in which format, under which names."""
    return [
        click.Option(
            ["-o", "--output"],
            required=required,
            metavar="WHERE",
            help="A path, docker:NAME, podman:NAME, registry:HOST/NAME; - is standard output.",
        ),
        click.Option(
            ["--format", "form"],
            type=click.Choice(FORMATS),
            help="Of a path. Default: oci for NAME/, oci-archive for NAME.oci.tar, else docker-archive.",
        ),
        click.Option(
            ["--name"],
            type=Parsed(image_name, "NAME"),
            multiple=True,
            metavar="NAME[:TAG]",
            help="Give the image this name instead of those it has; may be repeated.",
        ),
        click.Option(
            ["--all-platforms"],
            is_flag=True,
            help="Every platform of an OCI layout or a registry, into one of these.",
        ),
        click.Option(["--force"], is_flag=True, help="Replace what is there already."),
        click.Option(
            ["--max-temp"],
            type=SIZE,
            metavar="SIZE",
            help="Most temporary data. Default: what leaves 1 GB of the disk free.",
        ),
    ]


def image_name(text: str) -> str:
    """A name for the image, as people write it."""
    if parse_image_name(text).tag is None:
        raise ValueError(f"{text}: a name with a tag is needed, not a digest")
    return text


def output_from(
    output: str,
    *,
    form: str | None,
    name: tuple[str, ...],
    force: bool,
    max_temp: int | None,
    all_platforms: bool,
) -> Output:
    """The values of `destination_options`; raises UsageError."""
    target, place = choose_target(output, form)
    how = ExportOptions(
        format=target.id,
        names=name or None,
        replace=force,
        max_temp_bytes=max_temp,
        all_platforms=all_platforms,
    )
    return Output(text=output, place=place, target=target, how=how)


@contextmanager
def destination(output: Output) -> Iterator[str | BinaryIO]:
    """The place itself: a stream for standard output and devices, else its name."""
    if not output.target.streams:
        yield output.place
    elif output.place == STANDARD_OUTPUT:
        if sys.stdout.isatty():
            raise UsageError(
                "standard output is a terminal, no place for an archive",
                hint="name a file with -o, or a pipe: layerscope export IMAGE -o - | docker load",
            )
        yield sys.stdout.buffer
    elif not _is_device(Path(output.place)):
        yield output.place
    else:
        with _opened(Path(output.place)) as device:  # a pipe, /dev/null: nothing to put in its place
            yield device


def _opened(device: Path) -> BinaryIO:
    try:
        return device.open("wb", buffering=0)
    except OSError as error:
        raise WriteError(f"{device}: {error.strerror}") from error


def _is_device(path: Path) -> bool:
    try:
        return path.exists() and not path.is_file() and not path.is_dir()
    except OSError:  # what cannot even be looked at is complained about where it is to be written
        return False


def outcome_lines(exported: Exported, output: Output, *, checked: tuple[str, str]) -> list[str]:
    """What was written, and how far it was checked: a title and a sentence."""
    place = "standard output" if output.place == STANDARD_OUTPUT else output.text
    count = exported.layers
    layers = f"{count} layer" if count == 1 else f"{count} layers"
    rows = [
        ("wrote", f"{place} ({exported.format}, {size(exported.size_bytes)}, {layers})"),
        *(("name", name) for name in exported.names),
        ("image ID", exported.image_id),
        *([("digest", exported.digest)] if exported.digest else []),
        checked,
        *(("note", note) for note in exported.notes),
    ]
    return [f"{title:<8}  {shown(text)}" for title, text in rows]
