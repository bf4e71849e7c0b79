"""The last line: which keys do what, where one is."""

from __future__ import annotations

from typing import ClassVar

import msgspec
from rich.segment import Segment
from textual import events
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from layerscope.model.people import cells

_CUT = " >"
"""Where not all keys have room; help, which is kept, tells of the rest."""


class _Key(msgspec.Struct, frozen=True):
    """One entry; ``key`` is what to press, ``sign`` how it is written."""

    key: str
    sign: str
    name: str
    action: str
    enabled: bool

    @property
    def width(self) -> int:
        return cells(self.sign) + 1 + cells(self.name)


class KeyBar(Widget):
    """Says the same as Textual's footer, in one widget: one for each key takes a tenth of a second to make.

    A key may be clicked.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"key-bar--key", "key-bar--name", "key-bar--off"}
    DEFAULT_CSS = """
    KeyBar { dock: bottom; height: 1; background: $background; }
    KeyBar > .key-bar--key { color: $footer-key-foreground; text-style: bold; }
    KeyBar > .key-bar--name { color: $footer-description-foreground; }
    KeyBar > .key-bar--off { color: $foreground 35%; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._keys: list[_Key] = []

    def on_mount(self) -> None:
        """Follow what may be done."""
        self.screen.bindings_updated_signal.subscribe(self, self._follow)
        self._follow(self.screen)

    def _follow(self, screen: Screen[object]) -> None:
        if not self.is_attached or screen is not self.screen:
            return
        found: dict[str, _Key] = {}
        for _, binding, enabled, _ in screen.active_bindings.values():
            if binding.show and binding.action not in found:
                sign = self.app.get_key_display(binding)
                found[binding.action] = _Key(binding.key, sign, binding.description, binding.action, enabled)
        if (keys := list(found.values())) != self._keys:
            self._keys = keys
            self.refresh()

    def _placed(self) -> tuple[list[tuple[int, _Key]], bool]:
        """The entries that have room and where they begin; whether there are others."""
        width = self.size.width - 1
        for apart in (2, 1):
            if sum(one.width + apart for one in self._keys) - apart <= width:
                return _in_a_row(self._keys, apart), False
        keys = list(self._keys)
        while keys and sum(one.width + 1 for one in keys) - 1 + len(_CUT) > width:
            last = len(keys) - 1
            # Help comes near the end, and is what one needs most where there is no room for the rest.
            del keys[last - 1 if last and keys[last].action.endswith("help") else last]
        return _in_a_row(keys, 1), True

    def render_line(self, y: int) -> Strip:  # noqa: ARG002 - there is one
        """All of it."""
        base = self.visual_style.rich_style
        key, name, off = (
            base + self.get_component_rich_style(f"key-bar--{part}") for part in ("key", "name", "off")
        )
        placed, cut = self._placed()
        segments: list[Segment] = []
        end = 0
        for start, one in placed:
            segments.append(Segment(" " * (start - end), base))
            segments.append(Segment(one.sign, key if one.enabled else off))
            segments.append(Segment(f" {one.name}", name if one.enabled else off))
            end = start + one.width
        if cut:
            segments.append(Segment(_CUT, off))
        return Strip([segment for segment in segments if segment.text]).adjust_cell_length(
            self.size.width, base
        )

    def on_click(self, event: events.Click) -> None:
        """Press the key."""
        for start, one in self._placed()[0]:
            if start <= event.x < start + one.width and one.enabled:
                self.app.simulate_key(one.key)


def _in_a_row(keys: list[_Key], apart: int) -> list[tuple[int, _Key]]:
    placed, start = [], 1
    for one in keys:
        placed.append((start, one))
        start += one.width + apart
    return placed
