"""The same content at several paths."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult

from layerscope.model.people import size
from layerscope.tui import words
from layerscope.tui.material import Material
from layerscope.tui.panes.pane import GoTo, Pane
from layerscope.tui.selection import Selection
from layerscope.tui.widgets.path_table import Item, PathTable

_MOST = 2000


class DuplicatesPane(Pane):
    """Groups, the costliest first, and their paths below."""

    NAME: ClassVar[str] = "duplicates"
    TITLE: ClassVar[str] = "Duplicates"

    def __init__(self, material: Material, selection: Selection) -> None:
        super().__init__(material, selection)
        self._table = PathTable(material.glyphs, "copies", 8, "no content stands at two paths")

    def compose(self) -> ComposeResult:
        """The table alone."""
        yield self._table

    def on_mount(self) -> None:
        """Fill it."""
        self._fill("")

    def count(self) -> int | None:
        """How many groups."""
        return len(self.material.duplicates)

    def reading(self) -> str:
        """The life of the path under the cursor."""
        item = self._table.current
        return words.of_path(self.material, item.path) if item is not None else ""

    def filter(self, text: str) -> str:
        """Groups with a path that holds all the words."""
        return f"{self._fill(text):,} of {len(self.material.duplicates):,}"

    def _fill(self, text: str) -> int:
        words = text.lower().split()
        items: list[Item] = []
        times = "×" if self.material.glyphs.eighths else "x"
        groups = 0
        for group in self.material.duplicates:
            if words and not any(all(word in file.path.lower() for word in words) for file in group.files):
                continue
            groups += 1
            if groups > _MOST:
                continue
            first = group.files[0]
            items.append(
                Item(
                    size_bytes=group.duplicate_bytes,
                    path=first.path,
                    layer=first.layer,
                    label=f"{len(group.files)} {times}",
                    group=f"{size(group.size_bytes)} each",
                )
            )
            items += [
                Item(
                    size_bytes=group.size_bytes,
                    path=file.path,
                    layer=file.layer,
                    layers=str(file.layer),
                    indent=2,
                )
                for file in group.files
            ]
        self._table.show_items(items)
        return groups

    def on_row_list_chosen(self, event: PathTable.Chosen) -> None:
        """Go to the file."""
        event.stop()
        item = self._table.current
        if item is not None:
            self.post_message(GoTo(item.path))
