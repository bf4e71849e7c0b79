"""One question before something that cannot be undone."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from layerscope.tui.widgets.key_bar import KeyBar


class ConfirmScreen(ModalScreen[bool]):
    """Gives whether the answer was yes; only ``y`` is."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "yes", "Yes"),
        Binding("n,escape,q,enter", "no", "No", key_display="n"),
    ]
    DEFAULT_CSS = """
    ConfirmScreen { align: center middle; background: $background 60%; }
    ConfirmScreen > Vertical { width: 64; max-width: 94%; height: auto; padding: 1 3; background: $panel; }
    ConfirmScreen Static { height: auto; }
    ConfirmScreen #question { text-style: bold; }
    ConfirmScreen #answers { margin-top: 1; color: $foreground 60%; }
    """

    def __init__(self, question: str, deed: str) -> None:
        super().__init__()
        self._question = question
        self._deed = deed

    def compose(self) -> ComposeResult:
        """The question and its answers."""
        with Vertical():
            yield Static(Text(self._question), id="question")
            yield Static(Text(f"y  {self._deed.lower()}     n  leave it"), id="answers")
        yield KeyBar()

    def action_yes(self) -> None:
        """Do it."""
        self.dismiss(True)

    def action_no(self) -> None:
        """Leave it."""
        self.dismiss(False)
