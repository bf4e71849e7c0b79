"""Which local images are there, typed for, opened and removed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from layerscope.errors import EngineUnreachable, SourceError
from layerscope.extensions import Source
from layerscope.model.local_image import LocalImage
from layerscope.tui.app import LayerscopeApp
from layerscope.tui.screens.confirm import ConfirmScreen
from layerscope.tui.screens.explorer import Explorer
from layerscope.tui.screens.picker import PickerScreen
from layerscope.tui.settings import Settings, SettingsFile
from layerscope.tui.widgets.image_list import Choice, ImageList, age, choices_of
from tests.tui.driving import WIDE
from tests.tui.shell import Story, act, text_of, until

DAY_S = 86_400


def image(name: str, days: float = 1, size_bytes: int = 5_000_000) -> LocalImage:
    """Make an image of an engine."""
    return LocalImage(
        reference=f"docker:{name}",
        names=(name,),
        image_id="sha256:" + "1f" * 32,
        size_bytes=size_bytes,
        created_s=int(time.time() - days * DAY_S),
    )


def engine(
    name: str, list_images: Callable[[], list[LocalImage]], remove: Callable[[str], None] | None = None
) -> Source:
    """Make a source of local images that opens none."""

    def opened(*_: Any) -> Any:
        raise AssertionError("nothing is opened here")

    return Source(id=name, help="", open=opened, images=list_images, remove=remove)


Show = Callable[..., Any]


@pytest.fixture
def show(monkeypatch: pytest.MonkeyPatch) -> Show:
    """Return a function that shows the picker over engines and runs a script on it."""

    def run(script: Any, *sources: Source, size: tuple[int, int] = WIDE, **named: Any) -> Any:
        monkeypatch.setattr("layerscope.tui.screens.picker.engines", lambda: list(sources))
        named.setdefault("opener", Story())
        return act(LayerscopeApp(**named), script, size)

    return run


def rows(pilot: Pilot[int]) -> list[Choice]:
    """Give the rows of the list."""
    return list(pilot.app.screen.query_one(ImageList)._choices)  # noqa: SLF001


def test_images_are_listed_with_name_tag_size_age_and_engine(show: Show) -> None:
    async def script(pilot: Pilot[int]) -> str:
        await until(pilot, lambda: rows(pilot))
        return text_of(pilot)

    text = show(script, engine("docker", lambda: [image("team/app:1.2", days=3.5, size_bytes=1_090_000_000)]))

    [line] = [line for line in text.splitlines() if "team/app" in line]
    assert line.split() == ["team/app", "1.2", "1.09", "GB", "3", "days", "docker"]


def test_the_newest_comes_first_whichever_engine_has_it(show: Show) -> None:
    async def script(pilot: Pilot[int]) -> list[str]:
        await until(pilot, lambda: len(rows(pilot)) == 3)
        return [choice.name for choice in rows(pilot)]

    names = show(
        script,
        engine("docker", lambda: [image("old:1", 9), image("new:1", 1)]),
        engine("podman", lambda: [image("middle:1", 5)]),
    )

    assert names == ["new", "middle", "old"]


def test_an_engine_that_is_silent_holds_up_no_other_and_is_named(show: Show) -> None:
    let_go = threading.Event()

    def silent() -> list[LocalImage]:
        let_go.wait(20)
        return []

    async def script(pilot: Pilot[int]) -> str:
        await until(pilot, lambda: rows(pilot))
        text = text_of(pilot)
        let_go.set()
        return text

    text = show(script, engine("podman", silent), engine("docker", lambda: [image("app:1")]))

    assert "app" in text
    assert "podman  asking…" in text


def test_an_engine_that_cannot_be_reached_is_named_with_what_to_do(show: Show) -> None:
    def unreachable() -> list[LocalImage]:
        raise EngineUnreachable("containerd: permission denied", hint="run as root")

    async def script(pilot: Pilot[int]) -> str:
        await until(pilot, lambda: "run as root" in text_of(pilot))
        return text_of(pilot)

    text = show(script, engine("containerd", unreachable), size=(80, 24))

    assert "containerd  not reached: containerd: permission denied" in text
    assert "run as root" in text


def test_what_is_typed_filters_at_once_and_escape_shows_all_again(show: Show) -> None:
    async def script(pilot: Pilot[int]) -> tuple[list[str], str, int]:
        await until(pilot, lambda: len(rows(pilot)) == 3)
        await pilot.press(*"API 2")
        await pilot.pause()
        found, text = [choice.reference for choice in rows(pilot)], text_of(pilot)
        await pilot.press("escape")
        await pilot.pause()
        return found, text, len(rows(pilot))

    found, text, after = show(
        script, engine("docker", lambda: [image("shop/api:2"), image("shop/web:2"), image("api:1")])
    )

    assert found == ["docker:shop/api:2"]
    assert "1 of 3 images" in text
    assert after == 3


def test_enter_opens_the_image_under_the_cursor_and_its_engine_is_said(show: Show) -> None:
    story = Story()

    async def script(pilot: Pilot[int]) -> None:
        await until(pilot, lambda: len(rows(pilot)) == 2)
        await pilot.press("down", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Explorer))

    show(script, engine("podman", lambda: [image("new:1", 1), image("old:2", 2)]), opener=story)

    assert story.asked == ["podman:old:2"]


def test_what_no_engine_has_is_opened_by_the_name_that_was_typed(show: Show) -> None:
    story = Story()

    async def script(pilot: Pilot[int]) -> None:
        await until(pilot, lambda: rows(pilot))
        await pilot.press(*"alpine", "enter")
        await until(pilot, lambda: story.asked)

    show(script, engine("docker", lambda: [image("new:1")]), opener=story)

    assert story.asked == ["alpine"]


def test_cancelling_leads_back_to_the_images(show: Show) -> None:
    story = Story()
    story.tell = story.endless

    async def script(pilot: Pilot[int]) -> bool:
        await until(pilot, lambda: rows(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: story.asked)
        await pilot.press("escape")
        await until(pilot, story.ended.is_set)
        return isinstance(pilot.app.screen, PickerScreen)

    assert show(script, engine("docker", lambda: [image("new:1")]), opener=story)


def test_from_an_image_one_gets_back_to_the_others_and_the_image_is_let_go(show: Show) -> None:
    story = Story()

    async def script(pilot: Pilot[int]) -> tuple[bool, list[type]]:
        await until(pilot, lambda: rows(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Explorer))
        await pilot.press("ctrl+o")
        await until(pilot, lambda: story.closed)
        return story.closed == 1, [type(screen) for screen in pilot.app.screen_stack[1:]]

    closed, stack = show(script, engine("docker", lambda: [image("new:1")]), opener=story)

    assert closed
    assert stack == [PickerScreen]


@pytest.mark.parametrize(("answer", "removed"), [("y", ["app:1"]), ("n", []), ("enter", []), ("escape", [])])
def test_an_image_is_removed_after_a_yes_only(show: Show, answer: str, removed: list[str]) -> None:
    held, gone = [image("app:1")], list[str]()

    def remove(name: str) -> None:
        gone.append(name)
        held.clear()

    async def script(pilot: Pilot[int]) -> tuple[str, int]:
        await until(pilot, lambda: rows(pilot))
        await pilot.press("delete")
        await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen))
        question = text_of(pilot)
        await pilot.press(answer)
        await until(pilot, lambda: isinstance(pilot.app.screen, PickerScreen))
        await until(pilot, lambda: len(gone) == len(removed) and len(rows(pilot)) == 1 - len(removed))
        return question, len(rows(pilot))

    question, left = show(script, engine("docker", lambda: list(held), remove))

    assert "Remove app:1 from docker?" in question
    assert gone == removed
    assert left == 1 - len(removed)


def test_d_removes_where_the_list_has_the_keys_and_is_a_letter_where_one_types(show: Show) -> None:
    async def script(pilot: Pilot[int]) -> tuple[str, bool]:
        await until(pilot, lambda: rows(pilot))
        await pilot.press("d")
        typed = pilot.app.screen.query_one(Input).value
        await pilot.press("backspace", "tab", "d")
        await pilot.pause()
        return typed, isinstance(pilot.app.screen, ConfirmScreen)

    typed, asked = show(script, engine("docker", lambda: [image("dip:1")], lambda name: None))  # noqa: ARG005

    assert typed == "d"
    assert asked


def test_what_an_engine_says_against_removing_is_shown(show: Show) -> None:
    def refuse(name: str) -> None:
        raise SourceError(f"{name}: a container uses it")

    async def script(pilot: Pilot[int]) -> str:
        await until(pilot, lambda: rows(pilot))
        await pilot.press("delete")
        await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen))
        await pilot.press("y")
        await until(pilot, lambda: "a container uses it" in text_of(pilot))
        return text_of(pilot)

    assert "app:1: a container uses it" in show(script, engine("docker", lambda: [image("app:1")], refuse))


def test_f5_asks_the_engines_again(show: Show) -> None:
    held = [image("one:1")]

    async def script(pilot: Pilot[int]) -> list[str]:
        await until(pilot, lambda: len(rows(pilot)) == 1)
        held.append(image("two:1", 2))
        await pilot.press("f5")
        await until(pilot, lambda: len(rows(pilot)) == 2)
        return [choice.name for choice in rows(pilot)]

    assert show(script, engine("docker", lambda: list(held))) == ["one", "two"]


def test_archives_that_were_opened_before_come_first_while_they_are_there(show: Show, tmp_path: Path) -> None:
    archive = tmp_path / "image.tar"
    archive.write_bytes(b"12345")
    kept = SettingsFile(tmp_path / "explorer.json")
    kept.write(Settings(recent=(str(archive), str(tmp_path / "gone.tar"))))

    async def script(pilot: Pilot[int]) -> list[tuple[str, int | None]]:
        await until(pilot, lambda: len(rows(pilot)) == 2)
        return [(choice.reference, choice.size_bytes) for choice in rows(pilot)]

    found = show(script, engine("docker", lambda: [image("app:1", 0)]), settings=kept)

    assert found == [(str(archive), 5), ("docker:app:1", 5_000_000)]


def test_an_archive_that_was_just_opened_is_there_when_one_comes_back(show: Show, tmp_path: Path) -> None:
    archive = tmp_path / "image.tar"
    archive.write_bytes(b"12345")

    async def script(pilot: Pilot[int]) -> list[str]:
        pilot.app.screen.query_one(Input).value = str(archive)
        await pilot.pause()
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Explorer))
        await pilot.press("ctrl+o")
        await until(pilot, lambda: isinstance(pilot.app.screen, PickerScreen))
        return [choice.reference for choice in rows(pilot)]

    assert show(script) == [str(archive)]


@pytest.mark.parametrize(
    ("full", "name", "tag"),
    [
        ("app:1", "app", "1"),
        ("localhost:5000/team/app", "localhost:5000/team/app", ""),
        ("localhost:5000/app:dev", "localhost:5000/app", "dev"),
        ("", "(no name)", "1f1f1f1f1f1f"),
    ],
)
def test_a_port_is_no_tag(full: str, name: str, tag: str) -> None:
    local = LocalImage(
        reference="docker:sha256:" + "1f" * 32,
        names=(full,) if full else (),
        image_id="sha256:" + "1f" * 32,
    )

    [choice] = choices_of("docker", [local])

    assert (choice.name, choice.tag) == (name, tag)
    assert choice.reference == (f"docker:{full}" if full else local.reference)


@pytest.mark.parametrize(
    ("days", "said"), [(0.01, "14 minutes"), (3, "3 days"), (400, "1 year"), (None, ""), (-5, "a moment")]
)
def test_an_age_is_one_number_and_none_where_it_is_not_known(days: float | None, said: str) -> None:
    created_s = None if days is None else int(1_000 * DAY_S - days * DAY_S)

    assert age(created_s, 1_000 * DAY_S) == said
