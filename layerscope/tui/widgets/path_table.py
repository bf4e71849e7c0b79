"""Paths with bytes: one table for waste, duplicates and the biggest files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from layerscope.model.people import path as path_text
from layerscope.model.people import size
from layerscope.tui.glyphs import Glyphs
from layerscope.tui.widgets.row_list import Part, RowList

_BAR = 8
_LABELLED = 64
"""Where there are fewer columns, the mark and the colour stand for the label."""


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One row: bytes, a mark and a word in a colour, layers as text, a path and where entering it leads.

    ``group`` is a heading to enter, ``layer`` where the path is to be looked at.
    """

    size_bytes: int
    path: str
    layer: int
    mark: str = " "
    label: str = ""
    style: str = ""
    layers: str = ""
    group: str | None = None
    indent: int = 0


class PathTable(RowList):
    """Rows as they are given; the bars are on the scale of the largest."""

    def __init__(
        self, glyphs: Glyphs, heading: str, label_width: int, nothing: str, names: str = "path"
    ) -> None:
        super().__init__()
        self._glyphs = glyphs
        self._heading = heading
        self._label_width = label_width
        self._nothing = nothing
        self._names = names
        self._items: Sequence[Item] = ()
        self._scale = 0

    def show_items(self, items: Sequence[Item], cursor: int = 0) -> None:
        """Show other rows."""
        self._items = items
        self._scale = max((item.size_bytes for item in items), default=0)
        self.rows_changed(cursor)

    @property
    def current(self) -> Item | None:
        """The row under the cursor."""
        return self._items[self.cursor] if self._items else None

    def row_count(self) -> int:
        """As many as were given."""
        return len(self._items)

    def empty(self) -> str:
        """What it means that there are none."""
        return f" {self._nothing}"

    def title(self, width: int) -> str | None:
        """The columns' names."""
        label = f" {self._heading:<{self._label_width}}" if width >= _LABELLED else ""
        return f"{'size':>10} {'':{_BAR}}   {label} {'layers':>8}  {self._names}"

    def parts(self, index: int, width: int) -> Iterable[Part]:
        """One path."""
        item = self._items[index]
        yield f"{size(item.size_bytes):>10} ", ""
        yield self._glyphs.bar(item.size_bytes, self._scale, _BAR), item.style or "bar"
        yield f"  {item.mark[:1]}", item.style
        used = 11 + _BAR + 3 + 11
        if width >= _LABELLED:
            yield f" {item.label:<{self._label_width}}", item.style or "dim"
            used += self._label_width + 1
        yield f" {item.layers:>8}  ", "dim"
        room = max(4, width - used - item.indent)
        name = item.group if item.group is not None else path_text(item.path)
        yield (
            " " * item.indent + self._glyphs.fit(name, room, end=item.group is None).rstrip(),
            ("strong" if item.group is not None else ""),
        )
