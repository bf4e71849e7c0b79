"""What each key of the treemap does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from layerscope.inspection import Inspection, inspect
from layerscope.tui.panes.treemap import TreemapPane
from layerscope.tui.screens.explorer import PANES
from layerscope.tui.widgets.file_tree import FileTree
from layerscope.tui.widgets.treemap import Treemap
from tests.sources.images import file, layer, saved
from tests.tui.driving import NARROW, WIDE, lines_of, play
from tests.tui.looking import explorer, text_of
from tests.tui.snapshots import same_picture

LAYERS = (
    layer(file(b"big/deep/file", b"x" * 6000), file(b"big/other", b"y" * 2000), file(b"mid/m", b"m" * 3000)),
    layer(file(b"small", b"s" * 1000), file(b"mid/m", b"n" * 3000)),
)
KEY = str(PANES.index(TreemapPane) + 1)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Inspection:
    """Give an image of two layers."""
    folder = tmp_path_factory.mktemp("treemap")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)  # so that the image is called the same wherever it is
        return inspect(saved(folder, *LAYERS).name)


def treemap(pilot: Pilot[None]) -> Treemap:
    """Give the map."""
    return pilot.app.screen.query_one(Treemap)


def where(pilot: Pilot[None]) -> str:
    """Give the path under the cursor."""
    position = treemap(pilot).current
    assert position is not None
    return explorer(pilot)._material.tree.nodes[position].path  # noqa: SLF001


def walked(inspection: Inspection, *keys: str, size: tuple[int, int] = WIDE) -> tuple[str, list[str]]:
    """Press keys in the map; gives the path under the cursor and the map's lines."""

    async def script(pilot: Pilot[None]) -> tuple[str, list[str]]:
        await pilot.press(KEY)
        await pilot.pause()
        for key in keys:
            await pilot.press(key)
            await pilot.pause()
        return where(pilot), lines_of(pilot, treemap(pilot))

    found: Any = play(inspection, script, size)
    return found[0], found[1]


@pytest.mark.parametrize(
    ("keys", "path"),
    [
        ((), "big"),
        (("right",), "mid"),
        (("right", "down"), "small"),
        (("right", "down", "up"), "mid"),
        (("right", "left"), "big"),
        (("right", "down", "home"), "big"),
        (("enter",), "big/deep"),
        (("enter", "enter"), "big/deep/file"),
        (("enter", "backspace"), "big"),
        (("enter", "enter", "backspace"), "big/deep"),
        (("enter", "left"), "big"),
        (("right", "enter", "backspace"), "mid"),
        (("right", "comma"), "mid"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else value,
)
def test_keys_walk(image: Inspection, keys: tuple[str, ...], path: str) -> None:
    assert walked(image, *keys)[0] == path


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_boxes_have_names_and_sizes(image: Inspection, size: tuple[int, int]) -> None:
    _, lines = walked(image, size=size)

    text = "\n".join(lines)
    assert "/  12.0 kB in 3 paths" in lines[0]
    for name in ("big/", "8.00 kB", "mid/", "3.00 kB", "small", "1.00 kB"):
        assert name in text


def test_the_way_is_told_above(image: Inspection) -> None:
    _, lines = walked(image, "enter", "enter")

    assert "/big/deep  6.00 kB in 1 path" in lines[0]


def test_changes_alone_can_be_seen(image: Inspection) -> None:
    async def script(pilot: Pilot[None]) -> str:
        await pilot.press(KEY)
        explorer(pilot).select(aggregated=False)
        await pilot.pause()
        return "\n".join(lines_of(pilot, treemap(pilot)))

    text = play(image, script)

    assert "4.00 kB in 2 paths" in text
    assert "big/" not in text


def test_c_shows_the_waste(image: Inspection) -> None:
    before = "\n".join(walked(image)[1])
    after = "\n".join(walked(image, "c")[1])

    assert "layer 0" in before
    assert "3.00 kB wasted" not in before
    assert "3.00 kB wasted" in after
    assert "more is wasted" in after


def test_the_filter_leaves_what_matches(image: Inspection) -> None:
    _, lines = walked(image, "slash", *"other", "enter")

    assert "in 1 path" in lines[0]
    assert "mid/" not in "\n".join(lines)


@pytest.mark.parametrize("keys", [("f",), ("enter", "enter", "enter")])
def test_f_and_enter_lead_to_the_tree(image: Inspection, keys: tuple[str, ...]) -> None:
    async def script(pilot: Pilot[None]) -> tuple[str, bool]:
        await pilot.press(KEY, *keys)
        await pilot.pause()
        tree = explorer(pilot).query_one(FileTree)
        assert tree.current is not None
        return tree.current.name, tree.has_focus

    assert play(image, script) == ("big" if keys == ("f",) else "file", True)


def test_a_click_selects_and_two_enter(image: Inspection) -> None:
    async def script(pilot: Pilot[None]) -> tuple[str, str]:
        await pilot.press(KEY)
        await pilot.pause()
        width = treemap(pilot).size.width
        await pilot.click(Treemap, offset=(width - 4, 3))
        await pilot.pause()
        first = where(pilot)
        await pilot.click(Treemap, offset=(3, 5), times=2)
        await pilot.pause()
        return first, where(pilot)

    assert play(image, script) == ("mid", "big/deep")


def test_what_is_too_small_is_counted(tmp_path: Path) -> None:
    many = layer(file(b"big", b"x" * 100_000), *(file(b"s%d" % number, b"s") for number in range(300)))
    inspection = inspect(str(saved(tmp_path, many)))

    async def script(pilot: Pilot[None]) -> str:
        await pilot.press(KEY)
        await pilot.pause()
        return text_of(pilot)

    text = play(inspection, script, NARROW)

    assert "+300" in text or "and 300 smaller" in text


def test_of_ten_thousand_files_only_what_there_is_room_for_becomes_boxes(tmp_path: Path) -> None:
    many = layer(*(file(b"d/%d" % number, b"x" * (number % 97 + 1)) for number in range(10_000)))
    inspection = inspect(str(saved(tmp_path, many)))

    async def script(pilot: Pilot[None]) -> tuple[int, int]:
        await pilot.press(KEY)
        await pilot.pause()
        treemap(pilot).action_enter()
        return len(treemap(pilot)._boxes), treemap(pilot).size.area  # noqa: SLF001

    boxes, cells = play(inspection, script)

    assert 1 < boxes <= cells


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_it_looks_as_it_did(image: Inspection, size: tuple[int, int]) -> None:
    async def script(pilot: Pilot[None]) -> bool:
        await pilot.press(KEY)
        await pilot.pause()
        return same_picture(pilot, f"treemap-{size[0]}x{size[1]}")

    assert play(image, script, size)
