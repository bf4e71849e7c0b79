"""Scroll bars: as Textual draws them, or without Unicode."""

from __future__ import annotations

from typing import ClassVar

from textual.scrollbar import ScrollBar, ScrollBarRender


class PlainRender(ScrollBarRender):
    """Whole cells only."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "] * 8
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "] * 8


def draw_scroll_bars(*, plain: bool) -> None:
    """How all scroll bars are drawn from now on."""
    ScrollBar.renderer = PlainRender if plain else ScrollBarRender
