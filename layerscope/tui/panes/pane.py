"""What every view beside the layers is."""

from __future__ import annotations

from typing import ClassVar

from textual.containers import Vertical
from textual.message import Message

from layerscope.tui.material import Material
from layerscope.tui.selection import Selection


class GoTo(Message):
    """Go to a path as a layer has it, in the tree of files."""

    def __init__(self, path: str, layer: int | None = None) -> None:
        super().__init__()
        self.path = path
        self.layer = layer


class Pane(Vertical):
    """One view: it is told of the selection and of the filter when it is seen."""

    NAME: ClassVar[str]
    TITLE: ClassVar[str]

    def __init__(self, material: Material, selection: Selection) -> None:
        super().__init__(id=self.NAME)
        self.material = material
        self.selection = selection

    def count(self) -> int | None:
        """A number beside the title."""
        return None

    def reading(self) -> str:
        """What is to be said of the row under the cursor; nothing for the layers' own words."""
        return ""

    def show_selection(self, selection: Selection) -> None:
        """Follow another selection."""
        self.selection = selection

    def filter(self, text: str) -> str:  # noqa: ARG002 - what a view without a filter does
        """Show what passes only; gives what to say of it. Raises UsageError for what cannot be read."""
        return ""
