"""The paths of an image as a tree to walk: what a directory holds as of a layer, or what layers did to it.

Paths stand in one list, parents first and names in order, so that whatever is below a directory is
one range of it. Nothing is ever built for a whole layer: a row is made when it is asked for.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import chain, compress

import msgspec

from layerscope.model.entry import Entry, Kind
from layerscope.model.waste import Waste
from layerscope.union.compare import Change, change_between
from layerscope.union.directories import DirectoryTotals, Total, directory_totals
from layerscope.union.index import Node, PathIndex, Version, is_directory
from layerscope.union.presence import Presence


class Sort(StrEnum):
    """What the paths of a directory are ordered by; all but names have the largest first."""

    SIZE = "size"
    NAME = "name"
    WASTE = "waste"
    COUNT = "count"


class View(msgspec.Struct, frozen=True, kw_only=True):
    """What of the tree is to be seen.

    ``aggregated`` is the merged filesystem as of layer ``last``, with marks for what the layers from
    ``first`` to ``last`` did; otherwise only what they touched. ``matches`` are the positions of the
    paths that a filter lets through, in order; directories on the way to them are seen too.
    """

    first: int
    last: int
    aggregated: bool = True
    sort: Sort = Sort.SIZE
    matches: Sequence[int] | None = None


class Row(msgspec.Struct, frozen=True, gc=False):
    """One path as a view shows it.

    ``size_bytes`` of a directory is all that is below it; in a view of changes what the layers
    ship there. ``wasted_bytes`` is what of the shipped bytes nobody sees in the end. ``dead`` says
    that a later layer hides it. ``layer`` is the one it came with, ``count`` the files below.
    """

    position: int
    name: str
    depth: int
    is_directory: bool
    change: Change | None
    dead: bool
    size_bytes: int
    wasted_bytes: int
    count: int
    layer: int
    entry: Entry | None


class Changed(msgspec.Struct, gc=False):
    """What one layer did at or below a directory: numbers of paths, bytes it ships, bytes of them wasted."""

    added: int = 0
    modified: int = 0
    metadata_only: int = 0
    deleted: int = 0
    shipped_bytes: int = 0
    wasted_bytes: int = 0

    @property
    def touched(self) -> int:
        """How many paths something happened to."""
        return self.added + self.modified + self.metadata_only + self.deleted

    def add(self, other: Changed) -> None:
        """Take in what happened elsewhere."""
        self.added += other.added
        self.modified += other.modified
        self.metadata_only += other.metadata_only
        self.deleted += other.deleted
        self.shipped_bytes += other.shipped_bytes
        self.wasted_bytes += other.wasted_bytes


class Tree:
    """All paths of an image in one order, with what happened below each directory."""

    def __init__(self, index: PathIndex, waste: Sequence[Waste]) -> None:
        self.nodes: list[Node] = []
        self.parents: list[int] = []
        self.ends: list[int] = []
        self._positions: dict[int, int] = {}
        self._lay_out(index.root)
        self._totals: dict[str, DirectoryTotals] = directory_totals(index)
        self._wasted: dict[str, list[Waste]] = {}
        for record in waste:
            self._wasted.setdefault(record.path, []).append(record)
        self.changed: dict[int, dict[int, Changed]] = {}
        self.touched: dict[int, list[int]] = {}
        """The positions that each layer did something to, in order."""
        self.presence = Presence(len(self.nodes))
        self.plain = bytearray(len(self.nodes))
        """1 for each position to which nothing ever happened after it was added: nearly all of them."""
        self.plain_sizes = [-1] * len(self.nodes)
        """The bytes of those of them that are files, -1 elsewhere."""
        self._count()

    def _lay_out(self, root: Node) -> None:
        nodes, parents, positions = self.nodes, self.parents, self._positions
        stack = [(root, -1)]
        while stack:
            node, parent = stack.pop()
            position = positions[id(node)] = len(nodes)
            nodes.append(node)
            parents.append(parent)
            if node.live or node.dead:
                below = {**(node.live or {}), **(node.dead or {})}
                stack.extend((below[name], position) for name in sorted(below, reverse=True))
        ends = self.ends = list(range(1, len(nodes) + 1))
        for position in range(len(nodes) - 1, 0, -1):
            parent = parents[position]
            ends[parent] = max(ends[parent], ends[position])

    def _count(self) -> None:
        """Note what each layer did to each path at its directory, then carry it up to the root."""
        wasted, touched = self._wasted, self.touched
        for position in range(1, len(self.nodes)):
            node = self.nodes[position]
            self.presence.note(position, node)
            rows = self.changed.setdefault(self.parents[position], {})
            versions = node.versions
            if len(versions) == 1 and versions[0].hidden_by is None:
                layer = versions[0].layer
                row = _row_of(rows, layer)
                touched.setdefault(layer, []).append(position)
                row.added += 1
                self.plain[position] = 1
                entry = versions[0].entry
                if entry is not None and entry.kind is Kind.FILE:
                    self.plain_sizes[position] = entry.stored_bytes
                    row.shipped_bytes += entry.stored_bytes
                continue
            for layer, change in _events(node):
                touched.setdefault(layer, []).append(position)
                row = _row_of(rows, layer)
                setattr(row, change.value, getattr(row, change.value) + 1)
            for version in versions:
                _row_of(rows, version.layer).shipped_bytes += _shipped(version)
            for record in wasted.get(node.path, ()):
                _row_of(rows, record.shipped_by).wasted_bytes += record.size_bytes
        for position in range(len(self.nodes) - 1, 0, -1):
            if (below := self.changed.get(position)) is not None:
                above = self.changed[self.parents[position]]
                for layer, changed in below.items():
                    _row_of(above, layer).add(changed)

    def position(self, path: str) -> int | None:
        """Where a path stands; None where no layer has it."""
        node: Node | None = self.nodes[0]
        for part in path.split("/") if path else ():
            assert node is not None
            node = (node.live or {}).get(part) or (node.dead or {}).get(part)
            if node is None:
                return None
        return self._positions[id(node)]

    def below(self, position: int) -> Iterator[int]:
        """The positions directly below a directory, names in order."""
        place, end = position + 1, self.ends[position]
        while place < end:
            yield place
            place = self.ends[place]

    def order(self, view: View, position: int = 0) -> list[int]:
        """The positions that a view shows directly below a path, in its order."""
        places: Iterator[int] | Sequence[int] = self.below(position)
        if view.matches is not None:
            places = [place for place in places if self._leads_to_match(view.matches, place)]
        found = [(place, version) for place in places if (version := self.shown(view, place)) is not None]
        if view.sort is Sort.NAME:
            return [place for place, _ in found]
        keyed = [(-self._weight(view, place, version), place) for place, version in found]
        keyed.sort()  # positions are in the order of names
        return [place for _, place in keyed]

    def _weight(self, view: View, position: int, shown: Version) -> int:
        if view.sort is Sort.SIZE:
            return self.size_bytes(view, position, shown)
        if view.sort is Sort.COUNT:
            return self.count(view, position, shown)
        return self.wasted_bytes(view, position)

    def rows(self, view: View, position: int = 0, depth: int = 0) -> list[Row]:
        """What a view shows directly below a path, in its order."""
        found = (self.row(view, place, depth) for place in self.order(view, position))
        return [row for row in found if row is not None]

    def reachable(self, view: View, position: int) -> bool:
        """Whether every directory above a path is one in this view, so that the path can be walked to."""
        place = self.parents[position]
        while place > 0:
            shown = self.shown(view, place)
            if shown is None or not self.holds(view, place, shown):
                return False
            place = self.parents[place]
        return True

    def holds(self, view: View, position: int, shown: Version) -> bool:
        """Whether a path is a directory in this view: of changes, also what was one and holds some."""
        if is_directory(shown):
            return True
        return not view.aggregated and self._between(position, view.first, view.last).touched > 0

    def positions(self, view: View) -> list[int]:
        """Every position that a view without a filter shows, in order."""
        if not view.aggregated:
            return self.with_parents(self.touched_by(view))
        found = list(compress(range(1, len(self.nodes)), memoryview(self.presence.at(view.last))[1:]))
        removed = self.removed(view)
        return sorted(found + removed) if removed else found

    def removed(self, view: View) -> list[int]:
        """The positions that a view shows though nothing is there any more as of its last layer, in order."""
        there = self.presence.at(view.last)
        return [
            place
            for place in self.touched_by(view)
            if not there[place] and self.shown(view, place) and self.reachable(view, place)
        ]

    def touched_by(self, view: View) -> list[int]:
        """The positions that a view's layers did something to, in order."""
        layers = [self.touched.get(layer, []) for layer in range(view.first, view.last + 1)]
        return layers[0] if len(layers) == 1 else sorted(set(chain.from_iterable(layers)))

    def with_parents(self, positions: Sequence[int]) -> list[int]:
        """The same and every directory above any of them, but the root, in order."""
        parents = self.parents
        found = bytearray(len(self.nodes))
        for place in positions:
            found[place] = 1
            above = parents[place]
            while above > 0 and not found[above]:
                found[above] = 1
                above = parents[above]
        return list(compress(range(len(found)), found))

    def change(self, view: View, position: int) -> Change | None:
        """What a view's layers did to a path; what came and went within them was added."""
        node = self.nodes[position]
        first, last = view.first, view.last
        if not _touches(node, first, last):
            return None
        before, after = node.at(first - 1), node.at(last)
        if before is None and after is None:
            return Change.ADDED
        return change_between(before, after)

    def shown(self, view: View, position: int) -> Version | None:
        """The version of a path that a view shows; of a path that its layers removed, what was there."""
        node = self.nodes[position]
        first, last = view.first, view.last
        after = node.at(last)
        if _touches(node, first, last):
            shown = after or node.at(first - 1)
            if shown is None and not view.aggregated:  # it came and went within these layers
                shown = next((v for v in reversed(node.versions) if first <= v.layer <= last), None)
            return shown
        if view.aggregated:
            return after
        if not self._between(position, first, last).touched:
            return None
        return after or node.versions[-1]

    def size_bytes(self, view: View, position: int, shown: Version) -> int:
        """The bytes of a file, or of what is below a directory."""
        if not is_directory(shown):
            entry = shown.source
            return entry.stored_bytes if entry is not None else 0
        if not view.aggregated:
            return self._between(position, view.first, view.last).shipped_bytes
        return self._total(view, position, shown).size_bytes

    def count(self, view: View, position: int, shown: Version) -> int:
        """How many files are below a directory, or how many paths something happened to; 1 for a file."""
        if not is_directory(shown):
            return 1
        if not view.aggregated:
            return self._between(position, view.first, view.last).touched
        return self._total(view, position, shown).file_count

    def _total(self, view: View, position: int, shown: Version) -> Total:
        removed = shown.hidden_by is not None and shown.hidden_by <= view.last
        totals = self._totals[self.nodes[position].path]
        return totals.at(view.first - 1 if removed else view.last)

    def wasted_bytes(self, view: View, position: int) -> int:
        """Wasted bytes at or below a path, of what the view's layers ship; aggregated: all up to its last."""
        first = 0 if view.aggregated else view.first
        records = self._wasted.get(self.nodes[position].path, ())
        own = sum(record.size_bytes for record in records if first <= record.shipped_by <= view.last)
        return own + self._between(position, first, view.last).wasted_bytes

    def row(self, view: View, position: int, depth: int = 0) -> Row | None:
        """A path as a view shows it; None where it does not."""
        shown = self.shown(view, position)
        if shown is None:
            return None
        change = self.change(view, position)
        return Row(
            position=position,
            name=self.nodes[position].path.rpartition("/")[2],
            depth=depth,
            is_directory=self.holds(view, position, shown),
            change=change,
            dead=change is not Change.DELETED and shown.hidden_by is not None,
            size_bytes=self.size_bytes(view, position, shown),
            wasted_bytes=self.wasted_bytes(view, position),
            count=self.count(view, position, shown),
            layer=shown.layer,
            entry=shown.source,
        )

    def _between(self, position: int, first: int, last: int) -> Changed:
        """What layers did below a directory, taken together."""
        layers = self.changed.get(position)
        if layers is None:
            return _NOTHING
        found = Changed()
        for layer, changed in layers.items():
            if first <= layer <= last:
                found.add(changed)
        return found

    def layer(self, number: int) -> Changed:
        """What a layer did in the whole image."""
        return self._between(0, number, number)

    def _leads_to_match(self, matches: Sequence[int], position: int) -> bool:
        place = bisect_left(matches, position)
        return place < len(matches) and matches[place] < self.ends[position]


_NOTHING = Changed()


def _touches(node: Node, first: int, last: int) -> bool:
    """Whether a path's versions came or went with any of these layers."""
    return any(
        first <= version.layer <= last
        or (version.hidden_by is not None and first <= version.hidden_by <= last)
        for version in node.versions
    )


def _row_of(rows: dict[int, Changed], layer: int) -> Changed:
    row = rows.get(layer)
    if row is None:
        row = rows[layer] = Changed()
    return row


def _shipped(version: Version) -> int:
    entry = version.entry
    return entry.stored_bytes if entry is not None and entry.kind is Kind.FILE else 0


def _events(node: Node) -> Iterator[tuple[int, Change]]:
    """What each layer did to a path."""
    layers = {version.layer for version in node.versions}
    layers |= {version.hidden_by for version in node.versions if version.hidden_by is not None}
    before = None
    for layer in sorted(layers):
        after = node.at(layer)
        change = change_between(before, after)
        if change is None and after is None:  # it came and went
            change = Change.ADDED
        if change is not None:
            yield layer, change
        before = after
