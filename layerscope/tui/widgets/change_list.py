"""The tree of what differs between two merged filesystems, bytes before and after beside each name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from textual.binding import Binding, BindingType

from layerscope.comparison.change_tree import (
    Asked,
    ChangeNode,
    ChangeRow,
    asked_below,
    heaviest_way,
    picked,
    visible_rows,
)
from layerscope.comparison.picking import Picking
from layerscope.model.people import size
from layerscope.reports.comparison_words import counted
from layerscope.tui.glyphs import Glyphs
from layerscope.tui.widgets.comparison_lists import change_part, sign_of, style_of
from layerscope.tui.widgets.row_list import Part, RowList

_WIDE = 64
_MOST_OPENED = 5_000


class ChangeList(RowList):
    """A directory is opened with Enter."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l", "expand", "Open", show=False),
        Binding("left,h", "collapse", "Close", show=False),
    ]

    def __init__(self, root: ChangeNode, glyphs: Glyphs) -> None:
        super().__init__()
        self._root = root
        self._glyphs = glyphs
        self._opened = heaviest_way(root)
        self._rows = visible_rows(root, self._opened)
        self._asked: list[Asked] = []
        self._fitting: set[str] | None = None
        self._shut = set[str]()

    @property
    def current(self) -> ChangeRow | None:
        """The row under the cursor."""
        return self._rows[self.cursor] if self._rows else None

    def row_count(self) -> int:
        """How many paths are shown."""
        return len(self._rows)

    def empty(self) -> str:
        """What an empty tree means."""
        return " nothing that differs fits" if self._fitting is not None else " both have the same files"

    def title(self, width: int) -> str | None:
        """The columns' names."""
        sizes = f"{'old':>9} {'new':>9} " if width >= _WIDE else ""
        return f"{'change':>10} {sizes}   name"

    def parts(self, index: int, width: int) -> Iterable[Part]:
        """One path."""
        row = self._rows[index]
        node = row.node
        yield change_part(node.delta_bytes, self._glyphs)
        used = 14
        if width >= _WIDE:
            for count in (node.old_bytes, node.new_bytes):
                yield f" {'' if count is None else size(count):>9}", "dim"
            used += 20
        status = node.change.change if node.change is not None else None
        style = style_of(status) if status is not None else ""
        yield f"  {sign_of(status, self._glyphs) if status is not None else ' '} ", style
        marker = (self._glyphs.open if row.is_open else self._glyphs.closed) if node.children else " "
        name = f"{'  ' * row.depth}{marker} {node.name}{'/' if node.is_directory else ''}"
        own = "strong" if node.is_directory and status not in ("added", "removed") else style
        yield self._glyphs.fit(name, max(4, width - used - 1)), own

    def action_choose(self) -> None:
        """Open or close a directory."""
        row = self.current
        if row is not None and row.node.children:
            self._toggle(row)
        else:
            super().action_choose()

    def action_expand(self) -> None:
        """Open a directory, or go into an open one."""
        row = self.current
        if row is None or not row.node.children:
            return
        if row.is_open:
            self.cursor += 1
        else:
            self._toggle(row)

    def action_collapse(self) -> None:
        """Close a directory, or go to the one above."""
        row = self.current
        if row is None:
            return
        if row.is_open:
            self._toggle(row)
        else:
            above = (place for place in range(self.cursor, -1, -1) if self._rows[place].depth < row.depth)
            self.cursor = next(above, self.cursor)

    def prepare(self) -> None:
        """Do what the first filter would have to wait for."""
        self._asked = self._asked or asked_below(self._root)

    def filter(self, picking: Picking | None) -> str:
        """Show what fits alone, in open directories; None for everything. Says how much it is."""
        count, before = 0, self.current
        if picking is None:
            if before is not None and self._fitting is not None:
                self._opened |= set(_above(before.node.path))
            self._fitting = None
        else:
            self.prepare()
            self._fitting, count = picked(self._asked, picking)
        self._shut.clear()
        self._show()
        same = (n for n, row in enumerate(self._rows) if before is not None and row.node is before.node)
        self.cursor = next(same, 0)
        return "" if picking is None else counted(count, "path")

    def _toggle(self, row: ChangeRow) -> None:
        if self._fitting is None:
            self._opened ^= {row.node.path}
        else:
            self._shut ^= {row.node.path}
        self._show()

    def _show(self) -> None:
        opened = self._opened
        if self._fitting is not None:
            # What is picked is seen at once, unless it is so much that nobody would look through it.
            opened = self._fitting ^ self._shut if len(self._fitting) < _MOST_OPENED else opened ^ self._shut
        self._rows = visible_rows(self._root, opened, self._fitting)
        self.rows_changed()


def _above(path: str) -> Iterator[str]:
    while path := path.rpartition("/")[0]:
        yield path
