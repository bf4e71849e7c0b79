"""Which versions of the paths the result ships, and in which of its layers."""

from __future__ import annotations

from collections.abc import Sequence

from layerscope.model.changeset import Changeset
from layerscope.model.entry import Kind
from layerscope.optimize.steps import Group
from layerscope.union.index import Node, PathIndex, Version

_MARKERS = frozenset((Kind.WHITEOUT, Kind.OPAQUE))


class Kept:
    """The versions that stay, at most one of a path in each group.

    A version stays in a copied layer if it is visible at the layer's end, in a joined one if it is
    visible at the end of the range, and, where hidden bytes are pruned, if it is visible at the very
    end. The directories above what stays do so as well: they say where it is, and what they are.
    """

    def __init__(
        self, index: PathIndex, changesets: Sequence[Changeset], groups: Sequence[Group], *, prune: bool
    ) -> None:
        self.index = index
        self.groups = groups
        self.prune = prune
        self.group_of = [number for number, one in enumerate(groups) for _ in range(one.first, one.last + 1)]
        self._nodes: dict[str, Node] = {}
        self._seen: set[tuple[str, int]] = set()
        self._ids: set[int] = set()
        for node in index.nodes:
            for version in node.versions:
                if self._stays(version):
                    self._ids.add(id(version))
        if prune:
            self._nodes = {node.path: node for node in index.nodes if node.path or node is index.root}
            for node in index.nodes:
                for version in node.versions:
                    if id(version) in self._ids:
                        self.keep_parents(node.path, self.group_of[version.layer])
            # A marker in a directory that is not there would be followed elsewhere, or make one.
            for number, group in enumerate(groups):
                for entry in changesets[group.first].entries if group.copied else ():
                    if entry.kind in _MARKERS:
                        inside = "/" if entry.kind is Kind.OPAQUE else ""
                        self.keep_parents(entry.path + inside, number)

    def _stays(self, version: Version) -> bool:
        if version.hidden_by is None:
            return True
        own = self.group_of[version.layer]
        if self.groups[own].copied or not self.prune:
            return self.group_of[version.hidden_by] > own
        return False

    def __contains__(self, version: Version) -> bool:
        """Whether a version stays."""
        return id(version) in self._ids

    def keep_parents(self, path: str, group: int) -> None:
        """Let the directories above a path stay, as they are at the end of a group."""
        todo = [(path, group)]
        while todo:
            path, group = todo.pop()
            while path:
                path = path.rpartition("/")[0]
                if (path, group) in self._seen:
                    break
                self._seen.add((path, group))
                node = self._nodes.get(path)
                version = node.at(self.groups[group].last) if node is not None else None
                if version is None:
                    continue
                self._ids.add(id(version))
                if self.group_of[version.layer] != group:
                    todo.append((path, self.group_of[version.layer]))
