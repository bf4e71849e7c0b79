"""An image on its way to the screen: what is seen meanwhile, and that it can be given up."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from layerscope.extensions import Progress
from layerscope.tui.app import INTERRUPTED, LayerscopeApp
from layerscope.tui.reading import Cancelled, Tracker
from layerscope.tui.screens.explorer import Explorer
from layerscope.tui.screens.loading import LoadingScreen
from tests.tui.driving import WIDE
from tests.tui.shell import Story, act, text_of, until

FIRST, SECOND = "blobs/sha256/" + "ab" * 32, "0c0c0c0c0c0c/layer.tar"


def seen_while_reading(tell: Callable[[Progress], None], size: tuple[int, int] = (80, 24)) -> str:
    """Give what the screen shows once something has been told, and nothing comes after it."""
    told = threading.Event()
    story = Story()

    def told_then_endless(progress: Progress, notice: Callable[[str], None]) -> None:
        notice("docker:my-app: the engine has it")
        tell(progress)
        told.set()
        story.stopped.wait()

    story.tell = told_then_endless

    async def script(pilot: Pilot[int]) -> str:
        await until(pilot, told.is_set)
        await pilot.pause(0.2)
        text = text_of(pilot)
        story.stopped.set()
        return text

    return str(act(LayerscopeApp(reference="my-app", opener=story), script, size))


def test_layers_appear_as_they_are_read_with_the_whole_above_them() -> None:
    def tell(progress: Progress) -> None:
        progress.expect(100_000_000)
        progress.begin(FIRST, 30_000_000)
        progress.advance(FIRST, 30_000_000)
        progress.end(FIRST)
        progress.begin(SECOND, 70_000_000)
        progress.advance(SECOND, 20_000_000)

    text = seen_while_reading(tell)

    assert "my-app" in text.splitlines()[1]
    assert "docker:my-app: the engine has it" in text
    assert "50.0 MB of 100 MB" in text
    assert "✓ abababababab  30.0 MB" in text
    assert "0c0c0c0c0c0c  20.0 MB of 70.0 MB" in text
    assert "esc Cancel" in text


def test_the_bar_is_as_long_as_what_has_been_read() -> None:
    """A terminal of 84 columns has 80 for it."""

    def tell(progress: Progress) -> None:
        progress.expect(100)
        progress.begin(FIRST, 100)
        progress.advance(FIRST, 25)

    bar = next(line for line in seen_while_reading(tell, (84, 24)).splitlines() if "█" in line)

    assert bar.count("█") == 20
    assert bar.count("░") == 60


def test_where_nobody_knows_the_whole_only_what_was_read_is_told() -> None:
    def tell(progress: Progress) -> None:
        progress.begin(FIRST, None)
        progress.advance(FIRST, 5_000_000)

    text = seen_while_reading(tell)

    assert "5.00 MB" in text
    assert " of " not in text
    assert "left" not in text


def test_the_layers_that_are_being_read_are_seen_whatever_was_read_before() -> None:
    def tell(progress: Progress) -> None:
        for number in range(60):
            progress.begin(f"{number:012x}", 10)
            progress.end(f"{number:012x}")
        progress.begin(FIRST, 100)

    text = seen_while_reading(tell)

    assert "abababababab" in text
    more = re.search(r"✓ (\d+) more", text)
    assert more is not None
    assert int(more[1]) + len(re.findall(r"✓ [0-9a-f]{12}", text)) == 60


def test_the_image_takes_the_place_of_the_progress() -> None:
    story = Story()

    async def script(pilot: Pilot[int]) -> list[type]:
        await until(pilot, lambda: isinstance(pilot.app.screen, Explorer))
        return [type(screen) for screen in pilot.app.screen_stack]

    stack = act(LayerscopeApp(reference="lean", opener=story), script, WIDE)

    assert stack[1:] == [Explorer]
    assert story.closed == 1


@pytest.mark.parametrize("key", ["escape", "q", "ctrl+c"])
def test_giving_up_ends_the_program_as_an_interrupt_and_the_reading_with_it(key: str) -> None:
    story = Story()
    story.tell = story.endless
    app = LayerscopeApp(reference="my-app", opener=story)

    async def script(pilot: Pilot[int]) -> None:
        await until(pilot, lambda: isinstance(pilot.app.screen, LoadingScreen) and story.asked)
        await pilot.press(key)

    act(app, script)

    assert app.return_value == INTERRUPTED
    assert story.ended.is_set()
    assert story.closed == 0


def test_a_notice_of_a_reading_that_was_given_up_ends_it_too() -> None:
    """Engines say things long before the first byte comes."""
    tracker = Tracker()
    tracker.cancel()

    with pytest.raises(Cancelled):
        tracker.notice("pulling")


def test_the_rate_is_that_of_the_last_seconds() -> None:
    now = [0.0]
    tracker = Tracker(clock=lambda: now[0])
    tracker.expect(3_000)
    tracker.begin(FIRST, 3_000)

    state: Any = None
    for now[0] in range(1, 11):
        tracker.advance(FIRST, 200 if now[0] > 4 else 0)
        state = tracker.state()

    assert state.rate == pytest.approx(200)
    assert state.left_s == pytest.approx((3_000 - 1_200) / 200)


def test_an_estimate_that_was_too_low_is_none_any_more() -> None:
    tracker = Tracker()
    tracker.expect(10)
    tracker.begin(FIRST, None)

    tracker.advance(FIRST, 11)

    assert tracker.state().total_bytes is None
