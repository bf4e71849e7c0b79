"""A list of any length of which only the rows on screen are made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Self

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

_KEPT = 500
"""How many drawn rows are kept; a few screenfuls."""


class RowList(ScrollView, can_focus=True):
    """Rows with a cursor; a subclass says how many there are and what is in one.

    A row that was drawn is kept until the list is refreshed as a whole, so that scrolling draws only
    what comes into sight. For the same reason a list has no border, padding or opacity of its own.
    """

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

    def __init__(self) -> None:
        self._drawn: dict[tuple[int, str], Strip] = {}
        self._styles_of: dict[tuple[str, str], Style] = {}
        self._drawn_for: tuple[object, ...] = ()
        super().__init__()

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

    # Drawing

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:
        """Draw anew, without regions everything."""
        if repaint and not regions:
            self._drawn.clear()
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def render_lines(self, crop: Region) -> list[Strip]:
        """What is seen of the list."""
        width, background = self.outer_size.width, self.background_colors[1]
        filters = self.get_line_filters()
        base = self.visual_style.rich_style
        drawn_for = (base, width, self.scrollable_content_region.width, *filters)
        if drawn_for != self._drawn_for:
            self._drawn_for = drawn_for
            self._drawn.clear()
            self._styles_of.clear()
        head, count = self._head, self.row_count()
        strips: list[Strip] = []
        for y in crop.line_range:
            strip = self._screen_line(y, head, count)
            for line_filter in filters:
                strip = strip.apply_filter(line_filter, background)
            strips.append(strip)
        if crop.column_span != (0, width):
            strips = [strip.crop(*crop.column_span) for strip in strips]
        return strips

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        return self._screen_line(y, self._head, self.row_count())

    def _screen_line(self, y: int, head: int, count: int) -> Strip:
        if y < head:
            return self._kept(-1, "")
        index = y - head + self.scroll_offset.y
        if index >= count:
            return self._kept(-2 if index == 0 else -3, "")
        cursor = ("cursor" if self.has_focus else "cursor-blurred") if index == self.cursor else ""
        return self._kept(index, cursor)

    def _kept(self, index: int, cursor: str) -> Strip:
        """A row, as it was drawn where nothing has changed; -1 is the title, -2 the hint, -3 nothing."""
        strip = self._drawn.get((index, cursor))
        if strip is None:
            width = self.scrollable_content_region.width
            parts: Iterable[Part]
            if index >= 0:
                parts = self.parts(index, width)
            elif index == -1:
                parts = [(self.title(width) or "", "title")]
            else:
                parts = [(self.empty() if index == -2 else "", "dim")]
            if len(self._drawn) > _KEPT:
                self._drawn.clear()
            strip = self._drawn[index, cursor] = self._strip(parts, width, cursor)
        return strip

    def _strip(self, parts: Iterable[Part], width: int, cursor: str) -> Strip:
        segments: list[Segment] = []
        left = width
        for text, name in parts:
            if not text or left <= 0:
                continue
            segments.append(Segment(text, self._style_of(name, cursor)))
            left -= cells(text)
        beside = max(0, self.outer_size.width - width)
        if left < 0:
            return Strip(segments).crop(0, width).extend_cell_length(width + beside, self._style_of("", ""))
        segments.append(Segment(" " * left, self._style_of("", cursor)))
        segments.append(Segment(" " * beside, self._style_of("", "")))
        return Strip([one for one in segments if one.text], width + beside)

    def _style_of(self, name: str, cursor: str) -> Style:
        style = self._styles_of.get((name, cursor))
        if style is None:
            style = self.visual_style.rich_style  # kept, while rich_style is made anew from all ancestors
            if name:
                style += self.get_component_rich_style(f"row--{name}")
            if cursor:
                style = self._under_cursor(style, cursor)
            self._styles_of[name, cursor] = style
        return style

    def _under_cursor(self, style: Style, cursor: str) -> Style:
        if not self.app.native_ansi_color:
            return style + Style(bgcolor=self.get_component_rich_style(f"row--{cursor}").bgcolor)
        # Of the terminal's own colours nobody knows which can be read on which.
        return Style(bold=style.bold, reverse=True) if cursor == "cursor" else style + Style(underline=True)
