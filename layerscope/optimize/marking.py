"""Which whiteouts the result's layers need, so that each hides what it hides in the original."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

import msgspec

from layerscope.optimize.keeping import Kept
from layerscope.union.index import Hidden, Node, Version, is_directory


class Markers(msgspec.Struct, kw_only=True):
    """The paths that a layer removes (``whiteouts``) and the directories that it empties (``opaques``).

    ``inherited`` says that some of them hide what a layer below hid first.
    """

    whiteouts: list[str] = []
    opaques: list[str] = []
    inherited: bool = False


class _Cut(msgspec.Struct, frozen=True, gc=False):
    """Something of the layers below goes: the group where, and whether a marker, and which, says so.

    ``since`` is the group that it came with. ``direct`` says that in the original too it goes there.
    """

    since: int
    group: int
    marker: str
    direct: bool


_NOTHING, _WHITEOUT, _OPAQUE = "", "whiteout", "opaque"
"""A file in a directory's place needs no marker."""


def find_markers(kept: Kept, *, explicit: bool = False) -> list[Markers]:
    """The markers of each group, a directory before what is below it.

    What goes together with a directory above it needs none of its own. With ``explicit`` there are
    whiteouts only, as there are two ways to say it otherwise.
    """
    found = [Markers() for _ in kept.groups]
    stack: list[tuple[Node, frozenset[int]]] = [(kept.index.root, frozenset())]
    while stack:
        node, above = stack.pop()
        cuts = _cuts(node, kept)
        if explicit:
            cuts = [cut for cut in cuts if cut.marker != _OPAQUE]
        else:
            cuts += _emptied(node, kept, {cut.group for cut in cuts})
        for cut in cuts:
            if cut.marker and not _covered(cut, above, prune=kept.prune):
                markers = found[cut.group]
                (markers.whiteouts if cut.marker == _WHITEOUT else markers.opaques).append(node.path)
                markers.inherited = markers.inherited or not cut.direct
        inside = above.union(cut.group for cut in cuts) if cuts else above
        for below in (node.live, node.dead):
            stack.extend((child, inside) for child in (below or {}).values())
    for markers in found:
        markers.whiteouts.sort()
        markers.opaques.sort()
    return found


def _emptied(node: Node, kept: Kept, known: AbstractSet[int]) -> list[_Cut]:
    """Where the original empties a directory at once: said in the same way, or a second run would differ."""
    since: dict[int, int] = {}
    for child in [*(node.live or {}).values(), *(node.dead or {}).values()]:
        for version in child.versions:
            layer = version.hidden_by
            if layer is None or version.hidden_how is not Hidden.OPAQUE or version not in kept:
                continue
            group, came_with = kept.group_of[layer], kept.group_of[version.layer]
            at_the_end = node.at(kept.groups[group].last)
            if group != came_with and group not in known and at_the_end and is_directory(at_the_end):
                since[group] = min(since.get(group, came_with), came_with)
    return [_Cut(came_with, group, _OPAQUE, direct=True) for group, came_with in since.items()]


def _covered(cut: _Cut, above: frozenset[int], *, prune: bool) -> bool:
    """Whether it goes together with a directory above it; where only the end counts, at any time."""
    if prune:
        return any(group > cut.since for group in above)
    return cut.group in above


def _cuts(node: Node, kept: Kept) -> list[_Cut]:
    """Where what stays of a path has to be hidden, or may not shine through what comes later."""
    versions = node.versions
    if len(versions) == 1 and versions[0].hidden_by is None:
        return []
    return [
        cut
        for number, version in enumerate(versions)
        if version in kept
        and version.hidden_by is not None
        and (cut := _cut(versions, number, kept)) is not None
    ]


def _cut(versions: list[Version], number: int, kept: Kept) -> _Cut | None:
    """How a version that stays is hidden in the result: followed over those that do not stay."""
    first = versions[number]
    directory = is_directory(first)
    while (last := versions[number]).hidden_by is not None:
        number += 1
        if last.hidden_how is not Hidden.REPLACED or number == len(versions):
            return _removed(first, last.hidden_by, versions[number:], kept)
        directory = directory and is_directory(versions[number])
        if versions[number] in kept:
            return None if directory else _replaced(first, versions[number], kept)
    return None


def _removed(first: Version, layer: int, later: list[Version], kept: Kept) -> _Cut:
    """A whiteout, or what puts something else in its place in the same group."""
    since, group = kept.group_of[first.layer], kept.group_of[layer]
    for version in later:
        if version in kept:
            if kept.group_of[version.layer] == group:
                return _replaced(first, version, kept)
            break
    return _Cut(since, group, _WHITEOUT, first.hidden_by == layer)


def _replaced(first: Version, by: Version, kept: Kept) -> _Cut:
    """A new file replaces whatever was there; a new directory would go together with it."""
    since, group = kept.group_of[first.layer], kept.group_of[by.layer]
    if not is_directory(by):
        return _Cut(since, group, _NOTHING, direct=True)
    marker = _OPAQUE if is_directory(first) else _WHITEOUT
    return _Cut(since, group, marker, first.hidden_by == by.layer)
