"""``layerscope optimize``: write a smaller image of the same files, and prove that they are the same."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from layerscope.cli.commands.export import format_for, image_name
from layerscope.cli.ending import Ended, ended_by_signals
from layerscope.cli.options import SIZE, Parsed, image_argument, options_from, reading_options
from layerscope.cli.output import page_for, write_lines
from layerscope.cli.progress import progress
from layerscope.errors import UsageError
from layerscope.exporter import FORMATS, ExportOptions, Format
from layerscope.model.names import shown
from layerscope.model.people import size
from layerscope.optimize.optimizing import LayerChange, Optimized, optimize
from layerscope.optimize.steps import Range, Steps, parse_range
from layerscope.reports.table import Column, table
from layerscope.reports.terminal import Page

_OWN = "own"
_ALWAYS_SO = "verify"


def _range(text: str) -> Range | str:
    """A range, or all own layers."""
    return text if text == _OWN else parse_range(text)


def _optimize(
    image: str, *, output: str | None, form: Format | None, dry_run: bool, quiet: bool, **values: Any
) -> int:
    steps = _steps(values)
    asked = bool(str(steps))
    if asked and not dry_run and output is None:
        raise UsageError("where is the image to be written?", hint="name it with -o, or ask for --dry-run")
    how = ExportOptions(
        format=form or (format_for(output) if output else "docker-archive"),
        names=values.pop("name") or None,
        replace=values.pop("force"),
        max_temp_bytes=values.pop("max_temp"),
    )
    destination = Path(output) if output is not None and asked and not dry_run else None
    try:
        with ended_by_signals(), progress(quiet=quiet) as meter:
            options = options_from(**values, verify=True, quiet=quiet, progress=meter)
            done = optimize(image, steps if asked else Steps(prune=True), destination, options, how)
    except Ended as end:
        return end.exit_code
    page = page_for(sys.stdout)
    write_lines([*_changes(done, page), "", *_outcome(done, output, asked=asked)], sys.stdout)
    return 0


def _steps(values: dict[str, Any]) -> Steps:
    """What was asked for, taken out of the values."""
    squash = values.pop("squash")
    steps = Steps(
        prune=values.pop("prune"),
        squash=tuple(one for one in squash if isinstance(one, Range)),
        squash_own=_OWN in squash,
        flatten=values.pop("flatten"),
        include_base=values.pop("include_base"),
    )
    if steps.include_base and not steps.prune:
        raise UsageError("--include-base is for --prune", hint="--flatten joins the base's layers too")
    return steps


def _changes(done: Optimized, page: Page) -> list[str]:
    """The layers before and after, what was predicted beside what came."""
    columns = [
        Column("layers", right=True),
        Column("what"),
        Column("before", right=True),
        Column("predicted", right=True),
        Column("actual", right=True),
        Column("content saved", right=True),
        Column("stored before", right=True),
        Column("predicted", right=True),
        Column("actual", right=True),
    ]
    stored = any(layer.before.stored_bytes != layer.before.tar_bytes for layer in done.layers)
    rows = [_row(layer, stored=stored) for layer in done.layers]
    return table(columns, rows, page.width, page.paint.dim)


def _row(layer: LayerChange, *, stored: bool) -> list[str]:
    group, actual = layer.group, layer.actual
    several = group.first != group.last
    saved = layer.content_before_bytes - layer.content_bytes
    return [
        f"{group.first}..{group.last}" if several else str(group.first),
        "as it is" if group.copied else "joined" if several else "pruned",
        size(layer.before.tar_bytes),
        size(layer.predicted.tar_bytes),
        size(actual.tar_bytes) if actual else "",
        _difference(saved),
        size(layer.before.stored_bytes) if stored else "",
        size(layer.predicted.stored_bytes) if stored else "",
        size(actual.stored_bytes) if actual and stored else "",
    ]


def _difference(saved_bytes: int) -> str:
    return f"-{size(-saved_bytes)}" if saved_bytes < 0 else size(saved_bytes)


def _outcome(done: Optimized, output: str | None, *, asked: bool) -> list[str]:
    lines = []
    if not done.base_known:
        lines.append(
            "note: where the base image ends is unknown, so all layers are taken for own ones; "
            "--base-layers N says it"
        )
    lines.append(f"content that is shipped no more: {_difference(done.saved_content_bytes)}")
    if not done.changed:
        lines.append("nothing can be gained: no layer changes")
    exported = done.exported
    if exported is None:
        return lines + ([] if asked else _proposal(done))
    rows = [
        ("wrote", f"{output} ({exported.format}, {size(exported.size_bytes)}, {exported.layers} layers)"),
        *(("name", name) for name in exported.names),
        ("image ID", exported.image_id),
        *([("digest", exported.digest)] if exported.digest else []),
        ("proven", "read again: all digests and diff IDs, and every file is as it was"),
        *(("note", note) for note in exported.notes),
    ]
    return lines + [f"{title:<8}  {shown(text)}" for title, text in rows]


def _proposal(done: Optimized) -> list[str]:
    """What to do where nothing was asked for."""
    if not done.changed:
        return []
    own = sum(layer.group.first >= done.own for layer in done.layers)
    return [
        f"hidden in own layers: {size(done.prunable_bytes)}. --prune drops it and keeps {own} layers,",
        "so that each is still cached and shared for itself: that is what is shown above. --squash drops the",
        "same and joins them into one. Nothing was written; say --prune or --squash, and -o FILE.",
    ]


COMMAND = click.Command(
    "optimize",
    params=[
        image_argument(),
        click.Option(["-o", "--output"], metavar="PATH", help="Where to write."),
        click.Option(
            ["--format", "form"],
            type=click.Choice(FORMATS),
            help="Default: oci for NAME/, oci-archive for NAME.oci.tar, else docker-archive.",
        ),
        click.Option(["--prune"], is_flag=True, help="Drop what later layers hide; the layers stay apart."),
        click.Option(
            ["--squash"],
            type=Parsed(_range, "RANGE"),
            is_flag=False,
            flag_value=_OWN,
            multiple=True,
            metavar="[M..N]",
            help="Join all layers above the base, or layers M to N; may be repeated.",
        ),
        click.Option(["--flatten"], is_flag=True, help="Join all layers, the base's too."),
        click.Option(["--include-base"], is_flag=True, help="Prune the base's layers as well."),
        click.Option(["--dry-run"], is_flag=True, help="Write nothing; say what would come out."),
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
        *(option for option in reading_options() if option.name != _ALWAYS_SO),
    ],
    callback=_optimize,
    help="""Write a smaller image of the same files, and prove that they are the same.

Without --prune, --squash or --flatten it says what could be saved, and writes nothing. Layers that
gain nothing stay byte for byte as they are. What was written is read again before it takes its place:
all digests, all diff IDs, and every file with its owner, mode, times, attributes and content.

\b
  layerscope optimize my-app:1.2                          what could be saved
  layerscope optimize my-app:1.2 --prune -o slim.tar      for docker load
  layerscope optimize my-app:1.2 --squash -o slim.oci.tar
  layerscope optimize image.tar --squash=3..7 --dry-run
  layerscope optimize image.tar --flatten -o layout/
""",
)
