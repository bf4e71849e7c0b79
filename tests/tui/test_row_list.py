"""A list draws what comes into sight, and the row under the cursor can be read in every theme."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widget import Widget

from layerscope.tui.widgets.row_list import Part, RowList
from layerscope.tui.widgets.view_bar import ViewBar
from tests.tui.driving import CSS, screen_lines


class Numbers(RowList):
    """A thousand rows that say how often they were drawn."""

    def __init__(self) -> None:
        super().__init__()
        self.drawn: list[int] = []
        self.word = "row"

    def row_count(self) -> int:
        """Say how many there are."""
        return 1000

    def parts(self, index: int, width: int) -> Iterable[Part]:  # noqa: ARG002 - they are short
        """Give a word and a number."""
        self.drawn.append(index)
        return [(f"{self.word} ", "accent"), (str(index), "")]


class Stage(App[None]):
    """One widget alone."""

    CSS_PATH = CSS

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self._widget = widget

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Give the colours that the style sheet asks for."""
        return {"copied-up": "#c792ea"}

    def compose(self) -> ComposeResult:
        """Show what is to be tested."""
        yield self._widget


def staged(widget: Widget, script: Callable[[Pilot[None]], Awaitable[Any]], size: tuple[int, int]) -> Any:
    """Run a script on a widget that has the screen for itself; gives what it gives."""

    async def run() -> Any:
        async with Stage(widget).run_test(size=size) as pilot:
            await pilot.pause()
            return await script(pilot)

    return asyncio.run(run())


def test_scrolling_draws_what_comes_into_sight() -> None:
    rows = Numbers()

    async def script(pilot: Pilot[None]) -> list[str]:
        await pilot.press("G", "g", "G", "g")
        await pilot.pause()
        rows.drawn.clear()
        await pilot.press(*["down"] * 30)
        await pilot.pause()
        return screen_lines(pilot)

    lines = staged(rows, script, (40, 24))

    assert [line[:10].rstrip() for line in lines] == [f"row {number}" for number in range(7, 31)]
    # Each row is drawn at most plain, and once more under the cursor.
    assert max(map(rows.drawn.count, rows.drawn)) <= 2


def test_a_refreshed_list_is_drawn_anew() -> None:
    rows = Numbers()

    async def script(pilot: Pilot[None]) -> list[str]:
        rows.word = "line"
        rows.refresh()
        await pilot.pause()
        return screen_lines(pilot)

    assert staged(rows, script, (40, 24))[0].rstrip() == "line 0"


@pytest.mark.parametrize("theme", ["ansi-dark", "ansi-light"])
def test_with_the_terminals_colours_the_row_under_the_cursor_is_reversed(theme: str) -> None:
    """Its own colours might be the background's."""
    rows = Numbers()

    async def script(pilot: Pilot[None]) -> list[Any]:
        pilot.app.theme = theme
        rows.focus()
        await pilot.pause()
        return [segment.style for segment in rows.render_line(0) if segment.text.strip()]

    styles = staged(rows, script, (40, 24))

    assert {(style.reverse, style.color) for style in styles} == {(True, None)}


def test_titles_that_have_no_room_on_the_left_are_told_of() -> None:
    titles: dict[str, tuple[str, int | None]] = {
        name: (name.capitalize(), None) for name in ("first", "second", "third", "fourth")
    }
    bar = ViewBar(titles)
    bar.active = "fourth"

    async def script(pilot: Pilot[None]) -> str:
        return screen_lines(pilot)[0].rstrip()

    assert staged(bar, script, (24, 5)) == "…3 Third 4 Fourth"
