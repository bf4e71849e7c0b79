"""The themes, each seen while the cursor is on it."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from layerscope.tui.themes import in_order
from layerscope.tui.widgets.key_bar import KeyBar


class ThemeChoice(ModalScreen[str | None]):
    """Gives the theme that was chosen; None, and the theme that there was, where none was."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Take it", key_display="enter"),
        Binding("escape,q", "leave", "As it was", key_display="esc"),
        Binding("j", "move(1)", "Down", show=False),
        Binding("k", "move(-1)", "Up", show=False),
    ]
    DEFAULT_CSS = """
    ThemeChoice { align: right top; background: $background 0%; }
    ThemeChoice > Vertical { width: 34; height: 1fr; background: $panel; padding: 1 1 0 1; }
    ThemeChoice #title { color: $foreground 60%; text-style: bold; padding-left: 1; }
    ThemeChoice OptionList { height: 1fr; border: none; background: $panel; padding: 0;
                             scrollbar-size-vertical: 1; }
    ThemeChoice OptionList:focus { border: none; }
    """

    def __init__(self, current: str) -> None:
        super().__init__()
        self._before = current

    def compose(self) -> ComposeResult:
        """Their names at the side; the rest of the screen shows them."""
        names = in_order(self.app.available_themes)
        with Vertical():
            yield Static("THEMES", id="title")
            yield OptionList(*(Option(name, id=name) for name in names))
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin with the one there is."""
        options = self.query_one(OptionList)
        options.highlighted = in_order(self.app.available_themes).index(self._before)
        options.focus()

    @on(OptionList.OptionHighlighted)
    def _seen(self, event: OptionList.OptionHighlighted) -> None:
        if event.option_id is not None:
            self.app.theme = event.option_id

    @on(OptionList.OptionSelected)
    def _chosen(self) -> None:
        self.action_choose()

    def action_choose(self) -> None:
        """Keep what is seen."""
        self.dismiss(self.app.theme)

    def action_leave(self) -> None:
        """Back to what there was."""
        self.app.theme = self._before
        self.dismiss(None)

    def action_move(self, step: int) -> None:
        """Up or down."""
        options = self.query_one(OptionList)
        (options.action_cursor_down if step > 0 else options.action_cursor_up)()
