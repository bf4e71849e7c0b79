"""The largest files that can be seen in the end."""

from __future__ import annotations

from heapq import nlargest
from typing import ClassVar

from textual.app import ComposeResult

from layerscope.model.entry import Kind
from layerscope.tui import words
from layerscope.tui.material import Material
from layerscope.tui.panes.pane import GoTo, Pane
from layerscope.tui.selection import Selection
from layerscope.tui.widgets.path_table import Item, PathTable

_MOST = 1000


class BiggestPane(Pane):
    """Of the whole image."""

    NAME: ClassVar[str] = "biggest"
    TITLE: ClassVar[str] = "Biggest"

    def __init__(self, material: Material, selection: Selection) -> None:
        super().__init__(material, selection)
        self._table = PathTable(material.glyphs, "", 1, "the image has no files")
        self._items = _biggest(material)

    def compose(self) -> ComposeResult:
        """The table alone."""
        yield self._table

    def on_mount(self) -> None:
        """Fill it."""
        self._table.show_items(self._items)

    def reading(self) -> str:
        """The life of the path under the cursor."""
        item = self._table.current
        return words.of_path(self.material, item.path) if item is not None else ""

    def filter(self, text: str) -> str:
        """Paths that hold all the words."""
        words = text.lower().split()
        items = [item for item in self._items if all(word in item.path.lower() for word in words)]
        self._table.show_items(items)
        return f"{len(items):,} of {len(self._items):,}"

    def on_row_list_chosen(self, event: PathTable.Chosen) -> None:
        """Go to the file."""
        event.stop()
        item = self._table.current
        if item is not None:
            self.post_message(GoTo(item.path))


def _biggest(material: Material) -> list[Item]:
    found = []
    for node in material.tree.nodes:
        version = node.top
        entry = version.entry if version is not None else None
        if version is not None and entry is not None and entry.kind is Kind.FILE and entry.stored_bytes:
            found.append((entry.stored_bytes, node.path, version.layer))
    return [
        Item(size_bytes=size_bytes, path=path, layer=layer, layers=str(layer))
        for size_bytes, path, layer in nlargest(_MOST, found, key=lambda one: one[0])
    ]
