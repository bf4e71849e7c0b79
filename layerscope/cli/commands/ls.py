"""``layerscope ls``: list the merged filesystem."""

from __future__ import annotations

import stat
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import click
import msgspec

from layerscope.cli.options import COUNT, image_argument, options_from, reading_options
from layerscope.cli.output import write_lines
from layerscope.cli.places import as_meant
from layerscope.cli.progress import progress
from layerscope.errors import UsageError
from layerscope.inspection import Inspection, inspect
from layerscope.model.entry import Entry, Kind
from layerscope.model.names import shown
from layerscope.union.places import follow
from layerscope.union.views import Merged, merged

_TYPES = {
    "d": stat.S_IFDIR,
    "l": stat.S_IFLNK,
    "c": stat.S_IFCHR,
    "b": stat.S_IFBLK,
    "p": stat.S_IFIFO,
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _list(
    image: str,
    path: str,
    *,
    layer: int | None,
    json: bool,
    sha256: bool,
    quiet: bool,
    **values: Any,
) -> int:
    with progress(image, quiet=quiet) as meter:
        inspection = inspect(
            image, options_from(**values, quiet=quiet, facts=False, content_sha256=sha256, progress=meter)
        )
    count = len(inspection.image.layers)
    if layer is not None and layer >= count:
        raise UsageError(f"--layer {layer}: the image has {count} layers, numbered from 0")
    index = inspection.analysis.index
    path = as_meant(inspection, path)
    place = follow(index, path, count - 1 if layer is None else layer)
    rows = [row for row in merged(index, layer, place) if row.path or not json]
    if not rows and place:
        raise UsageError(
            f"{shown(path)}: no such path in the image"
            + (f" as of layer {layer}" if layer is not None else "")
        )
    if json:
        for row in rows:
            sys.stdout.buffer.write(msgspec.json.encode(_object(inspection, row, sha256=sha256)) + b"\n")
    else:
        write_lines(list(_lines(rows)), sys.stdout)
    return 0


def _kind(row: Merged) -> str:
    """The type letter: ``h`` for a further name of a file, otherwise that of the entry."""
    if row.entry is None:
        return Kind.DIRECTORY.value
    return Kind.HARDLINK.value if row.link_of is not None else row.entry.kind.value


def _mode(entry: Entry) -> int:
    """The mode as a filesystem shows it: Linux knows none for symlinks."""
    return 0o777 if entry.kind is Kind.SYMLINK else entry.mode


def _object(inspection: Inspection, row: Merged, *, sha256: bool) -> dict[str, Any]:
    entry = row.entry or Entry(path=row.path, kind=Kind.DIRECTORY, mode=0o755)
    target = row.link_of if row.link_of is not None else entry.link_target
    found: dict[str, Any] = {
        "path": shown(row.path),
        "type": _kind(row),
        "mode": f"{_mode(entry):04o}",
        "uid": entry.uid,
        "gid": entry.gid,
        "size_bytes": entry.size_bytes,
        "mtime_ns": None if row.entry is None else entry.mtime_ns,
        "link_target": None if target is None else shown(target),
        "layer": row.layer,
        "xattrs": {shown(name): value.hex() for name, value in sorted((entry.xattrs or {}).items())},
    }
    if row.entry is None:
        found["implied"] = True
    if sha256:
        found["sha256"] = _sha256(inspection, row, entry)
    return found


def _sha256(inspection: Inspection, row: Merged, entry: Entry) -> str | None:
    if entry.kind is not Kind.FILE:
        return None
    node = inspection.analysis.index.find(row.path)
    versions = node.versions if node else []
    inode = next((version.inode for version in versions if version.source is entry), None)
    # A link brings no content: that came with the layer of its file.
    found = inspection.changesets[inode.layer if inode else row.layer].facts.get("sha256", {}).get(entry.path)
    return None if found is None else str(found)


def _lines(rows: list[Merged]) -> Iterator[str]:
    """One line a path, as ``ls -l`` does it: mode, owner, size, time, layer, path, link target."""
    owners = max((len(_owner(row)) for row in rows), default=0)
    sizes = max((len(str(row.entry.size_bytes)) for row in rows if row.entry), default=1)
    for row in rows:
        entry = row.entry or Entry(path=row.path, kind=Kind.DIRECTORY, mode=0o755)
        mode = stat.filemode(_TYPES.get(entry.kind.value, stat.S_IFREG) | _mode(entry))
        text = f"{mode}  {_owner(row):<{owners}}  {entry.size_bytes:>{sizes}}  {_time(row)}  {row.layer:>3}  "
        text += f"/{shown(row.path)}"
        if row.link_of is not None:
            text += f" = /{shown(row.link_of)}"
        elif entry.kind is Kind.SYMLINK:
            text += f" -> {shown(entry.link_target or '')}"
        yield text


def _owner(row: Merged) -> str:
    return f"{row.entry.uid}:{row.entry.gid}" if row.entry else "0:0"


def _time(row: Merged) -> str:
    if row.entry is None:
        return " " * 16
    try:
        return f"{_EPOCH + timedelta(seconds=row.entry.mtime_ns // 10**9):%Y-%m-%d %H:%M}"
    except OverflowError:
        return "(out of range)  "


COMMAND = click.Command(
    "ls",
    params=[
        image_argument(),
        click.Argument(["path"], default="/", required=False),
        click.Option(
            ["--layer"],
            type=COUNT,
            metavar="N",
            help="As of layer N (0 is the base), not of the whole image.",
        ),
        click.Option(
            ["--json"],
            is_flag=True,
            help="One JSON object a line; bytes that are no text as \\xNN.",
        ),
        click.Option(["--sha256"], is_flag=True, help="With --json: the SHA-256 of each file's content."),
        *reading_options(),
    ],
    callback=_list,
    help="List the merged filesystem of IMAGE, or what is at and below PATH in it.\n\n"
    "Columns: mode, uid:gid, size in bytes, time (UTC), the layer that brought it, path.",
)
