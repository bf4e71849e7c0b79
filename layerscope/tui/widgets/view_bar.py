"""The titles of the views, the one that is seen marked; numbers and clicks choose."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget


class ViewBar(Widget):
    """One line."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"view--title", "view--active", "view--count", "view--key"}

    active: reactive[str] = reactive("")

    class Picked(Message):
        """A title was clicked."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, titles: dict[str, tuple[str, int | None]], ellipsis: str = "…") -> None:
        super().__init__()
        self._ellipsis = ellipsis
        self._titles = titles
        self._places: list[tuple[int, int, str]] = []
        self._brief = False

    def set_count(self, name: str, count: int | None) -> None:
        """Show another number beside a title."""
        self._titles[name] = (self._titles[name][0], count)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """The titles; where they do not fit, their counts go first, then those before the active one.

        Where there are more on either side, a sign tells of them.
        """
        if y:
            return Strip.blank(self.size.width, self.rich_style)
        names = list(self._titles)
        self._brief = False
        self._brief = self._width(names) >= self.size.width
        start = 0
        while self.active in names[start + 1 :] and self._width(names[start:]) >= self.size.width:
            start += 1
        segments: list[Segment] = []
        self._places = []
        column = 0
        for name in names[start:]:
            pieces = self._pieces(name, names.index(name) + 1)
            if start and not segments:
                pieces[0] = Segment(self._ellipsis + pieces[0].text[1:], pieces[0].style)
            length = sum(len(piece.text) for piece in pieces)
            if column + length > self.size.width - 1:
                segments.append(Segment(f" {self._ellipsis}"[: self.size.width - column], self.rich_style))
                break
            self._places.append((column, column + length, name))
            segments += pieces
            column += length
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)

    def _width(self, names: list[str]) -> int:
        return sum(len(piece.text) for name in names for piece in self._pieces(name, 1))

    def _pieces(self, name: str, number: int) -> list[Segment]:
        title, count = self._titles[name]
        if self._brief:
            count = count if name == self.active else None
        return [
            Segment(f" {number} ", self._style("key")),
            Segment(title, self._style("active" if name == self.active else "title")),
            Segment(
                f" {count:,} " if count is not None else "" if self._brief else " ", self._style("count")
            ),
        ]

    def _style(self, part: str) -> Style:
        return self.rich_style + self.get_component_rich_style(f"view--{part}")

    def on_click(self, event: events.Click) -> None:
        """Choose what was clicked."""
        for start, end, name in self._places:
            if start <= event.x < end:
                self.post_message(self.Picked(name))
