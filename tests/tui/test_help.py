"""The help tells of every key where one is; the palette knows all of it; what can be copied is copied."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.widgets import Input

from layerscope.tui.app import LayerscopeApp
from layerscope.tui.screens.explorer import Explorer
from layerscope.tui.screens.help import FILTERS, HelpScreen
from layerscope.tui.selection import Selection
from layerscope.union.filter import parse_filter
from tests.tui.driving import WIDE
from tests.tui.shell import Story, act, text_of, until

TALL = (80, 160)


def on_explorer(script: Callable[[Pilot[int]], Any], size: tuple[int, int] = WIDE, **named: Any) -> Any:
    """Run a script on an image that is being explored."""

    async def run(pilot: Pilot[int]) -> Any:
        await until(pilot, lambda: isinstance(pilot.app.screen, Explorer))
        return await script(pilot)

    return act(LayerscopeApp(reference="lean", opener=Story(), **named), run, size)


def selection(pilot: Pilot[int]) -> Selection:
    """Give what is selected."""
    found = next(screen for screen in pilot.app.screen_stack if isinstance(screen, Explorer))
    return found.selection


@pytest.mark.parametrize("key", ["question_mark", "f1"])
def test_every_key_that_does_something_here_is_in_the_help(key: str) -> None:
    async def script(pilot: Pilot[int]) -> tuple[set[str], str]:
        shown = {
            active.binding.description
            for active in pilot.app.screen.active_bindings.values()
            if active.binding.show and active.enabled
        }
        await pilot.press(key)
        await pilot.pause()
        assert isinstance(pilot.app.screen, HelpScreen)
        return shown, text_of(pilot)

    described, text = on_explorer(script, TALL)

    assert {"Sort", "Filter", "Quit"} <= described
    assert [said for said in described if said not in text] == []
    assert re.search(r"^ *s +Sort +files\.sort", text, re.MULTILINE)


def test_marks_filter_and_numbers_are_explained() -> None:
    async def script(pilot: Pilot[int]) -> str:
        await pilot.press("question_mark")
        await pilot.pause()
        return text_of(pilot)

    text = on_explorer(script, TALL)

    assert re.search(r"≈ +copied up", text)
    assert [example for example, _ in FILTERS if example not in text] == []
    assert "wasted: " in text


def test_the_marks_are_letters_where_there_is_no_unicode() -> None:
    async def script(pilot: Pilot[int]) -> str:
        await pilot.press("question_mark")
        await pilot.pause()
        return text_of(pilot)

    assert re.search(r"^ *C +copied up", on_explorer(script, TALL, ascii_only=True), re.MULTILINE)


@pytest.mark.parametrize("example", [example for example, _ in FILTERS])
def test_each_example_of_a_filter_is_one(example: str) -> None:
    assert len(parse_filter(example)) == len(example.split())


def test_at_80_columns_by_24_lines_the_help_scrolls_to_its_end() -> None:
    async def script(pilot: Pilot[int]) -> tuple[str, str]:
        await pilot.press("question_mark")
        await pilot.pause()
        top = text_of(pilot)
        await pilot.press("G")
        await pilot.pause()
        return top, text_of(pilot)

    top, end = on_explorer(script, (80, 24))

    assert "Numbers" not in top
    assert "Numbers" in end


@pytest.mark.parametrize("key", ["escape", "q", "question_mark"])
def test_the_help_goes_away_and_nothing_else_happens(key: str) -> None:
    async def script(pilot: Pilot[int]) -> bool:
        await pilot.press("question_mark")
        await pilot.pause()
        await pilot.press(key)
        await pilot.pause()
        return isinstance(pilot.app.screen, Explorer)

    assert on_explorer(script)


def test_the_palette_does_what_the_key_does() -> None:
    async def script(pilot: Pilot[int]) -> bool:
        before = selection(pilot).aggregated
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(pilot.app.screen, CommandPalette))
        await pilot.press(*"Changes")
        await pilot.pause(0.5)
        await pilot.press("enter")
        await until(pilot, lambda: selection(pilot).aggregated is not before)
        return isinstance(pilot.app.screen, Explorer)

    assert on_explorer(script)


def test_the_palette_names_all_actions_of_where_one_is() -> None:
    async def script(pilot: Pilot[int]) -> tuple[set[str], set[str]]:
        screen = pilot.app.screen
        shown = {a.binding.description for a in screen.active_bindings.values() if a.binding.show}
        return shown, {command.title for command in pilot.app.get_system_commands(screen)}

    shown, titles = on_explorer(script)

    assert shown - titles == set()
    assert {"Theme", "Other images"} <= titles


def test_y_copies_the_path_under_the_cursor_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []
    monkeypatch.setattr(LayerscopeApp, "copy_to_clipboard", lambda _, text: copied.append(text))

    async def script(pilot: Pilot[int]) -> tuple[str, str]:
        await pilot.press("down", "y")
        await pilot.pause()
        return selection(pilot).path, text_of(pilot)

    path, text = on_explorer(script)

    assert path
    assert copied == [f"/{path}"]
    assert f"copied: /{path}" in text


def test_y_in_the_list_of_layers_copies_the_instruction(monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []
    monkeypatch.setattr(LayerscopeApp, "copy_to_clipboard", lambda _, text: copied.append(text))

    async def script(pilot: Pilot[int]) -> str:
        await pilot.press("0", "y")
        await pilot.pause()
        layer = selection(pilot).last
        inspection = next(s for s in pilot.app.screen_stack if isinstance(s, Explorer))._material.inspection  # noqa: SLF001
        history = inspection.image.layers[layer].history
        assert history is not None
        return history.created_by or ""

    created_by = on_explorer(script)

    assert len(copied) == 1
    assert copied[0].split()[-1] in created_by


def test_the_picker_has_help_too_though_its_keys_are_letters_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("layerscope.tui.screens.picker.engines", list)

    async def script(pilot: Pilot[int]) -> tuple[str, str]:
        await pilot.press("question_mark")
        typed = pilot.app.screen.query_one(Input).value
        await pilot.press("f1")
        await pilot.pause()
        return typed, text_of(pilot)

    typed, text = act(LayerscopeApp(opener=Story()), script, TALL)

    assert typed == "?"
    assert re.search(r"f5 +Refresh", text)
