"""The tree of files as the selected layers leave it, or of what they changed."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import ClassVar

from textual.binding import Binding, BindingType

from layerscope.model.entry import Entry, Kind
from layerscope.model.names import shown
from layerscope.model.people import cells, size
from layerscope.tui.material import Material
from layerscope.tui.remembering import remember, remembered
from layerscope.tui.selection import Selection
from layerscope.tui.settings import Columns
from layerscope.tui.widgets.row_list import Part, RowList
from layerscope.union.compare import Change
from layerscope.union.outline import Outline
from layerscope.union.tree import Row, Sort, View

_TYPES = {
    Kind.FILE: stat.S_IFREG,
    Kind.DIRECTORY: stat.S_IFDIR,
    Kind.SYMLINK: stat.S_IFLNK,
    Kind.CHARACTER_DEVICE: stat.S_IFCHR,
    Kind.BLOCK_DEVICE: stat.S_IFBLK,
    Kind.FIFO: stat.S_IFIFO,
}
_BAR = 8
_NAME_MIN = 33
_NAME_KEPT = 18
"""What a name keeps of its room however deep it stands."""
_COLUMNS = (("mode", 11), ("owner", 12), ("layer", 4), ("waste", 9), ("bar", _BAR + 1))
"""What stands between the size and the name, the first to go where there is no room last."""
_KEPT_FIRST = {
    Columns.ALL: ("bar", "waste", "layer", "mode", "owner"),
    Columns.OWNERS: ("mode", "owner", "layer"),
    Columns.SIZES: ("bar", "waste", "layer"),
}


class FileTree(RowList):
    """A directory is opened with Enter; the cursor stays on its path whatever is shown."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l", "expand", "Open", show=False),
        Binding("left,h", "collapse", "Close", show=False),
        Binding("E,asterisk", "expand_all", "Expand"),
        Binding("C", "collapse_all", "Collapse all", show=False),
        Binding("c", "columns", "Columns", show=False),
        Binding("n", "match(1)", "Next match", show=False),
        Binding("N", "match(-1)", "Previous match", show=False),
    ]

    def __init__(self, material: Material, selection: Selection) -> None:
        super().__init__()
        self._material = material
        self._tree = material.tree
        self._outline = Outline(material.tree, selection.view)
        self._parent_bytes: dict[int, int] = {}
        self._columns = Columns.ALL

    def on_mount(self) -> None:
        """Show the columns that were chosen last."""
        self._columns = remembered(self.app).columns

    @property
    def view(self) -> View:
        """What is shown."""
        return self._outline.view

    def row_count(self) -> int:
        """How many paths are shown."""
        return len(self._outline)

    def empty(self) -> str:
        """What an empty tree means."""
        if self.view.matches is not None:
            return " nothing matches the filter"
        return " these layers changed nothing" if not self.view.aggregated else " the image is empty"

    def show_view(self, view: View) -> None:
        """Show another layer, order or filter; the cursor stays on its path."""
        with self._kept_in_place():
            self._outline.show(view)

    @contextmanager
    def _kept_in_place(self) -> Iterator[None]:
        """Keep the cursor on its path, or the nearest directory above, while other rows come."""
        kept = self.current
        yield
        self._parent_bytes = {}
        self.rows_changed((self._outline.index(kept.position) or 0) if kept is not None else 0)

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        return self._outline.row(self.cursor) if 0 <= self.cursor < len(self._outline) else None

    def go_to(self, path: str) -> None:
        """Put the cursor on a path, directories above it opened."""
        position = self._tree.position(path)
        if position is not None:
            self._outline.reveal(position)
            self.rows_changed(self._outline.index(position) or 0)

    def _toggle(self, position: int) -> None:
        self._outline.toggle(position)
        self.rows_changed()

    def action_choose(self) -> None:
        """Open or close a directory; enter a file."""
        row = self.current
        if row is not None and row.is_directory:
            self._toggle(row.position)
        else:
            super().action_choose()

    def action_expand(self) -> None:
        """Open a directory, or go into an open one."""
        row = self.current
        if row is None or not row.is_directory:
            return
        if not self._outline.is_open(row.position):
            self._toggle(row.position)
        else:
            self.cursor += 1

    def action_collapse(self) -> None:
        """Close a directory, or go to the one above."""
        row = self.current
        if row is None:
            return
        if row.is_directory and self._outline.is_open(row.position):
            self._toggle(row.position)
        elif row.depth:
            self.cursor = self._outline.index(self._tree.parents[row.position]) or 0

    def action_expand_all(self) -> None:
        """Open every directory."""
        with self._kept_in_place():
            self._outline.open_all()

    def action_collapse_all(self) -> None:
        """Close every directory."""
        with self._kept_in_place():
            self._outline.close_all()

    def action_columns(self) -> None:
        """Show other columns, and keep that for the next time."""
        choices = list(Columns)
        self._columns = choices[(choices.index(self._columns) + 1) % len(choices)]
        remember(self.app, columns=self._columns)
        self.rows_changed()
        self.app.clear_notifications()
        self.notify(f"columns: {self._columns.value}", timeout=2)

    def action_match(self, direction: int) -> None:
        """Go to the next path that the filter matched, not counting directories on the way to one."""
        matches = self.view.matches
        index = self.cursor + direction
        while matches is not None and 0 <= index < len(self._outline):
            if self._outline.row(index).position in matches:
                self.cursor = index
                return
            index += direction

    def clicked(self, index: int, x: int) -> None:
        """Open or close a directory where its arrow is clicked."""
        row = self._outline.row(index)
        width = self.scrollable_content_region.width
        start = self._name_column(width) + cells(self._indent(row.depth, width))
        if row.is_directory and start <= x < start + 2:
            self._toggle(row.position)

    # Drawing

    def _shown_columns(self, width: int) -> list[str]:
        left = width - 13 - _NAME_MIN
        widths = dict(_COLUMNS)
        chosen = []
        for name in _KEPT_FIRST[self._columns]:
            if widths[name] <= left:
                chosen.append(name)
                left -= widths[name]
        return chosen

    def _name_column(self, width: int) -> int:
        widths = dict(_COLUMNS)
        return 13 + sum(widths[name] for name in self._shown_columns(width))

    def title(self, width: int) -> str | None:
        """The columns' names; the one that the order goes by is marked."""
        columns = self._shown_columns(width)
        sort = self.view.sort
        mark = self._material.glyphs.open
        head = f"{'size' + (mark if sort is Sort.SIZE else ''):>10} "
        head += " " * (_BAR + 1) if "bar" in columns else ""
        head += f"{'wasted' + (mark if sort is Sort.WASTE else ''):>8} " if "waste" in columns else ""
        head += f"{'mode':<11}" if "mode" in columns else ""
        head += f"{'owner':<12}" if "owner" in columns else ""
        head += f"{'#':>3} " if "layer" in columns else ""
        name = "name" + (mark if sort is Sort.NAME else "")
        counted = f"  by number of files{mark}" if sort is Sort.COUNT else ""
        # Which of the two is seen is remembered for the next image, where nobody has pressed the key.
        return f"{head}  {name}{counted}{'' if self.view.aggregated else '  (only changes)'}"

    def parts(self, index: int, width: int) -> Iterable[Part]:
        """One path."""
        row = self._outline.row(index)
        columns = self._shown_columns(width)
        removed = row.change is Change.DELETED
        weak = "dim" if removed or row.dead else ""
        content = row.entry is not None and row.entry.kind is Kind.FILE
        yield f"{size(row.size_bytes) if row.size_bytes or content else '':>10} ", weak
        if "bar" in columns:
            yield (
                self._material.glyphs.bar(0 if removed else row.size_bytes, self._scale(row), _BAR),
                "faint" if weak else "bar",
            )
            yield " ", ""
        if "waste" in columns:
            yield f"{size(row.wasted_bytes) if row.wasted_bytes else '':>8} ", "deleted"
        if "mode" in columns:
            yield f"{mode_text(row.entry):<11}", "dim"
        if "owner" in columns:
            yield self._material.glyphs.fit(owner_text(row.entry), 11) + " ", "dim"
        if "layer" in columns:
            yield f"{row.layer:>3} ", "dim"
        yield self._mark(row)
        indent = self._indent(row.depth, width)
        yield indent, "dim"
        yield from self._name_parts(row, max(4, width - self._name_column(width) - cells(indent) - 2))

    def _indent(self, depth: int, width: int) -> str:
        """What stands before a name; where it is too deep to be seen, how deep."""
        room = width - self._name_column(width) - 2 - _NAME_KEPT
        if 2 * depth <= room:
            return "  " * depth
        return self._material.glyphs.fit(f"{depth} ", max(0, room)).rjust(room)

    def _mark(self, row: Row) -> Part:
        glyphs = self._material.glyphs
        mark = glyphs.marks[row.change] if row.change is not None else " "
        style = row.change.value if row.change is not None else "dim"
        if row.dead:
            return (
                glyphs.dead if row.change is None else mark
            ) + " ", "deleted" if row.change is None else style
        return mark + " ", style

    def _name_parts(self, row: Row, room: int) -> Iterable[Part]:
        glyphs = self._material.glyphs
        arrow = " "
        if row.is_directory:
            arrow = glyphs.open if self._outline.is_open(row.position) else glyphs.closed
        yield f"{arrow} ", "dim"
        style = row.change.value if row.change is not None else ""
        if row.dead and row.change is None:
            style = "dim"
        name = shown(row.name) + ("/" if row.is_directory else "")
        text = glyphs.fit(name, room).rstrip()
        yield text, style or ("strong" if row.is_directory else "")
        room -= cells(text)
        if row.entry is not None and row.entry.kind is Kind.SYMLINK and room > 6:
            yield glyphs.fit(f" {glyphs.symlink} {shown(row.entry.link_target or '')}", room), "link"
        elif row.dead and row.change is not None and room > 4:
            yield f" {glyphs.dead}", "deleted"

    def _scale(self, row: Row) -> int:
        """The bytes of the directory that a row stands in."""
        parent = self._tree.parents[row.position]
        if parent not in self._parent_bytes:
            version = self._tree.shown(self.view, parent) or self._tree.nodes[parent].versions[-1]
            self._parent_bytes[parent] = self._tree.size_bytes(self.view, parent, version)
        return max(1, self._parent_bytes[parent])


def mode_text(entry: Entry | None) -> str:
    """A mode as ``ls`` writes it; implied directories are 0755."""
    if entry is None:
        return stat.filemode(stat.S_IFDIR | 0o755)
    permissions = 0o777 if entry.kind is Kind.SYMLINK else entry.mode
    return stat.filemode(_TYPES.get(entry.kind, stat.S_IFREG) | permissions)


def owner_text(entry: Entry | None) -> str:
    """Owner and group by number."""
    return "0:0" if entry is None else f"{entry.uid}:{entry.gid}"
