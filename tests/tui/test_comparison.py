"""Two images side by side on the screen."""

from __future__ import annotations

import asyncio
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
from layerscope.inspection import inspect
from layerscope.reports.json import REPORT
from layerscope.tui.comparing import ComparisonApp
from layerscope.tui.screens.comparison import Compared
from layerscope.tui.themes import LIGHT
from tests.cli.looking import Run, look
from tests.sources.samples import LEAN, SAMPLES, WASTEFUL
from tests.tui.driving import screen_lines
from tests.tui.snapshots import same_picture

__all__ = ["look"]

WIDE, NARROW = (160, 45), (80, 24)
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


SCENES = {
    "comparison-layers-160x45": (("j", "j", "j", "j"), WIDE, None),
    "comparison-files-80x24": (("2", "j", "right"), NARROW, None),
    "comparison-packages-light-80x24": (("3",), NARROW, LIGHT.name),
    "comparison-config-80x24": (("4", "j"), NARROW, None),
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
    shown: list[Comparison] = []

    def explored(comparison: Comparison, **_screen: Any) -> int:
        shown.append(comparison)
        return 0

    monkeypatch.setattr("layerscope.cli.commands.diff.has_terminal", lambda: True)
    monkeypatch.setattr("layerscope.cli.commands.diff.explore_comparison", explored)

    outcome = look("diff", LEAN, WASTEFUL, "-i", "-q")

    assert (outcome.code, outcome.out) == (0, "")
    assert [(one.old.reference, one.new.reference) for one in shown] == [(str(LEAN), str(WASTEFUL))]
