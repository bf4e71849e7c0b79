"""The files as the selected layers leave them, or what they changed."""

from __future__ import annotations

from typing import ClassVar

import msgspec
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from layerscope.tui import words
from layerscope.tui.material import Material
from layerscope.tui.panes.pane import Pane
from layerscope.tui.selection import Selection
from layerscope.tui.widgets.file_tree import FileTree
from layerscope.union.filter import Term, parse_filter


class FilesPane(Pane):
    """The tree, filtered."""

    NAME: ClassVar[str] = "files"
    TITLE: ClassVar[str] = "Files"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "screen.sort", "Sort"),
        Binding("a", "screen.aggregate", "Changes"),
    ]

    def __init__(self, material: Material, selection: Selection) -> None:
        super().__init__(material, selection)
        self.tree_view = FileTree(material, selection)
        self._terms: tuple[Term, ...] = ()

    def compose(self) -> ComposeResult:
        """The tree alone."""
        yield self.tree_view

    def reading(self) -> str:
        """The life of the path under the cursor."""
        row = self.tree_view.current
        return words.of_path(self.material, self.material.tree.nodes[row.position].path) if row else ""

    def show_selection(self, selection: Selection) -> None:
        """Another layer, order or way of looking."""
        if selection.view != self.selection.view:
            self.selection = selection
            self._show()
        self.selection = selection

    def filter(self, text: str) -> str:
        """Filter the tree; gives the number of matches."""
        self._terms = parse_filter(text)
        found = self._show()
        return "" if found is None else f"{found:,} match" + ("" if found == 1 else "es")

    def _show(self) -> int | None:
        view = self.selection.view
        matches = self.material.finder.find(self._terms, view) if self._terms else None
        self.tree_view.show_view(msgspec.structs.replace(view, matches=matches))
        return None if matches is None else len(matches)
