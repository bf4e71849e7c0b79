"""Two images side by side on the screen."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from textual.pilot import Pilot

from layerscope.comparison.comparing import Comparison
from layerscope.comparison.saved_report import read_report
from layerscope.comparison.subject import Subject, subject_of
from layerscope.errors import ImageNotFound
from layerscope.extensions import Progress
from layerscope.inspection import inspect
from layerscope.reports.json import REPORT
from layerscope.tui.comparing import ComparisonApp
from layerscope.tui.reading import Cancelled, Tracker
from layerscope.tui.reading_two import Reader, ReadingTwo
from layerscope.tui.screens.comparison import Compared
from layerscope.tui.themes import LIGHT
from tests.cli.looking import Run, look
from tests.sources.samples import LEAN, SAMPLES, WASTEFUL
from tests.tui.driving import screen_lines
from tests.tui.looking import text_of, until, until_seen
from tests.tui.snapshots import same_picture

__all__ = ["look"]

WIDE, MIDDLE, NARROW = (160, 45), (120, 40), (80, 24)
Play = Callable[[Pilot[Any]], Awaitable[Any]]


@cache
def sample(name: str) -> Subject:
    """A sample by its name, not by where it lies here."""
    found = subject_of(inspect(str(SAMPLES / f"{name}.tar")))
    return msgspec.structs.replace(found, reference=f"{name}.tar")


_compared: dict[tuple[int, int], Compared] = {}


def worked_out(old: Subject, new: Subject) -> Compared:
    """What the screen draws, once for all tests."""
    key = id(old), id(new)
    if key not in _compared:
        _compared[key] = Compared(Comparison(old=old, new=new))
    return _compared[key]


def play(
    script: Play,
    size: tuple[int, int] = WIDE,
    *,
    old: Subject | None = None,
    new: Subject | None = None,
    **more: Any,
) -> Any:
    """Run a script on the screen; gives what it gives."""
    compared = worked_out(old or sample("lean"), new or sample("wasteful"))

    async def run() -> Any:
        async with ComparisonApp(compared, **more).run_test(size=size) as pilot:
            await pilot.pause()
            return await script(pilot)

    return asyncio.run(run())


def after(*keys: str) -> Play:
    """The lines of the screen after these keys."""

    async def script(pilot: Pilot[Any]) -> list[str]:
        await pilot.press(*keys)
        await pilot.pause()
        return screen_lines(pilot)

    return script


def test_layers_stand_side_by_side() -> None:
    lines = play(after())

    row = next(line for line in lines if "WORKDIR /app" in line)
    assert [part.strip() for part in row.split("≈")] == ["4  1.54 kB WORKDIR /app", "4  1.54 kB WORKDIR /app"]
    gone = next(line for line in lines if "/opt/venv" in line)
    assert gone.rstrip().endswith("−")
    assert "lean.tar → wasteful.tar" in lines[0]
    assert "to pull: 718 kB of 925 kB in 16 of 17 layers" in lines[2]


def test_what_is_under_the_cursor_is_told_below() -> None:
    lines = play(after("j"))

    assert any("layer 1 of the old image: it is gone" in line for line in lines[-9:])


@pytest.mark.parametrize(
    ("key", "said"),
    [("1", "RUN pip install"), ("2", "usr/"), ("3", "python3.11"), ("4", "Env PYTHONUNBUFFERED")],
)
def test_each_view_has_its_number(key: str, said: str) -> None:
    assert any(said in line for line in play(after(key)))


def test_tab_goes_through_the_views_and_round() -> None:
    assert play(after("tab", "tab", "tab", "tab")) == play(after())
    assert play(after("shift+tab")) == play(after("4"))


def test_a_directory_is_opened_and_closed() -> None:
    closed = play(after("2", "end"))
    opened = play(after("2", "end", "enter"))
    again = play(after("2", "end", "enter", "enter"))

    assert opened != closed
    assert again == closed


def test_left_goes_to_the_directory_above() -> None:
    lines = play(after("2", "home", "right", "right", "left"))

    assert lines == play(after("2", "home", "right"))


@pytest.mark.parametrize("size", [(1, 1), (20, 6), (40, 12), NARROW, WIDE])
def test_every_size_of_terminal_is_drawn(size: tuple[int, int]) -> None:
    lines = play(after(*"1jjG", "enter", *"2jj", "enter", *"G3jG4jG"), size)

    assert len(lines) == size[1]


def test_a_terminal_without_unicode_is_told_all_the_same() -> None:
    async def script(pilot: Pilot[Any]) -> list[str]:
        lines = []
        for view in "1234":
            await pilot.press(view, "j")
            await pilot.pause()
            lines += screen_lines(pilot)
        return lines

    lines = play(script, WIDE, ascii_only=True)

    assert [line for line in lines if not line.isascii()] == []


def test_of_a_report_what_is_unknown_is_said(tmp_path: Path) -> None:
    inspection = sample("lean").inspection
    with (tmp_path / "lean.json").open("wb") as stream:
        REPORT.write(inspection, [], stream)
    report = read_report(str(tmp_path / "lean.json"))

    lines = play(after("2", "j"), old=report)

    assert any("unknown: a saved report does not tell of single files" in line for line in lines)


def test_two_equal_images_have_nothing_to_show() -> None:
    assert any("both have the same files" in line for line in play(after("2"), new=sample("lean")))
    assert any("to pull: nothing" in line for line in play(after(), new=sample("lean")))


def typed(view: str, text: str, *more: str) -> list[str]:
    """The lines of the screen with a text behind the slash, in a view."""
    keys = [{" ": "space", "*": "asterisk", ">": "greater_than_sign", ":": "colon"}.get(x, x) for x in text]
    lines: list[str] = play(after(view, "slash", *keys, *more))
    return lines


@pytest.mark.parametrize(
    ("view", "text", "seen", "unseen"),
    [
        ("1", "pip install", "RUN pip install", "apt-get update"),
        ("2", "banner", "banner.png", "dpkg"),
        ("2", "banner kind:added", "srv/", "app/"),
        ("3", "jinja", "jinja2", "python3-pip"),
        ("4", "path", "Env PATH", "User"),
    ],
)
def test_a_filter_shows_what_fits_in_each_view(view: str, text: str, seen: str, unseen: str) -> None:
    lines = typed(view, text, "enter")

    below = "\n".join(lines[5:-9])
    assert seen in below
    assert unseen not in below
    assert text in lines[4]


def test_a_filter_goes_with_one_from_view_to_view_and_escape_ends_it() -> None:
    there = typed("1", "python3-pip", "enter", "3")
    gone = typed("1", "python3-pip", "enter", "3", "escape")

    assert any("1 package of 3" in line for line in there)
    assert gone[4:-9] == play(after("3"))[4:-9]


def test_the_cursor_stays_on_its_path_when_the_filter_goes() -> None:
    lines = typed("2", "vendor.js", "enter", "end", "escape")

    assert any("vendor.js" in line for line in lines[-8:])


@pytest.mark.parametrize(
    ("text", "said"), [("layer:3", "of one image only"), ("size>x", "is no size"), ("zzz", "0 paths")]
)
def test_what_a_filter_comes_to_is_said_beside_it(text: str, said: str) -> None:
    assert said in typed("2", text)[4]


def test_the_footer_and_the_help_tell_of_the_filter() -> None:
    assert "/ Filter" in play(after("2"), NARROW)[-1]
    told = "\n".join(play(after("question_mark", "G")))
    assert "ext:so" in told
    assert "only in the new image" in told
    assert "layer:3" not in told


class Slow:
    """Reads images, the second of them not before it is allowed to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.allowed = threading.Event()

    def __call__(self, reference: str, told: Progress, notice: Callable[[str], None]) -> Subject:
        self.asked.append(reference)
        told.expect(1000)
        told.begin("blob", 1000)
        notice(f"found {reference}")
        while len(self.asked) > 1 and not self.allowed.wait(0.01):
            told.advance("blob", 1)
        return sample(reference)


