"""A content on the screen: only the rows that are seen are read, and none is read by the screen's thread."""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import ClassVar, TypeVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from layerscope.content import Cancelled
from layerscope.errors import LayerscopeError
from layerscope.model.line_index import BLOCK
from layerscope.tui.background import in_background
from layerscope.tui.colouring import CODE_STYLES
from layerscope.tui.content_rows import FactRows, Rows, Shown
from layerscope.tui.widgets.row_list import Part

Found = TypeVar("Found")

_KEPT_BLOCKS = 64
_STYLES = (
    "dim",
    "faint",
    "strong",
    "accent",
    "bar",
    "title",
    "link",
    "match",
    "gutter",
    "error",
    *CODE_STYLES,
)


class ContentView(ScrollView, can_focus=True):
    """Rows of one content."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"content--{style}" for style in _STYLES}
    DEFAULT_CSS = """
    ContentView { height: 1fr; background: $background; overflow-x: hidden; scrollbar-size-vertical: 1;
                  scrollbar-background: $background; scrollbar-color: $foreground 20%;
                  scrollbar-color-hover: $primary; scrollbar-background-hover: $background;
                  scrollbar-color-active: $primary; scrollbar-background-active: $background; }
    ContentView > .content--dim { color: $foreground 60%; }
    ContentView > .content--faint { color: $foreground 35%; }
    ContentView > .content--gutter { color: $foreground 35%; }
    ContentView > .content--title { color: $foreground 45%; }
    ContentView > .content--strong { text-style: bold; }
    ContentView > .content--accent { color: $primary; }
    ContentView > .content--bar { color: $primary; }
    ContentView > .content--link { color: $secondary; }
    ContentView > .content--error { color: $error; }
    ContentView > .content--match { background: $warning; color: $background; }
    ContentView > .content--code-comment { color: $foreground 50%; text-style: italic; }
    ContentView > .content--code-keyword { color: $primary; text-style: bold; }
    ContentView > .content--code-string { color: $success; }
    ContentView > .content--code-number { color: $warning; }
    ContentView > .content--code-name { color: $copied-up; }
    ContentView > .content--code-tag { color: $secondary; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_up", "Up", show=False),
        Binding("down,j", "scroll_down", "Down", show=False),
        Binding("left,h", "sideways(-8)", "Left", show=False),
        Binding("right,l", "sideways(8)", "Right", show=False),
        Binding("pageup,ctrl+b", "page_up", "Page up", show=False),
        Binding("pagedown,ctrl+f,space", "page_down", "Page down", show=False),
        Binding("home,g", "scroll_home", "First", show=False),
        Binding("end,G", "last", "Last", show=False),
    ]

    class Moved(Message):
        """Other rows are seen, or more are known."""

    class Failed(Message):
        """The content could not be read."""

        def __init__(self, error: LayerscopeError) -> None:
            super().__init__()
            self.error = error

    def __init__(self) -> None:
        super().__init__()
        self._rows: Rows = FactRows([])
        self._blocks: OrderedDict[int, list[Shown]] = OrderedDict()
        self._wanted: set[int] = set()
        self._match: re.Pattern[str] | None = None
        self._shift = 0
        self._wrapped: dict[int, list[Strip]] = {}
        self.wrap = False

    @property
    def rows(self) -> Rows:
        """What is shown."""
        return self._rows

    @property
    def top(self) -> int:
        """The first row that is seen."""
        return self.scroll_offset.y

    def show_rows(self, rows: Rows) -> None:
        """Show something else, from its beginning."""
        self.workers.cancel_node(self)
        self._rows = rows
        self._blocks.clear()
        self._wanted.clear()
        self._shift = 0
        self.scroll_to(y=0, animate=False, immediate=True)
        self._count()
        if not isinstance(rows, FactRows):
            in_background(self, self._scan, rows)

    async def _scan(self, rows: Rows) -> None:
        """Find all rows, a window at a time."""
        more = True
        while more and rows is self._rows:
            found = await self._told(rows.scan)
            more = bool(found)
            self._count()

    async def _told(self, act: Callable[[], Found]) -> Found | None:
        """Do something in another thread; tell of a failure."""
        try:
            return await asyncio.to_thread(act)
        except Cancelled:
            return None
        except LayerscopeError as error:
            self.post_message(self.Failed(error))
            return None

    def _count(self) -> None:
        count = self._rows.row_count
        # When wrapped, the last row may be far below the first of a screenful: it can come to the top.
        extra = max(0, self.size.height - 1) if self.wrap else 0
        self.virtual_size = Size(0, count + extra)
        self.refresh()
        self.post_message(self.Moved())

    def go_to(self, row: int) -> None:
        """See a row, a few others above it."""
        self.scroll_to(y=max(0, row - 3), animate=False, immediate=True)

    def mark(self, text: str) -> None:
        """Mark a text wherever it is seen; an empty one marks nothing."""
        self._match = re.compile(re.escape(text), re.IGNORECASE) if text else None
        self._wrapped.clear()
        self.refresh()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Tell of it."""
        super().watch_scroll_y(old_value, new_value)
        self._wrapped.clear()
        self.post_message(self.Moved())

    def on_resize(self) -> None:
        """Wrap anew."""
        self._wrapped.clear()
        self._count()

    def action_last(self) -> None:
        """See the last rows known."""
        self.scroll_to(y=max(0, self._rows.row_count - self.size.height), animate=False, immediate=True)

    def action_sideways(self, columns: int) -> None:
        """See what stands to the left or to the right."""
        if not self.wrap:
            self._shift = max(0, self._shift + columns)
            self.refresh()

    def action_wrap(self) -> None:
        """Wrap long rows, or cut them."""
        self.wrap = not self.wrap
        self._shift = 0
        self._wrapped.clear()
        self._count()

    # Drawing

    def _row(self, number: int) -> Shown | None:
        """A row, if it has been read; if not, it will be."""
        block = number // BLOCK
        if isinstance(self._rows, FactRows):  # they are there already
            return self._rows.block(block)[number % BLOCK]
        rows = self._blocks.get(block)
        if rows is None:
            if block not in self._wanted:
                self._wanted.add(block)
                in_background(self, self._read, self._rows, block)
            return None
        self._blocks.move_to_end(block)
        return rows[number % BLOCK] if number % BLOCK < len(rows) else None

    async def _read(self, rows: Rows, block: int) -> None:
        count = rows.row_count
        found = await self._told(partial(rows.block, block))
        if rows is not self._rows:
            return
        self._wanted.discard(block)
        if found is None:
            return
        # The last block known may have grown meanwhile.
        if len(found) == BLOCK or count == rows.row_count:
            self._blocks[block] = found
        while len(self._blocks) > _KEPT_BLOCKS:
            self._blocks.popitem(last=False)
        self._wrapped.clear()
        self.refresh()

    def _style(self, name: str) -> Style:
        return (
            self.rich_style + self.get_component_rich_style(f"content--{name}") if name else self.rich_style
        )

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        width = self.scrollable_content_region.width
        if self.wrap:
            lines = self._wrapped.setdefault(width, []) or self._wrap(width)
            self._wrapped[width] = lines
            return lines[y] if y < len(lines) else Strip.blank(width, self.rich_style)
        number = y + self.scroll_offset.y
        if number >= self._rows.row_count:
            return Strip.blank(width, self.rich_style)
        row = self._row(number)
        if row is None:
            return Strip([]).adjust_cell_length(width, self.rich_style)
        gutter, body = self._gutter(row), self._body(row.parts)
        room = width - gutter.cell_length
        cut = body.crop(self._shift, self._shift + room).adjust_cell_length(room, self.rich_style)
        if self._shift + room < body.cell_length:
            cut = Strip.join([cut.crop(0, room - 1), Strip([Segment(">", self._style("faint"))])])
        return Strip.join([gutter, cut])

    def _wrap(self, width: int) -> list[Strip]:
        """A screenful of rows, each on as many lines as it needs."""
        lines: list[Strip] = []
        number = self.scroll_offset.y
        while len(lines) < self.size.height and number < self._rows.row_count:
            row = self._row(number)
            number += 1
            if row is None:
                lines.append(Strip.blank(width, self.rich_style))
                continue
            gutter, body = self._gutter(row), self._body(row.parts)
            room = max(1, width - gutter.cell_length)
            for start in range(0, max(1, body.cell_length), room):
                cut = body.crop(start, start + room).adjust_cell_length(room, self.rich_style)
                blank = Strip.blank(gutter.cell_length, self.rich_style)
                lines.append(Strip.join([blank if start else gutter, cut]))
        return lines

    def _gutter(self, row: Shown) -> Strip:
        return Strip([Segment(row.gutter, self._style("gutter"))])

    def _body(self, parts: list[Part]) -> Strip:
        text = Text(style=self.rich_style, end="")
        for part, name in parts:
            text.append(part, self._style(name))
        if self._match is not None:
            for found in self._match.finditer(text.plain):
                text.stylize(self._style("match"), found.start(), found.end())
        return Strip(list(text.render(self.app.console, end="")))
