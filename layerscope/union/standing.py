"""What stands at each path as of a layer, told at once for all of them, from one layer to the next."""

from __future__ import annotations

from collections.abc import Sequence

from layerscope.model.entry import Kind
from layerscope.union.index import Node, Version
from layerscope.union.marks import Marks


class Standing:
    """For each position what is there; a step from one layer to the next costs what changes.

    Nearly all paths have one version that nothing ever hides: what is told of those does not change.
    """

    def __init__(self, nodes: Sequence[Node]) -> None:
        self._nodes = nodes
        self._came: dict[int, list[int]] = {}
        self._went: dict[int, list[int]] = {}
        self._turned: dict[int, list[int]] = {}
        """The paths of more than one version, or that vanish, by the layers that do something to them."""
        self._layer = self._told_layer = -1
        self._there = bytearray(len(nodes))
        self._versions = [node.versions[0] for node in nodes]
        self._sizes = [-1] * len(nodes)
        self._directories = bytearray(len(nodes))
        for position in range(1, len(nodes)):  # the root is nobody's row
            versions = nodes[position].versions
            self._tell(position, versions[0])
            if versions[0].hidden_by is None and len(versions) == 1:
                self._came.setdefault(versions[0].layer, []).append(position)
            else:
                self._note(position, versions)

    def _note(self, position: int, versions: Sequence[Version]) -> None:
        layers = {version.layer for version in versions}
        layers |= {version.hidden_by for version in versions if version.hidden_by is not None}
        there = False
        for layer in sorted(layers):
            self._turned.setdefault(layer, []).append(position)
            if (self._nodes[position].at(layer) is not None) is not there:
                there = not there
                (self._came if there else self._went).setdefault(layer, []).append(position)

    def _tell(self, position: int, version: Version) -> None:
        self._versions[position] = version
        entry = version.inode.entry if version.inode is not None else version.entry
        if entry is None or entry.kind is Kind.DIRECTORY:
            self._directories[position], self._sizes[position] = 1, -1
        else:
            self._directories[position], self._sizes[position] = 0, entry.stored_bytes

    def at(self, layer: int) -> Marks:
        """The positions where something is as of a layer; good until another layer is asked for."""
        for step in range(self._layer + 1, layer + 1):
            self._mark(self._came.get(step, ()), self._went.get(step, ()))
        for step in range(self._layer, layer, -1):
            self._mark(self._went.get(step, ()), self._came.get(step, ()))
        self._layer = layer
        return Marks(self._there)

    def _mark(self, came: Sequence[int], went: Sequence[int]) -> None:
        for place in came:
            self._there[place] = 1
        for place in went:
            self._there[place] = 0

    def versions_at(self, layer: int) -> list[Version]:
        """What is at each position where something is as of a layer; good as long as `at`."""
        self._step(layer)
        return self._versions

    def sizes_at(self, layer: int) -> list[int]:
        """The bytes of each file that is there as of a layer, -1 for directories; good as long as `at`."""
        self._step(layer)
        return self._sizes

    def directories_at(self, layer: int) -> Marks:
        """Among the positions where something is as of a layer, the directories; good as long as `at`."""
        self._step(layer)
        return Marks(self._directories)

    def _step(self, layer: int) -> None:
        last = self._told_layer
        if layer == last:
            return
        steps = range(last + 1, layer + 1) if layer > last else range(layer + 1, last + 1)
        for place in {place for step in steps for place in self._turned.get(step, ())}:
            version = self._nodes[place].at(layer)
            if version is not None:
                self._tell(place, version)
        self._told_layer = layer