def reading(script: Play, read: Any) -> tuple[Any, ComparisonApp, ReadingTwo]:
    """Run a script while two images are read."""
    both = ReadingTwo(("lean", "wasteful"), read)
    app = ComparisonApp(both)

    async def run() -> Any:
        async with app.run_test(size=NARROW) as pilot:
            await pilot.pause()
            return await script(pilot)

    return asyncio.run(run()), app, both


def test_both_images_are_seen_coming() -> None:
    slow = Slow()

    async def script(pilot: Pilot[Any]) -> tuple[str, str]:
        await until_seen(pilot, "found wasteful")
        waiting = text_of(pilot)
        slow.allowed.set()
        await until_seen(pilot, "to pull:")
        return waiting, text_of(pilot)

    (waiting, there), _, _ = reading(script, slow)

    assert "new image: wasteful" in waiting
    assert "of 1.00 kB" in waiting
    assert "1 Layers" in there


@pytest.mark.parametrize("key", ["escape", "q", "ctrl+c"])
def test_reading_is_given_up_at_once(key: str) -> None:
    slow = Slow()

    async def script(pilot: Pilot[Any]) -> None:
        await until_seen(pilot, "found wasteful")
        await pilot.press(key)

    _, app, both = reading(script, slow)

    assert app.return_value == 130
    assert not slow.allowed.is_set()
    for tracker in both.trackers:
        with pytest.raises(Cancelled):
            tracker.check()


