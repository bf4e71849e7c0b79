"""Where the bytes are, as boxes."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult

from layerscope.tui.material import Material
from layerscope.tui.panes.filtered import FilteredPane
from layerscope.tui.panes.pane import GoTo
from layerscope.tui.selection import Selection
from layerscope.tui.widgets.treemap import Treemap
from layerscope.union.tree import View


class TreemapPane(FilteredPane):
    """The map as of the selected layers, or of what they changed, filtered."""

    NAME: ClassVar[str] = "treemap"
    TITLE: ClassVar[str] = "Treemap"

    def __init__(self, material: Material, selection: Selection) -> None:
        super().__init__(material, selection)
        self._map = Treemap(material, selection.view)

    def compose(self) -> ComposeResult:
        """The map alone."""
        yield self._map

    def reading(self) -> str:
        """The box under the cursor."""
        return self._map.reading()

    def show_view(self, view: View) -> None:
        """Show other paths in the map."""
        self._map.show_view(view)

    def on_treemap_wanted(self, event: Treemap.Wanted) -> None:
        """Go to a path in the tree, at the selected layer."""
        event.stop()
        self.post_message(GoTo(event.path, self.selection.last))
