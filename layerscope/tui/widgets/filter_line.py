"""The line that filters as one types."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Label

from layerscope.union.filter import SYNTAX

_ROOM = 18
"""What the outcome has room for at the least: a number of matches."""


class FilterLine(Horizontal):
    """Hidden until it is asked for; Enter keeps the filter and goes back, Esc clears it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "clear", "Clear filter", priority=True),
        Binding("enter,down", "keep", "Back to the list", priority=True),
    ]

    class Changed(Message):
        """Another text."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """The line was left."""

    def __init__(self, syntax: str = SYNTAX) -> None:
        super().__init__()
        self._syntax = syntax

    def compose(self) -> ComposeResult:
        """A slash, the text, what came of it."""
        yield Label("/", id="slash")
        yield Input(placeholder=self._syntax, compact=True, select_on_focus=False)
        yield Label("", id="outcome", markup=False)

    @property
    def text(self) -> str:
        """What was typed."""
        return self.query_one(Input).value

    def open(self) -> None:
        """Show it and take the keys."""
        self.add_class("open")
        self.query_one(Input).focus()

    def tell(self, outcome: str, *, wrong: bool = False) -> None:
        """Say how many matched, or what is wrong with the text."""
        label = self.query_one("#outcome", Label)
        before = str(label.content)
        same_room = min(len(before), len(outcome)) > 0 and max(len(before), len(outcome)) <= _ROOM
        label.update(outcome, layout=not same_room)  # laying out takes longer than most searches
        label.set_class(bool(outcome), "told")
        label.set_class(wrong, "wrong")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter at once."""
        event.stop()
        self.post_message(self.Changed(event.value))

    def action_clear(self) -> None:
        """No filter any more."""
        self.query_one(Input).value = ""
        self.remove_class("open")
        self.post_message(self.Left())

    def action_keep(self) -> None:
        """Back to the list; the filter stays."""
        if not self.text:
            self.remove_class("open")
        self.post_message(self.Left())
