"""What the screen says when an image cannot be shown, and what can be done there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from layerscope.errors import ImageNotFound, LayerscopeError
from layerscope.extensions import Progress
from layerscope.tui.app import LayerscopeApp
from layerscope.tui.screens.error import ErrorScreen
from layerscope.tui.screens.explorer import Explorer
from layerscope.tui.screens.picker import PickerScreen
from tests.tui.shell import LEAN, Story, act, text_of, until

MISSING = ImageNotFound("my-ap: no such image", hint="did you mean my-app?")


def failing(*errors: BaseException) -> Story:
    """Make an opener that raises these, one a time, and then opens."""
    left = list(errors)

    def tell(progress: Progress, notice: Callable[[str], None]) -> None:  # noqa: ARG001
        if left:
            raise left.pop(0)

    return Story(tell)


def shown_error(pilot: Pilot[int]) -> bool:
    """Tell whether an error is on the screen."""
    return isinstance(pilot.app.screen, ErrorScreen)


def test_an_error_says_what_where_and_what_to_try() -> None:
    async def script(pilot: Pilot[int]) -> str:
        await until(pilot, lambda: shown_error(pilot))
        return text_of(pilot)

    text = act(LayerscopeApp(reference="my-ap", opener=failing(MISSING)), script)

    assert "There is no such image" in text
    assert "my-ap: no such image" in text
    assert "did you mean my-app?" in text
    assert "r  try again" in text


def test_names_in_a_message_cannot_write_on_the_terminal() -> None:
    evil = ImageNotFound("a\x1b[31mb\u202e[bold]c: no such image")

    async def script(pilot: Pilot[int]) -> str:
        await until(pilot, lambda: shown_error(pilot))
        return text_of(pilot)

    text = act(LayerscopeApp(reference="x", opener=failing(evil)), script)

    assert "a\\x1b[31mb\\xe2\\x80\\xae[bold]c" in text


def test_r_reads_the_image_once_more() -> None:
    story = failing(MISSING)

    async def script(pilot: Pilot[int]) -> None:
        await until(pilot, lambda: shown_error(pilot))
        await pilot.press("r")
        await until(pilot, lambda: isinstance(pilot.app.screen, Explorer))

    app = LayerscopeApp(reference="my-ap", opener=story)
    act(app, script)

    assert story.asked == ["my-ap", "my-ap"]
    assert app.failure is None


def test_q_leaves_with_the_code_and_the_error_of_a_run_without_a_screen() -> None:
    app = LayerscopeApp(reference="my-ap", opener=failing(MISSING))

    async def script(pilot: Pilot[int]) -> None:
        await until(pilot, lambda: shown_error(pilot))
        await pilot.press("q")

    act(app, script)

    assert app.return_value == MISSING.exit_code
    assert app.failure is MISSING


def test_escape_leads_back_to_the_images_one_came_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("layerscope.tui.screens.picker.engines", list)
    app = LayerscopeApp(opener=failing(MISSING))

    async def script(pilot: Pilot[int]) -> bool:
        await pilot.press(*"my-ap", "enter")
        await until(pilot, lambda: shown_error(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: not shown_error(pilot))
        return isinstance(pilot.app.screen, PickerScreen)

    assert act(app, script)
    assert app.failure is None


def test_without_images_to_go_back_to_escape_does_nothing() -> None:
    async def script(pilot: Pilot[int]) -> tuple[bool, str]:
        await until(pilot, lambda: shown_error(pilot))
        await pilot.press("escape")
        await pilot.pause()
        return shown_error(pilot), text_of(pilot)

    still, text = act(LayerscopeApp(reference="my-ap", opener=failing(MISSING)), script)

    assert still
    assert "back to the images" not in text


def test_a_defect_of_ours_is_no_screen_but_is_raised_by_whoever_runs_the_program() -> None:
    defect = ZeroDivisionError("ours")
    app = LayerscopeApp(reference=str(LEAN), opener=failing(defect))

    async def script(pilot: Pilot[int]) -> None:
        await until(pilot, lambda: app.failure is not None)

    act(app, script)

    assert app.failure is defect
    assert not isinstance(app.failure, LayerscopeError)
    assert app.return_value == 1
