"""A PATH argument to what it means in an image, for the commands that look at one path."""

from __future__ import annotations

import click

from layerscope.cli.options import COUNT
from layerscope.errors import UsageError
from layerscope.inspection import Inspection
from layerscope.model.names import meant, shown
from layerscope.union.places import Place, find_place, near_paths


def path_argument() -> click.Argument:
    """The path within the image."""
    return click.Argument(["path"])


def layer_option() -> click.Option:
    """As of which layer."""
    return click.Option(
        ["--layer"],
        type=COUNT,
        metavar="N",
        help="As of layer N (0 is the base). Default: the last one in which PATH is there.",
    )


def as_meant(inspection: Inspection, path: str) -> str:
    r"""The path, or the one that is shown so (``\xNN``) where only that is there."""
    index = inspection.analysis.index
    other = meant(path)
    if other != path and find_place(index, path) is None and find_place(index, other) is not None:
        return other
    return path


def place_of(inspection: Inspection, path: str, layer: int | None, *, last: bool = False) -> Place:
    """What a path means; raises UsageError, with near names where there is no such path."""
    count = len(inspection.image.layers)
    if layer is not None and layer >= count:
        raise UsageError(f"--layer {layer}: the image has {count} layers, numbered from 0")
    index = inspection.analysis.index
    path = as_meant(inspection, path)
    place = find_place(index, path, layer, last=last)
    if place is not None:
        return place
    if layer is not None and (other := find_place(index, path, last=last)) is not None:
        raise UsageError(
            f"{shown(path)}: no such path as of layer {layer}",
            hint=f"it is there as of layer {other.layer}",
        )
    near = near_paths(index, path)
    raise UsageError(
        f"{shown(path)}: no such path in any layer of the image",
        hint="did you mean " + " or ".join(f"/{shown(found)}" for found in near) + "?" if near else None,
    )


def notes_on(place: Place) -> list[str]:
    """What to say where what follows is not in the image any more."""
    hidden_by = place.version.hidden_by
    if hidden_by is None:
        return []
    return [f"note: /{shown(place.node.path)} is as of layer {place.layer}; layer {hidden_by} hides it"]
