"""What is under the cursor: the path that a preview, a history or an extraction is of."""

from __future__ import annotations

import msgspec

from layerscope.tui.material import Material
from layerscope.tui.panes.pane import Pane
from layerscope.tui.panes.suggestions import SuggestionList
from layerscope.tui.selection import Selection
from layerscope.tui.widgets.file_tree import FileTree
from layerscope.tui.widgets.path_table import PathTable
from layerscope.tui.widgets.treemap import Treemap
from layerscope.union.index import Node, Version


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """A path and the layer as of which it is looked at."""

    path: str
    layer: int


def target_of(pane: Pane, selection: Selection) -> Target | None:
    """The path under the cursor of the view that is seen; None where there is none."""
    for tree in pane.query(FileTree):
        row = tree.current
        return None if row is None else Target(path=_path(pane, row.position), layer=selection.last)
    for table in pane.query(PathTable):
        item = table.current
        return None if item is None else Target(path=item.path, layer=item.layer)
    for suggestions in pane.query(SuggestionList):
        found = suggestions.current  # its paths are the largest first
        if found is None or not found.paths:
            return None
        return Target(path=found.paths[0], layer=found.layers[0] if found.layers else selection.last)
    for treemap in pane.query(Treemap):
        position = treemap.current
        return None if position is None else Target(path=_path(pane, position), layer=selection.last)
    return None


def _path(pane: Pane, position: int) -> str:
    return pane.material.tree.nodes[position].path


def standing(material: Material, target: Target) -> tuple[Node, Version] | None:
    """The version to look at: what stood there as of the layer, else the last before it, else the first."""
    node = material.inspection.analysis.index.find(target.path)
    if node is None:
        return None
    version = node.at(target.layer)
    if version is None:
        earlier = [version for version in node.versions if version.layer <= target.layer]
        version = earlier[-1] if earlier else node.versions[0]
    return node, version
