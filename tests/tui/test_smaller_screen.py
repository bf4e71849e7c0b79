"""The dialog that writes a smaller image."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from layerscope.config import Options
from layerscope.extensions import Progress
from layerscope.inspection import Inspection, inspect, inspecting
from layerscope.spool import TEMP_VARIABLE
from layerscope.tui.app import LayerscopeApp
from layerscope.tui.screens.explorer import Explorer
from layerscope.tui.screens.smaller import SmallerDialog, default_place
from layerscope.tui.widgets.tick import Tick
from tests.tui.driving import NARROW, WIDE, play
from tests.tui.shell import SAMPLES, act, text_of, until
from tests.tui.snapshots import same_picture

WASTEFUL = SAMPLES / "wasteful.tar"
Script = Callable[[Pilot[int]], Awaitable[Any]]


@pytest.fixture(autouse=True)
def temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary data, and the one that one is in."""
    monkeypatch.setenv(TEMP_VARIABLE, str(tmp_path / "temp"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "temp"


def options_with(progress: Progress, notice: Callable[[str], None]) -> Options:
    """What the command line would make."""
    return Options(progress=progress, notice=notice)


@contextmanager
def opener(reference: str, progress: Progress, notice: Callable[[str], None]) -> Iterator[Inspection]:
    """Open an image as the command line does."""
    with inspecting(reference, options_with(progress, notice)) as inspection:
        yield inspection


def dialog(script: Script, size: tuple[int, int] = NARROW, image: Path = WASTEFUL) -> Any:
    """Open the dialog on the suggestions of an image, and run a script on it."""

    async def whole(pilot: Pilot[int]) -> Any:
        await until(pilot, lambda: isinstance(pilot.app.screen, Explorer))
        await pilot.press("3")
        await pilot.pause()
        await pilot.press("s")
        await until(pilot, lambda: isinstance(pilot.app.screen, SmallerDialog))
        await seen(pilot, "about")
        return await script(pilot)

    app = LayerscopeApp(reference=str(image), opener=opener, options_with=options_with)
    return act(app, whole, size)


async def seen(pilot: Pilot[int], text: str) -> None:
    """Wait for a text on the screen."""
    await until(pilot, lambda: text in text_of(pilot))


def write_to(place: Path | str, *ticks: str) -> Script:
    """Turn these ticks over, write there, and wait for the end; gives the screen."""

    async def script(pilot: Pilot[int]) -> str:
        for tick in ticks:
            pilot.app.screen.query_one(f"#smaller-{tick}", Tick).action_turn()
        pilot.app.screen.query_one(Input).value = str(place)
        await pilot.pause()
        await pilot.press("enter")
        await seen(pilot, "Close")
        return text_of(pilot)

    return script


def entries(image: Path) -> set[tuple[str, int]]:
    """The paths and sizes of the finished image."""
    from layerscope.union.views import merged

    index = inspect(str(image)).analysis.index
    return {(row.path, row.entry.size_bytes) for row in merged(index) if row.entry is not None}


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_enter_writes_the_image_and_says_that_it_was_proven(size: tuple[int, int], tmp_path: Path) -> None:
    text = dialog(write_to(tmp_path / "slim.tar", "drop"), size)

    assert "proven" in text
    assert entries(tmp_path / "slim.tar") == entries(WASTEFUL)
    assert (tmp_path / "slim.tar").stat().st_size < WASTEFUL.stat().st_size
    image_id = inspect(str(tmp_path / "slim.tar")).image.image_id
    assert image_id is not None
    assert image_id.removeprefix("sha256:") in text


def test_what_is_ticked_is_left_out(tmp_path: Path) -> None:
    text = dialog(write_to(tmp_path / "slim.tar"))

    lost = {path for path, _ in entries(WASTEFUL) - entries(tmp_path / "slim.tar")}
    assert {"var/log/dpkg.log", "etc/passwd-"} <= lost
    left_over = ("root/.cache/pip/", "var/log/", "var/lib/dpkg/status-old")
    assert all(path.startswith(left_over) or path.endswith("-") for path in lost)
    assert "save what was left out" in " ".join(text.split())


def test_layers_are_joined_where_that_is_ticked(tmp_path: Path) -> None:
    dialog(write_to(tmp_path / "slim.tar", "drop", "squash"))

    before = inspect(str(WASTEFUL)).image
    after = inspect(str(tmp_path / "slim.tar")).image
    assert len(after.layers) == (before.base_layers or 0) + 1


def test_the_prediction_follows_the_ticks() -> None:
    async def script(pilot: Pilot[int]) -> list[str]:
        found = [text_of(pilot)]
        for tick in ("squash", "drop"):
            pilot.app.screen.query_one(f"#smaller-{tick}", Tick).action_turn()
            await until(pilot, lambda: plan_of(text_of(pilot)) not in [plan_of(text) for text in found])
            found.append(text_of(pilot))
        return [plan_of(text) for text in found]

    plans = dialog(script)

    assert len(set(plans)) == 3


def plan_of(text: str) -> str:
    """The line with the prediction."""
    return next((line.strip() for line in text.splitlines() if " about " in line), "")


def test_the_prediction_is_what_comes(tmp_path: Path) -> None:
    """To a hundredth."""

    async def script(pilot: Pilot[int]) -> str:
        plan = plan_of(text_of(pilot))
        await write_to(tmp_path / "slim.tar")(pilot)
        return plan

    plan = dialog(script)

    [said, unit] = re.findall(r"about ([\d.]+) ([kM]?B)", plan)[0]
    predicted = float(said) * {"B": 1, "kB": 1e3, "MB": 1e6}[unit]
    tars = sum(changeset.tar_bytes for changeset in inspect(str(tmp_path / "slim.tar")).changesets)
    assert tars == pytest.approx(predicted, rel=0.02)


def test_what_is_there_is_replaced_by_a_second_enter_only(tmp_path: Path) -> None:
    (tmp_path / "slim.tar").write_bytes(b"mine")

    async def script(pilot: Pilot[int]) -> bytes:
        pilot.app.screen.query_one(Input).value = str(tmp_path / "slim.tar")
        await pilot.pause()
        await pilot.press("enter")
        await seen(pilot, "Replace it?")
        before = (tmp_path / "slim.tar").read_bytes()
        await pilot.press("enter")
        await seen(pilot, "Close")
        return before

    assert dialog(script) == b"mine"
    assert inspect(str(tmp_path / "slim.tar")).image.complete


def test_a_place_that_is_none_can_be_written_anew(tmp_path: Path) -> None:
    async def script(pilot: Pilot[int]) -> str:
        pilot.app.screen.query_one(Input).value = "slim.tar.gz"
        await pilot.pause()
        await pilot.press("enter")
        await seen(pilot, "uncompressed")
        return str(await write_to(tmp_path / "slim.tar")(pilot))

    assert "proven" in dialog(script)


def test_an_engine_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")

    text = dialog(write_to("docker:app:slim"))

    assert "DOCKER_HOST" in text


def test_escape_cancels_and_nothing_is_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, temp: Path
) -> None:
    from layerscope.tui.screens import smaller

    def endless(*_: Any, tracker: Any, **__: Any) -> None:
        tracker.expect(100)
        tracker.begin("a", 100)
        while True:
            tracker.advance("a", 0)

    monkeypatch.setattr(smaller, "write_smaller", endless)

    async def script(pilot: Pilot[int]) -> str:
        pilot.app.screen.query_one(Input).value = str(tmp_path / "slim.tar")
        await pilot.press("enter")
        await pilot.pause(0.3)
        await pilot.press("escape")
        await seen(pilot, "nothing was written")
        return text_of(pilot)

    assert "cancelled" in dialog(script)
    assert not (tmp_path / "slim.tar").exists()
    assert not temp.exists()


def test_a_real_write_that_is_cancelled_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, temp: Path
) -> None:
    from layerscope.tui.reading import Tracker

    whole = Tracker.advance

    def cancelling(self: Tracker, part: str, count: int) -> None:
        if type(self) is not Tracker and self.state().done_bytes > 400_000:
            self.cancel()
        whole(self, part, count)

    monkeypatch.setattr(Tracker, "advance", cancelling)

    text = dialog(write_to(tmp_path / "slim.tar"))

    assert "nothing was written" in text
    assert [path.name for path in tmp_path.iterdir()] in ([], ["temp"])
    assert not temp.exists() or list(temp.iterdir()) == []


