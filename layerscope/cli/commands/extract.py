"""``layerscope extract``: write a file or a folder as of a layer."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from layerscope.cli.ending import Ended, ended_by_signals
from layerscope.cli.options import SIZE, image_argument, options_from, reading_options
from layerscope.cli.output import write_lines
from layerscope.cli.places import layer_option, notes_on, path_argument, place_of
from layerscope.cli.progress import progress
from layerscope.errors import WriteError
from layerscope.extract import Extracted, Wishes, extract
from layerscope.inspection import inspecting
from layerscope.model.names import shown
from layerscope.model.people import size

_LISTED = 20


def _extract(image: str, path: str, *, output: str, quiet: bool, **values: Any) -> int:
    try:
        with ended_by_signals():
            done, notes = _extracted(image, path, Path(output), quiet=quiet, **values)
    except Ended as end:
        return end.exit_code
    if not quiet:
        write_lines([*notes, _summary(done, output)], sys.stderr)
    _complain_of_missing(done, output)
    return 0


def _extracted(
    image: str,
    path: str,
    folder: Path,
    *,
    layer: int | None,
    max_size: int | None,
    quiet: bool,
    **values: Any,
) -> tuple[Extracted, list[str]]:
    wanted = {name: values.pop(name) for name in ("force", "owners", "devices", "keep_special")}
    with (
        progress(image, quiet=quiet) as meter,
        inspecting(image, options_from(**values, quiet=quiet, facts=False, progress=meter)) as inspection,
    ):
        place = place_of(inspection, path, layer)
        done = extract(inspection.content, place, folder, Wishes(**wanted, max_bytes=max_size), meter)
    notes = notes_on(place) if layer is None else []
    if not inspection.image.complete:
        notes.append("note: layers are missing, and what was in them")
    return done, notes


def _summary(done: Extracted, output: str) -> str:
    counted = [
        f"{count} {name}{'s' if count != 1 else ''}"
        for count, name in (
            (done.files, "file"),
            (done.folders, "folder"),
            (done.links, "link"),
            (done.devices, "device"),
        )
        if count
    ]
    text = f"{shown(output)}: {', '.join(counted) or 'nothing'}, {size(done.written_bytes)}"
    if done.devices_left_out:
        count = done.devices_left_out
        text += f"; {count} {'devices or pipes' if count != 1 else 'device or pipe'} left out (--devices)"
    return text


def _complain_of_missing(done: Extracted, output: str) -> None:
    """Raise WriteError where not everything was written."""
    if not done.missing:
        return
    listed = [f"  /{shown(missing.path)}: {missing.reason}" for missing in done.missing[:_LISTED]]
    if len(done.missing) > _LISTED:
        listed.append(f"  … and {len(done.missing) - _LISTED} more")
    count = len(done.missing)
    raise WriteError(
        "\n".join(
            [
                f"{shown(output)}: {count} {'entries are' if count > 1 else 'entry is'} missing or not whole",
                *listed,
            ]
        )
    )


COMMAND = click.Command(
    "extract",
    params=[
        image_argument(),
        path_argument(),
        click.Option(["-o", "--output"], required=True, metavar="DIR", help="The folder to write into."),
        layer_option(),
        click.Option(["--force"], is_flag=True, help="Replace files and links that are in the way."),
        click.Option(["--owners"], is_flag=True, help="Give files their owners (needs root)."),
        click.Option(["--devices"], is_flag=True, help="Make devices (needs root) and named pipes too."),
        click.Option(["--keep-special"], is_flag=True, help="Keep the setuid and setgid bits."),
        click.Option(
            ["--max-size"], type=SIZE, metavar="SIZE", help="Write nothing where it would be more than this."
        ),
        *reading_options(),
    ],
    callback=_extract,
    help="Write what is at PATH in IMAGE, and all that is below it, into the folder DIR.\n\n"
    "Also what a later layer deleted. Nothing is written outside DIR, no symlink is followed, nothing "
    "that is there is replaced without --force. Modes, times, hard links, symlinks and holes are kept; "
    "extended attributes are not.\n\n"
    "\b\n"
    "  layerscope extract my-app:latest /srv -o out\n"
    "  layerscope extract my-app:latest /srv/app.db -o out --layer 3",
)
