"""What differs between two texts, side by side or one above the other; or facts of both in a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

import msgspec
from textual.binding import Binding, BindingType

from layerscope.model.text_diff import DiffRow
from layerscope.tui.glyphs import Glyphs
from layerscope.tui.widgets.row_list import Part, RowList

SIDE_BY_SIDE = 120
"""From so many columns on, unless it is told otherwise."""


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """One fact of both versions."""

    what: str
    old: str = ""
    new: str = ""


class _Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the unified form; the sign is a blank, + or −."""

    sign: str
    number: int | None
    text: str
    skipped: int = 0


class DiffView(RowList):
    """Rows of a diff; only those on screen are made."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "change(1)", "Next change"),
        Binding("N", "change(-1)", "Previous change", show=False),
    ]

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__()
        self._glyphs = glyphs
        self._rows: Sequence[DiffRow] = ()
        self._lines: list[_Line] = []
        self._notes: Sequence[Note] = ()
        self._chosen: bool | None = None

    def show_rows(self, rows: Sequence[DiffRow]) -> None:
        """Show two texts."""
        self._rows, self._notes = rows, ()
        self._lines = list(_unified(rows))
        self.rows_changed(0)

    def show_notes(self, notes: Sequence[Note]) -> None:
        """Show facts."""
        self._rows, self._lines, self._notes = (), [], notes
        self.rows_changed(0)

    @property
    def side_by_side(self) -> bool:
        """Whether both texts stand beside each other."""
        return self.size.width >= SIDE_BY_SIDE if self._chosen is None else self._chosen

    def action_layout(self) -> None:
        """The other of the two forms."""
        self._chosen = not self.side_by_side
        self.rows_changed(0)

    def on_resize(self) -> None:
        """Another width may mean another form."""
        self.rows_changed()

    def row_count(self) -> int:
        if self._notes:
            return len(self._notes)
        return len(self._rows) if self.side_by_side else len(self._lines)

    def action_change(self, step: int) -> None:
        """Go to where the next change begins."""
        place = self.cursor
        while self._differs(place):
            place += step
        while 0 <= place < self.row_count() and not self._differs(place):
            place += step
        if 0 <= place < self.row_count():
            self.cursor = place

    def _differs(self, index: int) -> bool:
        if not 0 <= index < self.row_count() or self._notes:
            return False
        if not self.side_by_side:
            return self._lines[index].sign != " "
        row = self._rows[index]
        return row.changed or row.old_number is None or row.new_number is None

    def parts(self, index: int, width: int) -> Iterable[Part]:
        if self._notes:
            yield from self._note(self._notes[index], width)
        elif self.side_by_side:
            yield from self._pair(self._rows[index], width)
        else:
            yield from self._line(self._lines[index], width)

    def _note(self, note: Note, width: int) -> Iterable[Part]:
        if not note.old and not note.new:
            yield f" {note.what}", "dim"
            return
        room = max(8, (width - 14) // 2)
        same = note.old == note.new or not note.what
        yield f"{note.what:>10}  ", "dim"
        yield self._glyphs.fit(note.old, room - 2) + "  ", "" if same else "deleted"
        yield self._glyphs.fit(note.new, room).rstrip(), "" if same else "added"

    def _line(self, line: _Line, width: int) -> Iterable[Part]:
        style = {"+": "added", "-": "deleted"}.get(line.sign, "")
        sign = "−" if line.sign == "-" and self._glyphs.eighths else line.sign
        yield f"{line.number or '':>6} ", "faint"
        yield f"{sign} ", style
        yield self._glyphs.fit(line.text, max(4, width - 9 - len(_skipped(line.skipped)))).rstrip(), style
        yield _skipped(line.skipped), "faint"

    def _pair(self, row: DiffRow, width: int) -> Iterable[Part]:
        room = max(4, (width - 19) // 2)
        gone, come = row.new_number is None or row.changed, row.old_number is None or row.changed
        minus = "−" if self._glyphs.eighths else "-"
        yield f"{row.old_number or '':>6} ", "faint"
        yield f"{minus if gone and row.old_number else ' '} ", "deleted"
        yield self._glyphs.fit(row.old, room), "deleted" if gone else ""
        yield f" {row.new_number or '':>6} ", "faint"
        yield f"{'+' if come and row.new_number else ' '} ", "added"
        yield self._glyphs.fit(row.new, room - len(_skipped(row.skipped))).rstrip(), "added" if come else ""
        yield _skipped(row.skipped), "faint"


def _skipped(count: int) -> str:
    return f"  ({count:,} equal line{'' if count == 1 else 's'} above)" if count else ""


def _unified(rows: Sequence[DiffRow]) -> Iterable[_Line]:
    """Lines that went before those that came, where they stand together."""
    come: list[_Line] = []
    for row in rows:
        gone = row.new_number is None or row.changed
        if not gone and row.old_number is not None:
            yield from come
            come = []
            yield _Line(sign=" ", number=row.new_number, text=row.new, skipped=row.skipped)
            continue
        if row.old_number is not None:
            yield _Line(sign="-", number=row.old_number, text=row.old, skipped=row.skipped)
        if row.new_number is not None:
            skipped = row.skipped if row.old_number is None else 0
            come.append(_Line(sign="+", number=row.new_number, text=row.new, skipped=skipped))
    yield from come
