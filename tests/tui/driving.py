"""Drives the explorer without a terminal: keys go in, what is on the screen comes out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import Any

from textual.app import App
from textual.geometry import Region
from textual.pilot import Pilot
from textual.widget import Widget

from layerscope.inspection import Inspection
from layerscope.tui.glyphs import ASCII, UNICODE
from layerscope.tui.material import Material
from layerscope.tui.screens.explorer import Explorer
from layerscope.tui.themes import DARK, LIGHT

CSS = Path(__file__).parents[2] / "layerscope" / "tui" / "app.tcss"
WIDE = (160, 45)
NARROW = (80, 24)


_seen: dict[int, Inspection] = {}


@cache
def _material(key: int, ascii_only: bool) -> Material:  # noqa: FBT001 - a key of the cache
    """Work out once what many tests draw."""
    return Material(_seen[key], ASCII if ascii_only else UNICODE)


class Stage(App[None]):
    """The explorer alone, with an inspection that is there already."""

    CSS_PATH = CSS

    def __init__(self, inspection: Inspection, *, ascii_only: bool = False) -> None:
        super().__init__()
        _seen[id(inspection)] = inspection
        self._material = _material(id(inspection), ascii_only)
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.theme = DARK.name

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Give the colours that the style sheet asks for."""
        return {"copied-up": "#c792ea"}

    def on_mount(self) -> None:
        """Show the explorer."""
        self.push_screen(Explorer(self._material))


Play = Callable[[Pilot[None]], Awaitable[Any]]


def play(
    inspection: Inspection, script: Play, size: tuple[int, int] = WIDE, *, ascii_only: bool = False
) -> Any:
    """Run a script on the explorer; gives what it gives."""

    async def run() -> Any:
        async with Stage(inspection, ascii_only=ascii_only).run_test(size=size) as pilot:
            await pilot.pause()
            return await script(pilot)

    return asyncio.run(run())


def screen_lines(pilot: Pilot[None]) -> list[str]:
    """Read the screen as text, line by line."""
    width, height = pilot.app.size
    return ["".join(segment.text for segment in line) for line in _strips(pilot, Region(0, 0, width, height))]


def lines_of(pilot: Pilot[None], widget: Widget) -> list[str]:
    """Read what one widget shows as text, line by line."""
    lines = screen_lines(pilot)
    region = widget.region
    return [line[region.x : region.right].rstrip() for line in lines[region.y : region.bottom]]


def _strips(pilot: Pilot[None], _region: Region) -> list[Any]:
    return list(pilot.app.screen._compositor.render_strips())  # noqa: SLF001 - what a terminal would be sent
