"""Where a path that somebody names leads, as of a layer, and when there was anything."""

from __future__ import annotations

from difflib import get_close_matches

import msgspec

from layerscope.model.entry import Kind
from layerscope.model.paths import normalise
from layerscope.union.index import Node, PathIndex, Version

_MAX_LINKS = 40  # as Linux has it
_NEAR = 3


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A path with its symlinks followed, and the version of it that stood there as of a layer."""

    layer: int
    node: Node
    version: Version


def follow(index: PathIndex, path: str, layer: int, *, last: bool = False) -> str:
    """A path with the symlinks above it followed inside the root, as of a layer.

    With ``last`` one at its end is followed too; a circle is left as it is after 40 links.
    """
    place, rest, links = "", path.split("/")[::-1], 0
    while rest:
        part = rest.pop()
        node = index.find(f"{place}/{part}" if place else part)
        version = node.at(layer) if node is not None else None
        source = version.source if version is not None else None
        if (rest or last) and source is not None and source.kind is Kind.SYMLINK and links < _MAX_LINKS:
            target = source.link_target or ""
            rest += target.split("/")[::-1]
            place, links = "" if target.startswith("/") else place, links + 1
        elif part == "..":
            place = place.rpartition("/")[0]
        elif part not in ("", "."):
            place = f"{place}/{part}" if place else part
    return place


def find_place(index: PathIndex, path: str, layer: int | None = None, *, last: bool = False) -> Place | None:
    """What a path means as of a layer; without one, as of the last layer that had it.

    None where it was not there then, or never.
    """
    for number in (layer,) if layer is not None else range(index.layer_count - 1, -1, -1):
        node = index.find(follow(index, path, number, last=last))
        version = node.at(number) if node is not None else None
        if node is not None and version is not None:
            return Place(layer=number, node=node, version=version)
    node = index.find(normalise(path)) if layer is None else None
    if node is None:
        return None
    # It came and went within a layer.
    return Place(layer=node.versions[-1].layer, node=node, version=node.versions[-1])


def near_paths(index: PathIndex, path: str) -> list[str]:
    """Paths that were ever there and that somebody may have meant: misspelt, or elsewhere."""
    wanted = normalise(path)
    name = wanted.rpartition("/")[2]
    same_name = [node.path for node in index.nodes if name and node.path.rpartition("/")[2] == name]
    same_name.sort(key=lambda found: (found.count("/"), found))
    near = get_close_matches(wanted, same_name, n=_NEAR) or _misspelt(index.root, wanted.split("/"))
    return near or same_name[:_NEAR]


def _misspelt(node: Node, parts: list[str]) -> list[str]:
    """Paths that are nearly the first part of a way that is not there."""
    for part in parts:
        below = {**(node.dead or {}), **(node.live or {})}
        if part not in below:
            return [below[near].path for near in get_close_matches(part, below, n=_NEAR)]
        node = below[part]
    return []
