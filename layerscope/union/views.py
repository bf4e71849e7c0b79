"""Views of the index: the merged tree as of a layer, what a layer did, the history of a path."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from layerscope.model.entry import Entry, Kind
from layerscope.union.compare import Change, change_between, differences
from layerscope.union.index import Hidden, Inode, Node, PathIndex, Version, walk


class Merged(msgspec.Struct, frozen=True, kw_only=True):
    """One path of a merged filesystem.

    ``entry`` is what its type, mode, owner, times and content come from, None for an implied
    directory. ``link_of`` is set for the second and further names of a hard linked file: the path
    of its first name. ``layer`` is the layer the path came with.
    """

    path: str
    entry: Entry | None
    layer: int
    link_of: str | None = None


def merged(index: PathIndex, layer: int | None = None, below: str = "") -> Iterator[Merged]:
    """The merged filesystem as of a layer (the last one by default), sorted by path, part by part."""
    layer = index.layer_count - 1 if layer is None else layer
    start = index.find(below)
    rows = [(node, version) for node in walk(start) if (version := node.at(layer))] if start else []
    homes = link_homes(index, layer) if any(version.inode for _, version in rows) else {}
    for node, version in rows:
        inode = version.inode
        home = homes.get(id(inode)) if inode is not None and inode.entry.kind is Kind.FILE else None
        yield Merged(
            path=node.path,
            entry=version.source,
            layer=version.layer,
            link_of=home if home != node.path else None,
        )


def link_homes(index: PathIndex, layer: int) -> dict[int, str]:
    """The path that stands for each hard link group as of a layer, by the id of its inode.

    It is the one with the content, else the least one.
    """
    homes: dict[int, str] = {}
    first: dict[int, Inode] = {}
    for node in index.nodes:
        version = node.at(layer)
        if version is None or version.inode is None:
            continue
        key = id(version.inode)
        if version.entry is version.inode.entry:
            homes[key] = node.path
            first[key] = version.inode
        elif key not in first and (key not in homes or node.path < homes[key]):
            homes[key] = node.path
    return homes


class Touched(msgspec.Struct, frozen=True, kw_only=True):
    """What a layer, or a range of them, did to a path.

    ``before`` and ``after`` are the versions on both sides of it; ``differs`` names the metadata
    that differ where both exist.
    """

    path: str
    change: Change
    before: Version | None
    after: Version | None
    differs: tuple[str, ...] = ()
    how: Hidden | None = None


def changes(index: PathIndex, first: int, last: int | None = None) -> Iterator[Touched]:
    """What the layers from ``first`` to ``last`` (inclusive) did, taken together, sorted by path."""
    last = first if last is None else last
    for node in walk(index.root):
        touched = any(
            first <= version.layer <= last
            or (version.hidden_by is not None and first <= version.hidden_by <= last)
            for version in node.versions
        )
        if touched and (row := _between(node, node.at(first - 1), node.at(last))) is not None:
            yield row


def _between(node: Node, before: Version | None, after: Version | None) -> Touched | None:
    change = change_between(before, after)
    if change is None:
        return None
    return Touched(
        path=node.path,
        change=change,
        before=before,
        after=after,
        differs=differences(before.source, after.source) if before and after else (),
        how=before.hidden_how if before and after is None else None,
    )


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One step in the life of a path."""

    layer: int
    change: Change
    version: Version | None
    differs: tuple[str, ...] = ()
    how: Hidden | None = None


def history(index: PathIndex, path: str) -> list[Event]:
    """Every layer that touched a path, in order; empty where no layer ever did."""
    node = index.find(path)
    return [] if node is None else history_of(node)


def history_of(node: Node) -> list[Event]:
    """Every layer that touched a node's path, in order."""
    before: Version | None = None
    events: list[Event] = []
    for layer in _touching(node):
        after = node.at(layer)
        change = change_between(before, after)
        if change is not None:
            differs = differences(before.source, after.source) if before and after else ()
            how = before.hidden_how if before and after is None else None
            events.append(Event(layer=layer, change=change, version=after, differs=differs, how=how))
        elif after is None:
            # It came and went within the layer, and its bytes with it.
            passing = next(version for version in reversed(node.versions) if version.layer == layer)
            events.append(Event(layer=layer, change=Change.ADDED, version=passing))
            events.append(Event(layer=layer, change=Change.DELETED, version=None, how=passing.hidden_how))
        before = after
    return events


def _touching(node: Node) -> list[int]:
    """The layers that put a version of a path there or hid one, in order."""
    layers = {version.layer for version in node.versions}
    layers |= {version.hidden_by for version in node.versions if version.hidden_by is not None}
    return sorted(layers)
