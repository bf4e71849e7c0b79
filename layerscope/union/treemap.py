"""A directory as boxes on a grid of cells, each as large as its bytes."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import squarify  # type: ignore[import-untyped]  # it ships no types

from layerscope.union.tree import Tree, View

CELL_ASPECT = 2
"""A terminal's cell is twice as high as it is wide."""

_MIN_CELLS = 10
_MIN_WIDTH = 4
_STRIP_WIDTH = 10
_MOST = 150


class Box(msgspec.Struct, frozen=True, kw_only=True):
    """One path and its place in cells; ``position`` is None for the ``count`` paths too small to draw."""

    position: int | None
    size_bytes: int
    count: int
    x: int
    y: int
    width: int
    height: int


class Sized(msgspec.Struct, frozen=True, gc=False):
    """A path and its bytes."""

    position: int
    size_bytes: int


def sizes_below(tree: Tree, view: View, position: int) -> list[Sized]:
    """What a view shows directly below a directory and takes room, the largest first."""
    matches = view.matches
    found = []
    for place in tree.below(position):
        if matches is not None and not matches.any_in(place, tree.ends[place]):
            continue
        version = tree.shown(view, place)
        count = tree.size_bytes(view, place, version) if version is not None else 0
        if count > 0:
            found.append(Sized(place, count))
    found.sort(key=lambda one: (-one.size_bytes, one.position))
    return found


def lay_out(sizes: Sequence[Sized], width: int, height: int) -> list[Box]:
    """Boxes that fill the grid; what would be smaller than can be seen becomes one last box."""
    if width < _MIN_WIDTH or height < 1 or not sizes:
        return []
    total = sum(one.size_bytes for one in sizes)
    least = total * _MIN_CELLS / (width * height)
    count = sum(1 for one in sizes[:_MOST] if one.size_bytes >= least) or 1
    while True:
        boxes = _boxes(sizes, count, width, height)
        if all(box.width >= _MIN_WIDTH and box.height >= 1 for box in boxes):
            return boxes
        if count == 1:
            return _two(boxes, width, height)
        count = max(1, count - 1 - count // 8)


def _boxes(sizes: Sequence[Sized], count: int, width: int, height: int) -> list[Box]:
    drawn, rest = sizes[:count], sizes[count:]
    area = width * height * CELL_ASPECT
    values = [float(one.size_bytes) for one in drawn]
    if rest:
        values.append(max(sum(one.size_bytes for one in rest), sum(values) * _MIN_CELLS / (width * height)))
    scale = area / sum(values)
    places = squarify.squarify([value * scale for value in values], 0, 0, width, height * CELL_ASPECT)
    boxes = []
    for number, place in enumerate(places):
        left, right = _cell(place["x"]), _cell(place["x"] + place["dx"])
        top = _cell(place["y"] / CELL_ASPECT)
        bottom = _cell((place["y"] + place["dy"]) / CELL_ASPECT)
        one = drawn[number] if number < len(drawn) else None
        boxes.append(
            Box(
                position=one.position if one is not None else None,
                size_bytes=one.size_bytes if one is not None else sum(item.size_bytes for item in rest),
                count=1 if one is not None else len(rest),
                x=left,
                y=top,
                width=right - left,
                height=bottom - top,
            )
        )
    return boxes


def _two(boxes: list[Box], width: int, height: int) -> list[Box]:
    """One box for nearly everything, and as little as can be seen for the other; never more than fit."""
    if len(boxes) == 1:
        return boxes
    large, little = sorted(boxes, key=lambda box: -box.size_bytes)
    replace = msgspec.structs.replace
    strip = _STRIP_WIDTH if width >= 4 * _STRIP_WIDTH else _MIN_WIDTH
    if width >= 2 * strip:
        return [
            replace(large, x=0, y=0, width=width - strip, height=height),
            replace(little, x=width - strip, y=0, width=strip, height=height),
        ]
    if height > 1:
        return [
            replace(large, x=0, y=0, width=width, height=height - 1),
            replace(little, x=0, y=height - 1, width=width, height=1),
        ]
    return [replace(large, x=0, y=0, width=width, height=height)]


def _cell(place: float) -> int:
    """The nearest cell edge, the same for both boxes at an edge."""
    return int(round(place, 6) + 0.5)


def neighbour(boxes: Sequence[Box], index: int, dx: int, dy: int) -> int | None:
    """The box beside another in a direction, that shares most of the edge; None at the border."""
    here = boxes[index]
    found: list[tuple[int, int, int]] = []
    for number, box in enumerate(boxes):
        if dx:
            apart = box.x - here.x - here.width if dx > 0 else here.x - box.x - box.width
            shared = min(box.y + box.height, here.y + here.height) - max(box.y, here.y)
        else:
            apart = box.y - here.y - here.height if dy > 0 else here.y - box.y - box.height
            shared = min(box.x + box.width, here.x + here.width) - max(box.x, here.x)
        if number != index and apart >= 0 and shared > 0:
            found.append((-apart, shared, -number))
    return -max(found)[2] if found else None


def main_layer(tree: Tree, view: View, position: int) -> int | None:
    """The layer that ships most of what is at or below a path; None where no layer in the view does."""
    below = tree.changed.get(position)
    if below is None:
        version = tree.shown(view, position)
        return version.layer if version is not None else None
    first = 0 if view.aggregated else view.first
    shipped = [
        (row.shipped_bytes, -layer)
        for layer, row in below.items()
        if first <= layer <= view.last and row.shipped_bytes
    ]
    return -max(shipped)[1] if shipped else None