def test_what_cannot_be_read_ends_it_and_is_kept_to_be_raised() -> None:
    failure = ImageNotFound("no such image")

    def fail(*_asked: object) -> Subject:
        raise failure

    async def script(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: pilot.app.return_code is not None)

    _, app, _ = reading(script, fail)

    assert (app.failure, app.return_value) == (failure, 3)


SCENES = {
    "comparison-layers-160x45": (("j", "j", "j", "j"), WIDE, None),
    "comparison-files-80x24": (("2", "j", "right"), NARROW, None),
    "comparison-packages-light-80x24": (("3",), NARROW, LIGHT.name),
    "comparison-config-80x24": (("4", "j"), NARROW, None),
    "comparison-filter-120x40": (("2", "slash", *"vendor", "enter", "end"), MIDDLE, None),
    "comparison-filter-light-120x40": (("1", "slash", *"pip", "down"), MIDDLE, LIGHT.name),
}


@pytest.mark.parametrize("name", SCENES)
def test_it_looks_as_it_did(name: str) -> None:
    keys, size, theme = SCENES[name]

    async def script(pilot: Pilot[Any]) -> bool:
        await pilot.press(*keys)
        await pilot.pause()
        return same_picture(pilot, name)

    assert play(script, size, theme=theme)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-i"], "needs a terminal"),
        (["-i", "--json", "-"], "no report"),
        (["-i", "--ci", "--max-growth", "1"], "no report"),
    ],
)
def test_without_a_screen_it_is_refused(arguments: list[str], said: str, look: Run) -> None:
    outcome = look("diff", LEAN, WASTEFUL, *arguments)

    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err


def test_the_command_opens_it_where_there_is_a_terminal(look: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Subject] = []

    def explored(references: tuple[str, str], read: Reader, **_screen: Any) -> int:
        shown.extend(read(one, Tracker(), lambda _line: None) for one in references)
        return 0

    monkeypatch.setattr("layerscope.cli.commands.diff.has_terminal", lambda: True)
    monkeypatch.setattr("layerscope.cli.commands.diff.explore_comparison", explored)

    outcome = look("diff", LEAN, WASTEFUL, "-i", "-q")

    assert (outcome.code, outcome.out) == (0, "")
    assert [one.reference for one in shown] == [str(LEAN), str(WASTEFUL)]
