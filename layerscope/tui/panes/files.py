"""The files as the selected layers leave them, or what they changed."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from layerscope.tui import words
from layerscope.tui.material import Material
from layerscope.tui.panes.filtered import FilteredPane
from layerscope.tui.selection import Selection
from layerscope.tui.widgets.file_tree import FileTree
from layerscope.union.tree import View


class FilesPane(FilteredPane):
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

    def compose(self) -> ComposeResult:
        """The tree alone."""
        yield self.tree_view

    def reading(self) -> str:
        """The life of the path under the cursor."""
        row = self.tree_view.current
        return words.of_path(self.material, self.material.tree.nodes[row.position].path) if row else ""

    def show_view(self, view: View) -> None:
        """Show other paths in the tree."""
        self.tree_view.show_view(view)
