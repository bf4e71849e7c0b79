"""An image while it is read: which layers, how much, how fast, how long still."""

from __future__ import annotations

import math
import re
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget

from layerscope.model.names import shown
from layerscope.model.people import size
from layerscope.tui.glyphs import Glyphs
from layerscope.tui.reading import Part, State, Tracker
from layerscope.tui.widgets.key_bar import KeyBar

_INTERVAL_S = 1 / 15
_NAME = 12
_BAR = 32
_WHOLE = 100
"""A longer bar says no more."""
_DIGEST = re.compile(r"[0-9a-f]{32,}")
_MARGIN = 2


class LoadingScreen(Screen[None]):
    """One image on its way; it asks for news many times a second, nobody has to tell it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", key_display="esc"),
        Binding("q,ctrl+c", "cancel", "Cancel at once", show=False),
    ]
    DEFAULT_CSS = """
    LoadingScreen LoadingPicture { height: 1fr; padding: 1 2; }
    LoadingPicture > .loading--dim { color: $foreground 60%; }
    LoadingPicture > .loading--faint { color: $foreground 25%; }
    LoadingPicture > .loading--strong { text-style: bold; color: $foreground; }
    LoadingPicture > .loading--bar { color: $primary; }
    LoadingPicture > .loading--done { color: $success; }
    """

    class Cancel(Message):
        """Nobody wants to wait any more."""

    def __init__(self, reference: str, tracker: Tracker, glyphs: Glyphs) -> None:
        super().__init__()
        self._picture = LoadingPicture(reference, tracker, glyphs)

    def compose(self) -> ComposeResult:
        """The picture."""
        yield self._picture
        yield KeyBar()

    def on_mount(self) -> None:
        """Draw again and again."""
        self.set_interval(_INTERVAL_S, self._picture.refresh)

    def action_cancel(self) -> None:
        """Do not wait any more."""
        self.post_message(self.Cancel())


class LoadingPicture(Widget):
    """The image's name, a bar for the whole, a line for each layer that has been begun."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"loading--{name}" for name in ("dim", "faint", "strong", "bar", "done")
    }

    def __init__(self, reference: str, tracker: Tracker, glyphs: Glyphs) -> None:
        super().__init__()
        self._reference = reference
        self._tracker = tracker
        self._glyphs = glyphs

    def render(self) -> Text:
        """How things stand."""
        state = self._tracker.state()
        width = self.content_size.width
        lines = [self._text(self._glyphs.fit(shown(self._reference), width, end=True).rstrip(), "strong")]
        fit = self._glyphs.fit
        lines += [self._text(fit(shown(notice), width).rstrip(), "dim") for notice in state.notices[-3:]]
        lines += [Text(), self._whole(state, width), self._figures(state, width), Text()]
        room = self.content_size.height - len(lines)
        lines += self._parts(state.parts, room, width)
        return Text("\n", no_wrap=True).join(lines)

    def _text(self, text: str, style: str) -> Text:
        return Text(text, style=self.get_component_rich_style(f"loading--{style}"))

    def _whole(self, state: State, width: int) -> Text:
        return self._bar(state.done_bytes, state.total_bytes, max(1, min(_WHOLE, width)))

    def _bar(self, done_bytes: int, total_bytes: int | None, width: int) -> Text:
        share = min(1.0, done_bytes / total_bytes) if total_bytes else 0.0
        full = int(share * width)
        return Text.assemble(
            self._text(self._glyphs.full * full, "bar"),
            self._text(self._glyphs.track * (width - full), "faint"),
        )

    def _figures(self, state: State, width: int) -> Text:
        if state.all_read:
            said = [f"{size(state.done_bytes)} read", "stacking the layers"]
        elif not state.parts:
            said = ["looking for the image" if state.elapsed_s < 1 else "waiting for the first bytes"]
        else:
            said = [size(state.done_bytes)]
            if state.total_bytes is not None:
                said[0] += f" of {size(state.total_bytes)}"
            if state.rate:
                said.append(f"{size(round(state.rate))}/s")
            if state.left_s is not None:
                said.append(time_left(state.left_s))
        return self._text(self._glyphs.fit("   ".join(said), width).rstrip(), "dim")

    def _parts(self, parts: tuple[Part, ...], room: int, width: int) -> list[Text]:
        """Those that are being read, and above them as many of the others as there is room for."""
        running = [part for part in parts if not part.ended]
        ended = [part for part in parts if part.ended]
        kept = max(0, room - len(running))
        lines = []
        if len(ended) > kept:
            kept = max(0, kept - 1)
            count = len(ended) - kept
            said = f"{self._glyphs.check} {count} more"
            lines.append(self._text(said, "done"))
        shown_parts = (ended[-kept:] if kept else []) + running
        return (lines + [self._part(part, width) for part in shown_parts])[: max(0, room)]

    def _part(self, part: Part, width: int) -> Text:
        name = self._glyphs.fit(short_name(part.name), _NAME)
        if part.ended:
            return Text.assemble(
                self._text(f"{self._glyphs.check} ", "done"),
                self._text(f"{name} {size(part.done_bytes):>8}", "dim"),
            )
        done = f" {size(part.done_bytes):>8}"
        done += f" of {size(part.total_bytes)}" if part.total_bytes is not None else ""
        room = max(0, min(_BAR, width - _NAME - 2 - len(done) - _MARGIN))
        return Text.assemble(
            "  ",
            self._text(name + done.ljust(22), "strong"),
            self._bar(part.done_bytes, part.total_bytes, room) if room > 4 else "",
        )


def short_name(part: str) -> str:
    """A blob's digest as engines abbreviate it, or the last piece of its name."""
    digest = _DIGEST.search(part)
    if digest is not None:
        return digest[0][:_NAME]
    return shown(part.removesuffix("/layer.tar").rpartition("/")[2])


def time_left(seconds: float) -> str:
    """No finer than it is known: ``8 s left``, ``5 min left``."""
    if seconds <= 90:
        return f"{math.ceil(seconds)} s left"
    minutes = round(seconds / 60)
    return f"{minutes} min left" if minutes <= 90 else f"{round(seconds / 3600)} h left"
