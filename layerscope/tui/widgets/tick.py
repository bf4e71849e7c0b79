"""A choice that is ticked or not, told by its sign and not by its colour alone."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.reactive import reactive
from textual.widget import Widget

from layerscope.tui.glyphs import Glyphs


class Tick(Widget, can_focus=True):
    """One line; Space, Enter or a click turns it over."""

    DEFAULT_CSS = """
    Tick { height: 1; width: auto; }
    Tick:focus { background: $block-cursor-background; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("space,enter", "turn", "Tick")]

    value: reactive[bool] = reactive(False)

    def __init__(self, glyphs: Glyphs, text: str, *, id: str) -> None:  # noqa: A002 - as Textual calls it
        super().__init__(id=id, markup=False)
        self._glyphs = glyphs
        self._text = text

    def render(self) -> str:
        return f" {self._glyphs.ticked if self.value else self._glyphs.unticked} {self._text} "

    def action_turn(self) -> None:
        """Tick it, or no longer."""
        self.value = not self.value

    def on_click(self) -> None:
        """The same by mouse."""
        self.action_turn()
