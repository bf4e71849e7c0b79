"""What is in a path as of a layer: its text, its bytes, or what can be told of it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static

from layerscope.content import Cancelled
from layerscope.errors import LayerscopeError
from layerscope.model.byte_search import find_after, find_before, needle_of
from layerscope.model.entry import Entry, Kind
from layerscope.model.line_index import ReadAt
from layerscope.model.names import shown
from layerscope.model.people import path as path_text
from layerscope.model.people import size
from layerscope.model.recognise import HEAD_BYTES, recognise
from layerscope.tui.background import in_background
from layerscope.tui.colouring import lexer_for
from layerscope.tui.content_rows import FactRows, HexRows, Rows, TextRows, as_utf_8
from layerscope.tui.describing import content_facts, directory_facts, kind_text, other_facts
from layerscope.tui.material import Material
from layerscope.tui.remembering import remember, remembered
from layerscope.tui.target import Target, standing
from layerscope.tui.widgets.content_view import ContentView
from layerscope.tui.widgets.file_tree import mode_text, owner_text
from layerscope.tui.widgets.search_line import SearchLine
from layerscope.union.index import Version, is_directory

_TICK_S = 0.1
_MAX_RECODED_BYTES = 4 << 20
NO_CONTENT = "the contents of the files cannot be had: the image was opened without them"

Mode = tuple[str, Callable[[], Rows]]
"""What a way of looking is called, and how to begin it."""


class Preview(Vertical):
    """A title, the content, a line to search it; it takes the place of the view of files."""

    DEFAULT_CSS = """
    Preview { height: 1fr; }
    Preview > #preview-title { height: 2; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close"),
        Binding("t", "look", "Text/hex"),
        Binding("w", "wrap", "Wrap"),
        Binding("slash", "search", "Search"),
        Binding("n", "next(1)", "Next", show=False),
        Binding("N", "next(-1)", "Previous", show=False),
    ]

    class Closed(Message):
        """It is not to be seen any more."""

    def __init__(self, material: Material, target: Target) -> None:
        super().__init__()
        self.material = material
        self.target = target
        self._title = Static("", id="preview-title", markup=False)
        self.view = ContentView()
        self._search = SearchLine()
        self._cancel = threading.Event()
        self._what = ""
        self._modes: list[Mode] = []
        self._mode = 0
        self._sought = ""
        self._found: int | None = None
        self._wait: tuple[int, Entry] | None = None

    def compose(self) -> ComposeResult:
        """The regions."""
        yield self._title
        yield self.view
        yield self._search

    def on_mount(self) -> None:
        """Begin to read."""
        self.set_interval(_TICK_S, self._tell_progress)
        self.view.wrap = remembered(self.app).wrap
        self.show(self.target)

    def on_unmount(self) -> None:
        """Let nothing wait for bytes that nobody will see."""
        self._cancel.set()

    def focus_content(self) -> None:
        """Take the keys."""
        self.view.focus()

    # What is looked at

    def show(self, target: Target) -> None:
        """Look at another path, or as of another layer."""
        self._cancel.set()
        self._cancel = threading.Event()
        self.target, self._modes, self._mode = target, [], 0
        self._found = self._wait = None
        found = standing(self.material, target)
        version = found[1] if found is not None else None
        self._what = kind_text(version) if version is not None else "no such path"
        self._draw_title()
        entry = version.source if version is not None else None
        if version is None:
            self._show_facts([[("no layer has this path", "dim")]])
        elif is_directory(version) or entry is None:
            self._show_facts(directory_facts(self.material, target, version))
        elif entry.kind is not Kind.FILE:
            self._show_facts(other_facts(self.material, target, entry))
        elif self.material.inspection.opened_content is None:
            self._show_facts([[(NO_CONTENT, "dim")]])
        else:
            self._show_facts([])
            layer = version.inode.layer if version.inode is not None else version.layer
            self._wait = (layer, entry)
            in_background(self, self._open, version, entry, self._cancel, alone=True)

    def _show_facts(self, rows: list[list[tuple[str, str]]]) -> None:
        self._modes = [("facts", lambda: FactRows(rows))]
        self._look(0)

    async def _open(self, version: Version, entry: Entry, cancel: threading.Event) -> None:
        """Read the first bytes, find out what it is, and show it."""
        try:
            modes = await asyncio.to_thread(self._recognised, version, entry, cancel)
        except Cancelled:
            return
        except LayerscopeError as error:
            if cancel is self._cancel:
                self._fail(error)
            return
        if cancel is self._cancel:
            self._wait = None
            self._modes = modes
            self._look(0)

    def _recognised(self, version: Version, entry: Entry, cancel: threading.Event) -> list[Mode]:
        """The ways to look at a file, the best first; in another thread."""
        held = self.material.inspection.content.open(version, cancel=cancel)
        head = held.read_at(0, HEAD_BYTES)
        known = recognise(entry.path, head, held.size_bytes)
        lexer = lexer_for(self.target.path, head) if known.text else None
        rows = content_facts(known, held.read_at, held.size_bytes)
        ascii_only = not self.material.glyphs.eighths
        plain: tuple[ReadAt, int] = (held.read_at, held.size_bytes)
        as_text = known.text
        if known.encoding is not None:
            as_text = held.size_bytes <= _MAX_RECODED_BYTES
            plain = as_utf_8(*plain, known.encoding) if as_text else plain
        text = partial(TextRows, *plain, lexer, ascii_only=ascii_only)
        as_hex = partial(HexRows, held.read_at, held.size_bytes)
        modes: list[Mode] = (
            [("text", text), ("hex", as_hex)] if as_text else [("hex", as_hex), ("text", text)]
        )
        if rows is not None:
            modes = [("facts", partial(FactRows, rows)), ("hex", as_hex)]
        if cancel is self._cancel:
            self._what = f"{lexer.name} {known.what}" if lexer is not None else known.what
        return modes

    def _look(self, mode: int) -> None:
        self._mode = mode
        self._found = None
        self.view.show_rows(self._modes[mode][1]())
        self._draw_title()

    @on(ContentView.Failed)
    def _failed(self, event: ContentView.Failed) -> None:
        event.stop()
        self._fail(event.error)

    def _fail(self, error: LayerscopeError) -> None:
        self._wait = None
        rows = [[(shown(error.message), "error")]]
        self._show_facts([*rows, [(shown(error.hint), "dim")]] if error.hint else rows)

    # The title

    @on(ContentView.Moved)
    def _moved(self, event: ContentView.Moved) -> None:
        event.stop()
        self._draw_title()

    def _draw_title(self) -> None:
        width = max(10, self.size.width - 2)
        place = self._place()
        glyphs = self.material.glyphs
        text = Text(no_wrap=True, end="")
        text.append(glyphs.fit(path_text(self.target.path), width - len(place) - 2, end=True), style="bold")
        text.append(f"  {place}\n", style="dim")
        text.append(glyphs.fit(f" {glyphs.dot} ".join(self._facts()), width), style="dim")
        self._title.update(text)

    def _facts(self) -> list[str]:
        found = standing(self.material, self.target)
        if found is None:
            return [self._what]
        _, version = found
        entry = version.source
        said = [f"layer {version.layer}"]
        if version.hidden_by is not None:
            when = "is gone" if version.hidden_by <= self.target.layer else "will be gone"
            said = [f"from layer {version.layer}, {when} with layer {version.hidden_by}"]
        said += [self._what]
        if entry is not None and entry.kind is Kind.FILE:
            said.append(size(entry.size_bytes))
        return [*said, mode_text(entry), owner_text(entry)]

    def _place(self) -> str:
        rows = self.view.rows
        count = rows.row_count
        mode = self._modes[self._mode][0] if self._modes else ""
        if not count or mode == "facts":
            return mode
        last = min(count, self.view.top + max(1, self.view.size.height))
        return f"{mode}  {rows.unit}s {self.view.top + 1:,} to {last:,} of {count:,}"

    def on_resize(self) -> None:
        """Fit the title."""
        self._draw_title()

    def _tell_progress(self) -> None:
        """Say how far the layer has been unpacked, while there is nothing else to show."""
        if self._wait is None:
            return
        layer, _ = self._wait
        content = self.material.inspection.opened_content
        far = content.unpacked(layer) if content is not None else None
        row = [(f"reading layer {layer}", "dim")]
        if far is not None:
            bar = self.material.glyphs.bar(far[0], far[1], 24)
            row = [
                (f"unpacking layer {layer}  ", "dim"),
                (bar, "bar"),
                (f"  {size(far[0])} of {size(far[1])}   Esc stops", "dim"),
            ]
        self.view.show_rows(FactRows([row]))

    # Keys

    def action_close(self) -> None:
        """Give the region back."""
        self._cancel.set()
        content = self.material.inspection.opened_content
        if self._wait is not None and content is not None:
            content.stop()
        self.post_message(self.Closed())

    def action_look(self) -> None:
        """Look at it another way: as text, as bytes, as what was recognised."""
        if len(self._modes) > 1:
            self._look((self._mode + 1) % len(self._modes))

    def action_wrap(self) -> None:
        """Wrap long lines, or cut them."""
        self.view.action_wrap()
        remember(self.app, wrap=self.view.wrap)

    # Searching

    def action_search(self) -> None:
        """Ask what to look for."""
        self._search.open()

    @on(SearchLine.Asked)
    def _asked(self, event: SearchLine.Asked) -> None:
        event.stop()
        self._sought, self._found = event.text, None
        self.view.mark(event.text)
        self.view.focus()
        self.action_next(1)

    @on(SearchLine.Left)
    def _left(self, event: SearchLine.Left) -> None:
        event.stop()
        self._sought = ""
        self.view.mark("")
        self.view.focus()

    def action_next(self, step: int) -> None:
        """Go to the next place, or the one before; round the end."""
        if self._sought:
            self._search.tell("searching")
            what = (self.view.rows, self._sought, step, self._cancel)
            in_background(self, self._search_for, *what, group="search", alone=True)

    async def _search_for(self, rows: Rows, text: str, step: int, cancel: threading.Event) -> None:
        try:
            found = await asyncio.to_thread(self._find, rows, text, step, cancel)
        except Cancelled:
            return
        except LayerscopeError as error:
            self._search.tell(shown(error.message))
            return
        if rows is not self.view.rows:
            return
        if found is None:
            self._search.tell("not found")
            return
        self._found, row = found
        self._search.tell(f"{rows.unit} {row + 1:,}")
        self.view.go_to(row)

    def _find(self, rows: Rows, text: str, step: int, cancel: threading.Event) -> tuple[int, int] | None:
        """The place of the next hit and its row; in another thread."""
        here = self._found
        if isinstance(rows, FactRows):
            last = rows.row_count - 1
            start = self.view.top if here is None else here + step
            row = rows.find(text, start, step)
            row = rows.find(text, 0 if step > 0 else last, step) if row is None else row
            return None if row is None else (row, row)
        needle, stopped = needle_of(text), cancel.is_set
        read_at, ends = rows.read_at, rows.size_bytes
        if step > 0:
            start = rows.start_of(self.view.top) if here is None else here + 1
            place = find_after(read_at, ends, needle, start, stopped)
            place = find_after(read_at, ends, needle, 0, stopped) if place is None else place
        else:
            start = rows.start_of(self.view.top) if here is None else here
            place = find_before(read_at, needle, start, stopped)
            place = find_before(read_at, needle, ends, stopped) if place is None else place
        return None if place is None else (place, rows.row_of(place))
