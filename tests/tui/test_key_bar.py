"""The last line says what can be pressed where one is, and can be clicked."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from layerscope.inspection import Inspection, inspect
from layerscope.tui.widgets.filter_line import FilterLine
from layerscope.tui.widgets.key_bar import KeyBar
from tests.tui.driving import NARROW, WIDE, lines_of, play

SAMPLES = Path(__file__).parents[2] / "sample_images"


@pytest.fixture(scope="module")
def wasteful() -> Inspection:
    """Give the sample that has every kind of waste."""
    return inspect(str(SAMPLES / "wasteful.tar"))


def line(pilot: Pilot[None]) -> str:
    """Read what stands there."""
    return lines_of(pilot, pilot.app.screen.query_one(KeyBar))[0]


def test_it_follows_the_region_one_is_in(wasteful: Inspection) -> None:
    async def script(pilot: Pilot[None]) -> tuple[str, str]:
        files = line(pilot)
        await pilot.press("0")
        await pilot.pause()
        return files, line(pilot)

    files, layers = play(wasteful, script)

    assert "s Sort" in files
    assert "Range" not in files
    assert "space Range" in layers
    assert "Sort" not in layers


def test_what_was_opened_is_not_offered_again(wasteful: Inspection) -> None:
    async def script(pilot: Pilot[None]) -> tuple[str, str]:
        before = line(pilot)
        await pilot.press("p")
        await pilot.pause(0.2)
        return before, line(pilot)

    before, after = play(wasteful, script)

    assert "p Preview" in before
    assert "p Preview" not in after
    assert "Text/hex" in after


@pytest.mark.parametrize("size", [NARROW, WIDE, (40, 24), (24, 24)])
def test_what_has_no_room_is_cut_with_a_sign_and_help_is_kept(
    wasteful: Inspection, size: tuple[int, int]
) -> None:
    async def script(pilot: Pilot[None]) -> str:
        return line(pilot)

    text = play(wasteful, script, size)

    assert "? Help" in text
    assert ("q Quit" in text) is not text.endswith(">")


def test_a_key_is_clicked(wasteful: Inspection) -> None:
    async def script(pilot: Pilot[None]) -> bool:
        await pilot.click(KeyBar, offset=(line(pilot).index("Filter") + 2, 0))
        await pilot.pause()
        return pilot.app.screen.query_one(FilterLine).has_class("open")

    assert play(wasteful, script)
