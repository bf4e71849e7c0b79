"""The dialog that writes files out."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from layerscope.inspection import Inspection, inspect
from layerscope.tui.screens import extract as dialog
from layerscope.tui.screens.explorer import Explorer
from layerscope.tui.screens.extract import ExtractDialog
from tests.oci.tar.raw import member
from tests.sources.images import layer
from tests.tui.driving import NARROW, WIDE, play
from tests.tui.looking import NEW_CONF, OLD_CONF, SCRIPT, at_path, opened, text_of, until_seen

Step = Callable[[Pilot[None]], Awaitable[object]]


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inspection]:
    """Give an image with contents."""
    with opened(tmp_path_factory.mktemp("extract")) as inspection:
        yield inspection


def told(
    inspection: Inspection,
    path: str,
    folder: Path,
    *keys: str,
    seen: str,
    layer: int = 2,
    size: tuple[int, int] = WIDE,
) -> str:
    """Open the dialog on a path, name a folder, press keys, wait for a text; gives the screen."""

    async def script(pilot: Pilot[None]) -> str:
        await at_path(pilot, path, layer)
        await pilot.press("x")
        await pilot.pause()
        pilot.app.screen.query_one(Input).value = str(folder)
        await until_seen(pilot, ";")
        for key in keys:
            await pilot.press(key)
            await pilot.pause()
        await until_seen(pilot, seen)
        return text_of(pilot)

    text: Any = play(inspection, script, size)
    return str(text)


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_enter_writes_the_file_as_of_the_layer(
    image: Inspection, tmp_path: Path, size: tuple[int, int]
) -> None:
    told(image, "etc/conf", tmp_path / "new", "enter", seen="written to", layer=0, size=size)

    assert (tmp_path / "new" / "conf").read_bytes() == OLD_CONF


def test_a_folder_is_written_with_all_below_it(image: Inspection, tmp_path: Path) -> None:
    told(image, "bin", tmp_path, "enter", seen="written to")

    assert (tmp_path / "bin" / "run").read_bytes() == SCRIPT
    assert os.access(tmp_path / "bin" / "run", os.X_OK)


def test_what_a_layer_deleted_is_written_as_it_was(image: Inspection, tmp_path: Path) -> None:
    text = told(image, "secret", tmp_path, "enter", seen="written to", layer=1)

    assert "as of layer 0" in text
    assert (tmp_path / "secret").read_bytes() == b"the key\n"


def test_it_says_before_what_will_be_written(image: Inspection, tmp_path: Path) -> None:
    text = told(image, "bin", tmp_path, seen="2 files, 1 folder;")

    assert "Extract /bin as of layer 2" in text
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten_before_it_was_asked(image: Inspection, tmp_path: Path) -> None:
    (tmp_path / "conf").write_bytes(b"mine")

    told(image, "etc/conf", tmp_path, "enter", seen="is there already")

    assert (tmp_path / "conf").read_bytes() == b"mine"


def test_a_second_enter_replaces(image: Inspection, tmp_path: Path) -> None:
    (tmp_path / "conf").write_bytes(b"mine")

    told(image, "etc/conf", tmp_path, "enter", "enter", seen="written to")

    assert (tmp_path / "conf").read_bytes() == NEW_CONF


def test_another_folder_is_asked_about_anew(image: Inspection, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "conf").write_bytes(b"mine")

    async def script(pilot: Pilot[None]) -> None:
        await at_path(pilot, "etc/conf")
        await pilot.press("x")
        line = pilot.app.screen.query_one(Input)
        line.value = str(tmp_path / "a")
        await until_seen(pilot, ";")
        await pilot.press("enter")
        await until_seen(pilot, "is there already")
        line.value = str(tmp_path / "b")
        await pilot.pause()
        line.focus()
        await pilot.press("enter")
        await until_seen(pilot, "is there already")

    play(image, script)

    assert [(tmp_path / name / "conf").read_bytes() for name in ("a", "b")] == [b"mine", b"mine"]


def test_devices_are_left_out_unless_ticked(tmp_path: Path) -> None:
    pipe = layer(member(b"d/", typeflag=b"5"), member(b"d/pipe", typeflag=b"6"))
    with opened(tmp_path, pipe) as inspection:
        told(inspection, "d", tmp_path / "without", "enter", seen="left out: 1 device or pipe", layer=0)
        told(
            inspection,
            "d",
            tmp_path / "with",
            "tab",
            "tab",
            "space",
            "tab",
            "enter",
            seen="1 folder, 1 device",
            layer=0,
        )

    assert not (tmp_path / "without" / "d" / "pipe").exists()
    assert (tmp_path / "with" / "d" / "pipe").is_fifo()


def test_a_tick_has_a_sign(image: Inspection, tmp_path: Path) -> None:
    before = told(image, "bin", tmp_path, seen="owners")
    after = told(image, "bin", tmp_path, "tab", "space", seen="owners")

    assert "\u25cb owners" in before
    assert "\u25c9 owners" in after


def test_what_cannot_be_written_is_told(image: Inspection, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    told(image, "bin", tmp_path / "file", "enter", seen="File exists")


def test_escape_ends_the_writing(image: Inspection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An extraction that tells of its progress for ever ends with the next thing it tells."""

    def endless(content: object, place: object, folder: Path, wishes: object, progress: Any) -> None:  # noqa: ARG001
        while True:
            progress.advance("part", 1)

    monkeypatch.setattr(dialog, "extract", endless)

    text = told(image, "bin", tmp_path, "enter", "escape", seen="cancelled")

    assert "Close" in text


def test_escape_closes_the_dialog(image: Inspection) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await at_path(pilot, "bin")
        await pilot.press("x")
        await pilot.pause()
        before = type(pilot.app.screen)
        await pilot.press("escape")
        await pilot.pause()

        assert (before, type(pilot.app.screen)) == (ExtractDialog, Explorer)

    play(image, script)


def test_without_contents_it_says_so(tmp_path: Path) -> None:
    with opened(tmp_path) as inspection:
        reference = inspection.image.reference

    async def script(pilot: Pilot[None]) -> None:
        await at_path(pilot, "bin")
        await pilot.press("x")
        await until_seen(pilot, "cannot be had")

    play(inspect(reference), script)