def test_an_image_that_passes_only_once_is_not_promised() -> None:
    """Without a reference to read again, as for one on standard input."""

    async def script(pilot: Pilot[None]) -> str:
        await pilot.press("3")
        await pilot.pause()
        await pilot.press("s")
        await until(pilot, lambda: "second time" in text_of(pilot))
        return text_of(pilot)

    assert "Close" in play(inspect(str(WASTEFUL)), script)


def test_the_key_is_in_the_footer_and_in_the_help() -> None:
    async def script(pilot: Pilot[None]) -> tuple[str, str]:
        await pilot.press("3")
        await pilot.pause()
        footer = text_of(pilot)
        await pilot.press("s")
        await pilot.pause()
        return footer, text_of(pilot)

    footer, _ = play(inspect(str(WASTEFUL)), script, WIDE)

    assert "s Smaller image" in footer


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_it_looks_as_it_did(size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Input, "cursor_blink", False)

    async def script(pilot: Pilot[int]) -> bool:
        await pilot.pause(0.3)
        return same_picture(pilot, f"smaller-{size[0]}x{size[1]}")

    assert dialog(script, size)


@pytest.mark.parametrize(
    ("reference", "place"),
    [
        ("shop/api:1.4.0", "api-1.4.0-slim.tar"),
        ("docker:my-app:latest", "docker-my-app-latest-slim.tar"),
        ("/images/wasteful.tar", "wasteful-slim.tar"),
        ("layout/", "layout-slim.tar"),
        ("registry.example:5000/app@sha256:0123", "sha256-0123-slim.tar"),
        ("..", "image-slim.tar"),
    ],
)
def test_a_place_is_proposed(reference: str, place: str) -> None:
    assert default_place(reference) == place
