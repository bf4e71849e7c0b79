"""Where the bytes are, as boxes."""

from __future__ import annotations

from typing import ClassVar

import msgspec
from textual.app import ComposeResult

from layerscope.tui.material import Material
from layerscope.tui.panes.pane import GoTo, Pane
from layerscope.tui.selection import Selection
from layerscope.tui.widgets.treemap import Treemap
from layerscope.union.filter import Term, parse_filter


class TreemapPane(Pane):
    """The map as of the selected layers, or of what they changed, filtered."""

    NAME: ClassVar[str] = "treemap"
    TITLE: ClassVar[str] = "Treemap"

    def __init__(self, material: Material, selection: Selection) -> None:
        super().__init__(material, selection)
        self._map = Treemap(material, selection.view)
        self._terms: tuple[Term, ...] = ()

    def compose(self) -> ComposeResult:
        """The map alone."""
        yield self._map

    def reading(self) -> str:
        """The box under the cursor."""
        return self._map.reading()

    def show_selection(self, selection: Selection) -> None:
        """Another layer, or way of looking."""
        if selection.view != self.selection.view:
            self.selection = selection
            self._show()
        self.selection = selection

    def filter(self, text: str) -> str:
        """Show what matches only; gives the number of matches."""
        terms = parse_filter(text)
        if terms == self._terms == ():
            return ""
        self._terms = terms
        found = self._show()
        return "" if found is None else f"{found:,} match" + ("" if found == 1 else "es")

    def _show(self) -> int | None:
        view = self.selection.view
        matches = self.material.finder.find(self._terms, view) if self._terms else None
        self._map.show_view(msgspec.structs.replace(view, matches=matches))
        return None if matches is None else len(matches)

    def on_treemap_wanted(self, event: Treemap.Wanted) -> None:
        """Go to a path in the tree, at the selected layer."""
        event.stop()
        self.post_message(GoTo(event.path, self.selection.last))
