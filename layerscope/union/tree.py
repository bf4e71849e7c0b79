"""The paths of an image as a tree to walk: what a directory holds as of a layer, or what layers did to it.

Paths stand in one list, parents first and names in order, so that whatever is below a directory is
one range of it. Nothing is ever built for a whole layer: a row is made when it is asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import chain

import msgspec

from layerscope.model.entry import Entry, Kind
from layerscope.model.waste import Waste
from layerscope.union.changed import Changed
from layerscope.union.compare import Change, change_between
from layerscope.union.directories import DirectoryTotals, Total, directory_totals
from layerscope.union.index import Node, PathIndex, Version, is_directory
from layerscope.union.marks import Marks
from layerscope.union.standing import Standing


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
    paths that a filter lets through; directories on the way to them are seen too.
    """

    first: int
    last: int
    aggregated: bool = True
    sort: Sort = Sort.SIZE
    matches: Marks | None = None


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


class Tree:
    """All paths of an image in one order, with what happened below each directory."""

    def __init__(self, index: PathIndex, waste: Sequence[Waste]) -> None:
        self.nodes: list[Node] = []
        self.names: list[str] = []
        self.parents: list[int] = []
        self.ends: list[int] = []
        self._positions: dict[int, int] = {}
        self._lay_out(index.root)
        self.directories = [place for place, end in enumerate(self.ends) if place and end > place + 1]
        """The positions that have others below, but the root, in order."""
        self.standing = Standing(self.nodes)
        self._totals: dict[str, DirectoryTotals] = directory_totals(index)
        self._wasted: dict[str, list[Waste]] = {}
        for record in waste:
            self._wasted.setdefault(record.path, []).append(record)
        self.changed: dict[int, dict[int, Changed]] = {}
        self._done: dict[tuple[int, Change], list[int]] = {}
        """The positions that a layer did something to, in order."""
        self.wasteful: list[int] = []
        """The positions that may waste something, or have what does below them."""
        self._removed: tuple[int, int, list[int]] = (0, -1, [])
        self._count()

    def _lay_out(self, root: Node) -> None:
        nodes, names, parents, positions = self.nodes, self.names, self.parents, self._positions
        stack = [(root, "", -1)]
        while stack:
            node, name, parent = stack.pop()
            position = positions[id(node)] = len(nodes)
            nodes.append(node)
            names.append(name)
            parents.append(parent)
            if node.live or node.dead:
                below = {**(node.live or {}), **(node.dead or {})}
                stack.extend((below[name], name, position) for name in sorted(below, reverse=True))
        ends = self.ends = list(range(1, len(nodes) + 1))
        for position in range(len(nodes) - 1, 0, -1):
            parent = parents[position]
            ends[parent] = max(ends[parent], ends[position])

    def _count(self) -> None:
        """Note what each layer did to each path at its directory, then carry it up to the root."""
        wasted, done = self._wasted, self._done
        for position in range(1, len(self.nodes)):
            node = self.nodes[position]
            rows = self.changed.setdefault(self.parents[position], {})
            versions = node.versions
            if len(versions) == 1 and versions[0].hidden_by is None:
                layer = versions[0].layer
                row = _row_of(rows, layer)
                done.setdefault((layer, Change.ADDED), []).append(position)
                row.added += 1
                row.shipped_bytes += _shipped(versions[0])
                continue
            for layer, change in _events(node):
                done.setdefault((layer, change), []).append(position)
                row = _row_of(rows, layer)
                setattr(row, change.value, getattr(row, change.value) + 1)
            for version in versions:
                _row_of(rows, version.layer).shipped_bytes += _shipped(version)
            for record in wasted.get(node.path, ()):
                _row_of(rows, record.shipped_by).wasted_bytes += record.size_bytes
                self.wasteful.append(position)
        for position in range(len(self.nodes) - 1, 0, -1):
            if (below := self.changed.get(position)) is not None:
                above = self.changed[self.parents[position]]
                for layer, changed in below.items():
                    _row_of(above, layer).add(changed)
        self.wasteful += self.changed

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
            any_in, ends = view.matches.any_in, self.ends
            places = [place for place in places if any_in(place, ends[place])]
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

    def positions(self, view: View) -> Marks:
        """Every position that a view without a filter shows."""
        if not view.aggregated:
            return self.with_parents(self.touched_by(view))
        there = self.standing.at(view.last)
        return there | Marks.of(len(self.nodes), self.removed(view))

    def removed(self, view: View) -> list[int]:
        """The positions that an aggregated view shows though its layers removed what was there, in order."""
        first, last, found = self._removed
        if (view.first, view.last) == (first, last):
            return found
        there = self.standing.at(view.last)
        gone = (self._done.get((layer, Change.DELETED), ()) for layer in range(view.first, view.last + 1))
        ways: dict[int, bool] = {}
        found = []
        for place in sorted(set(chain.from_iterable(gone))):
            if place in there or self.shown(view, place) is None:
                continue
            parent = self.parents[place]
            if parent not in ways:
                ways[parent] = self.reachable(view, place)
            if ways[parent]:
                found.append(place)
        self._removed = (view.first, view.last, found)
        return found

    def touched_by(self, view: View, changes: Iterable[Change] = tuple(Change)) -> Marks:
        """The positions that a view's layers did something to, each layer for itself."""
        layers = range(view.first, view.last + 1)
        lists = (self._done.get((layer, change), ()) for layer in layers for change in changes)
        return Marks.of(len(self.nodes), chain.from_iterable(lists))

    def changed_by(self, view: View, changes: Collection[Change]) -> Marks:
        """The positions to which a view's layers, taken together, did one of these things."""
        found = self.touched_by(view, changes)
        if view.first == view.last:
            return found
        seen, again = bytearray(len(self.nodes)), bytearray(len(self.nodes))
        for layer in range(view.first, view.last + 1):
            for change in Change:
                for place in self._done.get((layer, change), ()):
                    if seen[place]:
                        again[place] = 1
                    seen[place] = 1
        often = Marks(again)
        asked = (place for place in often if self.change(view, place) in changes)
        return found - often | Marks.of(len(self.nodes), asked)

    def with_parents(self, positions: Marks) -> Marks:
        """The same and every directory above any of them, but the root."""
        return positions.with_above(self.directories, self.ends)

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
            name=self.names[position],
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
