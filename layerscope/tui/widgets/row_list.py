"""A list of any length of which only the rows on screen are made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from layerscope.model.people import cells

Part = tuple[str, str]
"""A text and the name of its style: one of `RowList.STYLES`, or empty for plain."""


class RowList(ScrollView, can_focus=True):
    """Rows with a cursor; a subclass says how many there are and what is in one."""

    STYLES: ClassVar[tuple[str, ...]] = (
        *("dim", "faint", "strong", "bar", "bar-base", "accent", "title"),
        *("added", "modified", "metadata_only", "deleted", "overwritten", "link", "cursor", "cursor-blurred"),
    )
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"row--{style}" for style in STYLES}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup,ctrl+b", "page(-1)", "Page up", show=False),
        Binding("pagedown,ctrl+f", "page(1)", "Page down", show=False),
        Binding("home,g", "first", "First", show=False),
        Binding("end,G", "last", "Last", show=False),
        Binding("enter", "choose", "Open", show=False),
    ]

    cursor: reactive[int] = reactive(0, repaint=False, init=False)

    class Moved(Message):
        """The cursor stands on another row, or the row under it is another."""

        def __init__(self, rows: RowList, index: int) -> None:
            super().__init__()
            self.rows = rows
            self.index = index

        @property
        def control(self) -> RowList:
            """The list."""
            return self.rows

    class Chosen(Moved):
        """A row was entered."""

    def row_count(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def parts(self, index: int, width: int) -> Iterable[Part]:
        """What is in a row that is ``width`` columns wide."""
        raise NotImplementedError

    def title(self, width: int) -> str | None:  # noqa: ARG002 - subclasses need it
        """A line above the rows that does not scroll; None for none."""
        return None

    def empty(self) -> str:
        """What stands there when there are no rows."""
        return ""

    def rows_changed(self, cursor: int | None = None) -> None:
        """Take note of other rows; the cursor stays where it is unless told."""
        count = self._count_rows()
        target = self.cursor if cursor is None else cursor
        self.set_reactive(RowList.cursor, max(0, min(target, count - 1)))
        self._keep_in_sight()
        self.refresh()
        if count:
            self.post_message(self.Moved(self, self.cursor))

    def _count_rows(self) -> int:
        count = self.row_count()
        self.virtual_size = Size(0, count + self._head)
        return count

    @property
    def _head(self) -> int:
        return 0 if self.title(0) is None else 1

    @property
    def _page(self) -> int:
        return max(1, self.scrollable_content_region.height - self._head)

    def on_mount(self) -> None:
        """Count the rows."""
        self.rows_changed()

    def validate_cursor(self, cursor: int) -> int:
        """Keep the cursor on a row."""
        return max(0, min(cursor, self.row_count() - 1))

    def watch_cursor(self, old: int, new: int) -> None:
        """Draw both rows anew and scroll where needed."""
        for index in (old, new):
            self._refresh_row(index)
        self._keep_in_sight()
        self.post_message(self.Moved(self, new))

    def _refresh_row(self, index: int) -> None:
        y = index - self.scroll_offset.y + self._head
        if self._head <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def _keep_in_sight(self) -> None:
        top, page = self.scroll_offset.y, self._page
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, immediate=True)
        elif self.cursor >= top + page:
            self.scroll_to(y=self.cursor - page + 1, animate=False, immediate=True)

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self.call_after_refresh(self._keep_in_sight)

    def action_move(self, count: int) -> None:
        """Move the cursor."""
        self.cursor += count

    def action_page(self, direction: int) -> None:
        """Move the cursor by a screenful."""
        self.cursor += direction * max(1, self._page - 1)

    def action_first(self) -> None:
        """Go to the first row."""
        self.cursor = 0

    def action_last(self) -> None:
        """Go to the last row."""
        self.cursor = self.row_count() - 1

    def action_choose(self) -> None:
        """Enter the row under the cursor."""
        if self.row_count():
            self.post_message(self.Chosen(self, self.cursor))

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is; twice enters the row."""
        index = event.y - self._head + self.scroll_offset.y
        if event.y < self._head or not 0 <= index < self.row_count():
            return
        self.cursor = index
        self.clicked(index, event.x)
        if event.chain == 2:
            self.action_choose()

    def clicked(self, index: int, x: int) -> None:
        """A row was clicked; for what a subclass has in a row to click on."""

    def on_focus(self) -> None:
        """Show the cursor brightly."""
        self._refresh_row(self.cursor)

    def on_blur(self) -> None:
        """Show the cursor dimly."""
        self._refresh_row(self.cursor)

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        width = self.scrollable_content_region.width
        if y < self._head:
            return self._strip([(self.title(width) or "", "title")], width, Style())
        index = y - self._head + self.scroll_offset.y
        if index >= self.row_count():
            hint = self.empty() if index == 0 else ""
            return self._strip([(hint, "dim")], width, Style())
        cursor = Style()
        if index == self.cursor:
            name = "row--cursor" if self.has_focus else "row--cursor-blurred"
            cursor = Style(bgcolor=self.get_component_rich_style(name).bgcolor)
        return self._strip(self.parts(index, width), width, cursor)

    def _strip(self, parts: Iterable[Part], width: int, over: Style) -> Strip:
        base = self.visual_style.rich_style  # kept, while rich_style is made anew from all ancestors
        segments: list[Segment] = []
        left = width
        for text, name in parts:
            if not text or left <= 0:
                continue
            style = base + self.get_component_rich_style(f"row--{name}") if name else base
            segments.append(Segment(text, style + over))
            left -= cells(text)
        segments.append(Segment(" " * max(0, left), base + over))
        return Strip(segments).crop(0, width)
