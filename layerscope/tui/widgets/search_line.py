"""The line that asks what to look for in a content."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Label


class SearchLine(Horizontal):
    """Hidden until it is asked for; Enter searches, Esc gives up."""

    DEFAULT_CSS = """
    SearchLine { height: 1; display: none; }
    SearchLine.open { display: block; }
    SearchLine #sought-slash { color: $primary; width: 2; padding-left: 1; }
    SearchLine Input { width: 1fr; background: $background; border: none; height: 1; padding: 0; }
    SearchLine #sought-outcome { color: $foreground 60%; width: auto; max-width: 50%; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "give_up", "Back", priority=True)]

    class Asked(Message):
        """A text is to be found."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """Nothing is sought any more."""

    def compose(self) -> ComposeResult:
        """A slash, the text, what came of it."""
        yield Label("/", id="sought-slash")
        yield Input(placeholder="text, or bytes as 0x7f45", compact=True)
        yield Label("", id="sought-outcome", markup=False)

    def open(self) -> None:
        """Show it and take the keys."""
        self.add_class("open")
        self.query_one(Input).focus()

    def tell(self, outcome: str) -> None:
        """Say what came of it."""
        self.query_one("#sought-outcome", Label).update(outcome)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Search."""
        event.stop()
        if event.value:
            self.post_message(self.Asked(event.value))
        else:
            self.action_give_up()

    def action_give_up(self) -> None:
        """No search any more."""
        self.query_one(Input).value = ""
        self.tell("")
        self.remove_class("open")
        self.post_message(self.Left())
