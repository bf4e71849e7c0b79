"""What went wrong, where, and what can be done about it."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from layerscope.errors import (
    AccessDenied,
    EngineUnreachable,
    ImageError,
    ImageNotFound,
    IncompleteImage,
    LayerscopeError,
    LimitExceeded,
    UsageError,
)
from layerscope.model.names import shown
from layerscope.tui.widgets.key_bar import KeyBar

_TITLES: tuple[tuple[type[LayerscopeError], str], ...] = (
    (ImageNotFound, "There is no such image"),
    (EngineUnreachable, "No engine answers"),
    (AccessDenied, "Access was denied"),
    (LimitExceeded, "A limit was reached"),
    (IncompleteImage, "A part of the image is missing"),
    (ImageError, "The image is damaged, or of a kind that is not known"),
    (UsageError, "This cannot be understood"),
)


class ErrorScreen(Screen[None]):
    """An error that was foreseen; the application offers what it is told to offer."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "retry", "Try again"),
        Binding("escape", "back", "Back to the images", key_display="esc"),
        Binding("q", "leave", "Quit"),
        Binding("ctrl+c", "leave", "Quit at once", show=False),
    ]
    DEFAULT_CSS = """
    ErrorScreen { align: center middle; }
    ErrorScreen > VerticalScroll { width: 76; max-width: 100%; height: auto; max-height: 1fr; padding: 1 2; }
    ErrorScreen Static { width: 100%; height: auto; }
    ErrorScreen #title { color: $error; text-style: bold; margin-bottom: 1; }
    ErrorScreen #hint { margin-top: 1; color: $primary; }
    ErrorScreen #next { margin-top: 1; color: $foreground 60%; }
    """

    class Retry(Message):
        """Read it once more."""

    class Back(Message):
        """Back to where the image was chosen."""

    class Leave(Message):
        """It is over."""

    def __init__(self, reference: str, error: LayerscopeError, *, can_go_back: bool) -> None:
        super().__init__()
        self._reference = reference
        self._error = error
        self._can_go_back = can_go_back

    def compose(self) -> ComposeResult:
        """Title, message, hint, and what comes next."""
        title = next((text for kind, text in _TITLES if isinstance(self._error, kind)), "It did not work")
        with VerticalScroll(can_focus=False):
            yield Static(title, id="title", markup=False)
            yield Static(Text(_lines(self._error.message)), id="message")
            if self._error.hint:
                yield Static(Text(_lines(self._error.hint)), id="hint")
            yield Static(Text(self._offered()), id="next")
        yield KeyBar()

    def _offered(self) -> str:
        back = "esc  back to the images     " if self._can_go_back else ""
        return f"r  try again     {back}q  quit, exit code {self._error.exit_code}"

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """There is a way back only where one came from somewhere."""
        return self._can_go_back or action != "back"

    def action_retry(self) -> None:
        """Try again."""
        self.post_message(self.Retry())

    def action_back(self) -> None:
        """Back to the picker."""
        self.post_message(self.Back())

    def action_leave(self) -> None:
        """Quit with the error's exit code."""
        self.post_message(self.Leave())


def _lines(text: str) -> str:
    """A text that may quote names from anywhere, its own line ends kept."""
    return "\n".join("\\".join(map(shown, line.split("\\"))) for line in text.split("\n"))
