"""A view of the tree of paths that the filter line narrows."""

from __future__ import annotations

import msgspec

from layerscope.tui.material import Material
from layerscope.tui.panes.pane import Pane
from layerscope.tui.selection import Selection
from layerscope.union.filter import Term, parse_filter
from layerscope.union.tree import View


class FilteredPane(Pane):
    """Shows the paths of the selected layers, or of what they changed, that a filter lets through."""

    def __init__(self, material: Material, selection: Selection) -> None:
        super().__init__(material, selection)
        self._terms: tuple[Term, ...] = ()
        self._shown = (selection.view, "")
        self._matches: int | None = None

    def show_view(self, view: View) -> None:
        """Show other paths."""
        raise NotImplementedError

    def show_selection(self, selection: Selection) -> None:
        """Another layer, order or way of looking."""
        self.selection = selection
        self._show(self._shown[1])

    def filter(self, text: str) -> str:
        """Show what matches only; gives the number of matches."""
        self._terms = parse_filter(text)
        self._show(text)
        found = self._matches
        return "" if found is None else f"{found:,} match" + ("" if found == 1 else "es")

    def _show(self, text: str) -> None:
        """Search only where something has changed: a key may tell both of a layer and of the filter."""
        view = self.selection.view
        if self._shown == (view, text):
            return
        matches = self.material.finder.find(self._terms, view) if self._terms else None
        self.show_view(msgspec.structs.replace(view, matches=matches))
        self._matches = None if matches is None else len(matches)
        self._shown = (view, text)
