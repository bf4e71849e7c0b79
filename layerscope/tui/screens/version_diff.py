"""Two versions of a path compared: texts line by line, anything else by what is known of it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Static

from layerscope.content import Cancelled
from layerscope.errors import LayerscopeError
from layerscope.model.entry import Entry, Kind
from layerscope.model.harmless import harmless
from layerscope.model.names import shown
from layerscope.model.people import path as path_text
from layerscope.model.people import size
from layerscope.model.recognise import HEAD_BYTES, is_text
from layerscope.model.text_diff import DiffRow, diff_rows
from layerscope.tui.background import in_background
from layerscope.tui.describing import kind_text
from layerscope.tui.material import Material
from layerscope.tui.widgets.diff_view import DiffView, Note
from layerscope.tui.widgets.file_tree import mode_text, owner_text
from layerscope.tui.widgets.key_bar import KeyBar
from layerscope.union.index import Version

MAX_BYTES = 4 << 20
"""Larger texts are compared by size and hash only: it would take too long, and nobody would read it."""


class VersionDiff(Screen[None]):
    """Side by side where there is room for it, else one above the other."""

    DEFAULT_CSS = """
    VersionDiff #diff-title { height: 2; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace", "leave", "Back"),
        Binding("v", "layout", "Side by side"),
        Binding("q", "app.quit", "Quit", show=False),
    ]

    def __init__(self, material: Material, path: str, old: Version | None, new: Version | None) -> None:
        super().__init__()
        self._material = material
        self._path = path
        self._old = old
        self._new = new
        self._cancel = threading.Event()
        self.view = DiffView(material.glyphs)

    def compose(self) -> ComposeResult:
        """Which versions, and what differs."""
        yield Static(self._title(), id="diff-title", markup=False)
        yield self.view
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin to read."""
        self.view.focus()
        in_background(self, self._compare)

    def on_unmount(self) -> None:
        """Let nothing wait for bytes that nobody will see."""
        self._cancel.set()

    def _title(self) -> Text:
        text = Text(no_wrap=True, end="")
        text.append(path_text(self._path) + "\n", style="bold")
        arrow = self._material.glyphs.arrow
        text.append(f"{_layer(self._old)} {arrow} {_layer(self._new)}", style="dim")
        return text

    async def _compare(self) -> None:
        self.view.show_notes([Note(what="reading both versions")])
        try:
            found = await asyncio.to_thread(self._compared)
        except Cancelled:
            return
        except LayerscopeError as error:
            self.view.show_notes([Note(what=shown(error.message))])
            return
        rows, notes = found
        if rows:
            self.view.show_rows(rows)
        else:
            self.view.show_notes(notes)

    def _compared(self) -> tuple[list[DiffRow], list[Note]]:
        """Lines that differ, else facts of both; in another thread."""
        notes = _notes(self._old, self._new)
        if self._material.inspection.opened_content is None:
            return [], [*notes, Note(what="the contents cannot be had: the image was opened without them")]
        texts = [self._text(version) for version in (self._old, self._new)]
        if texts[0] is None or texts[1] is None:
            return [], notes
        rows = diff_rows(texts[0], texts[1])
        return rows, [*notes, Note(what="the texts are equal")]

    def _text(self, version: Version | None) -> list[str] | None:
        """The lines of a text; None for what is none or is too large. No version is no line."""
        if version is None:
            return []
        entry = version.source
        if entry is None or entry.kind is not Kind.FILE or entry.size_bytes > MAX_BYTES:
            return None
        data = self._material.inspection.content.open(version, cancel=self._cancel).read_at(
            0, entry.size_bytes
        )
        if not is_text(data[:HEAD_BYTES], whole=len(data) <= HEAD_BYTES):
            return None
        ascii_only = not self._material.glyphs.eighths
        lines = data.decode("utf-8", "replace").split("\n")
        if lines[-1] == "":
            lines.pop()
        return [harmless(line, ascii_only=ascii_only) for line in lines]

    def action_leave(self) -> None:
        """Back to the history."""
        self.dismiss(None)

    def action_layout(self) -> None:
        """Side by side, or one above the other."""
        self.view.action_layout()


def _layer(version: Version | None) -> str:
    return "nothing" if version is None else f"layer {version.layer}"


def _notes(old: Version | None, new: Version | None) -> list[Note]:
    """Both versions, fact by fact."""
    left, right = (version.source if version is not None else None for version in (old, new))
    notes = [
        Note(what="", old=_layer(old), new=_layer(new)),
        Note(what="type", old=kind_text(old) if old else "", new=kind_text(new) if new else ""),
    ]
    for what, of in _FACTS:
        told = [of(entry) if entry is not None else "" for entry in (left, right)]
        if any(told):
            notes.append(Note(what=what, old=told[0], new=told[1]))
    return notes


def _hash(entry: Entry) -> str:
    return f"xxh3 {entry.content_hash.hex()}" if entry.content_hash is not None else ""


_FACTS: tuple[tuple[str, Callable[[Entry], str]], ...] = (
    ("size", lambda entry: f"{size(entry.size_bytes)} ({entry.size_bytes:,} B)"),
    ("content", _hash),
    ("leads to", lambda entry: shown(entry.link_target or "")),
    ("mode", mode_text),
    ("owner", owner_text),
)
