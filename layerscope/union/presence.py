"""Which paths are there as of a layer, told at once for all of them, from one layer to the next."""

from __future__ import annotations

from collections.abc import Sequence

from layerscope.union.index import Node


class Presence:
    """For each position whether something is there; a step from one layer to the next costs what changes."""

    def __init__(self, count: int) -> None:
        self._came: dict[int, list[int]] = {}
        self._went: dict[int, list[int]] = {}
        self._layer = -1
        self._there = bytearray(count)

    def note(self, position: int, node: Node) -> None:
        """Take note of the layers with which a path comes and goes."""
        versions = node.versions
        if len(versions) == 1 and versions[0].hidden_by is None:
            self._came.setdefault(versions[0].layer, []).append(position)
            return
        layers = {version.layer for version in versions}
        layers |= {version.hidden_by for version in versions if version.hidden_by is not None}
        there = False
        for layer in sorted(layers):
            if (node.at(layer) is not None) is not there:
                there = not there
                (self._came if there else self._went).setdefault(layer, []).append(position)

    def at(self, layer: int) -> bytearray:
        """One or zero for each position, as of a layer; not to be kept, or changed."""
        for step in range(self._layer + 1, layer + 1):
            self._mark(self._came.get(step, ()), self._went.get(step, ()))
        for step in range(self._layer, layer, -1):
            self._mark(self._went.get(step, ()), self._came.get(step, ()))
        self._layer = layer
        return self._there

    def _mark(self, came: Sequence[int], went: Sequence[int]) -> None:
        for place in came:
            self._there[place] = 1
        for place in went:
            self._there[place] = 0
