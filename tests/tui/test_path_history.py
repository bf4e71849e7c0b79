"""The layers that touched a path, and two versions compared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from layerscope.inspection import Inspection
from layerscope.tui.screens.explorer import Explorer
from layerscope.tui.screens.path_history import PathHistory
from layerscope.tui.screens.version_diff import VersionDiff
from layerscope.tui.widgets.file_tree import FileTree
from layerscope.tui.widgets.preview import Preview
from tests.sources.images import file, layer
from tests.tui.driving import NARROW, WIDE, play
from tests.tui.looking import at_path, explorer, opened, text_of, until, until_seen


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inspection]:
    """Give an image with contents."""
    with opened(tmp_path_factory.mktemp("history")) as inspection:
        yield inspection


def asked(
    inspection: Inspection, path: str, *keys: str, seen: str, size: tuple[int, int] = WIDE, layer: int = 2
) -> str:
    """Ask why of a path, press keys, wait for a text; gives the screen."""

    async def script(pilot: Pilot[None]) -> str:
        await at_path(pilot, path, layer)
        await pilot.press("w")
        await pilot.pause()
        for key in keys:
            await pilot.press(key)
            await pilot.pause()
        await until_seen(pilot, seen)
        return text_of(pilot)

    text: Any = play(inspection, script, size)
    return str(text)


def rows_of(text: str) -> list[str]:
    """Give the rows that begin with a layer's number, blanks as one."""
    rows = [" ".join(line.split()) for line in text.splitlines()]
    return [row for row in rows if row[:1].isdigit()]


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_every_layer_that_touched_it_is_listed(image: Inspection, size: tuple[int, int]) -> None:
    text = asked(image, "etc/conf", seen="touched by 3 layers", size=size)

    added, modified, copied = rows_of(text)
    assert added.startswith("0 + added 14 B")
    assert modified.startswith("1 ~ modified 25 B")
    assert copied.startswith("2 \u2248 copied up 25 B")
    assert "owner 7:0 \u2192 8:0" in copied
    assert "RUN chown 8 /etc/conf" in text


def test_each_layer_is_charged_what_it_is_to_blame_for(image: Inspection) -> None:
    """The first ships what the second overwrites; the third ships the second's bytes again."""
    text = asked(image, "etc/conf", seen="touched by 3 layers")

    added, modified, copied = rows_of(text)
    assert added.startswith("0 + added 14 B 14 B")
    assert modified.startswith("1 ~ modified 25 B size 14 B \u2192 25 B")
    assert copied.startswith("2 \u2248 copied up 25 B 25 B")
    assert "39 B of what they ship here nobody sees" in text


def test_enter_compares_with_the_version_before(image: Inspection) -> None:
    text = asked(image, "etc/conf", "up", "enter", seen="two and a half")

    lines = [line.split() for line in text.splitlines()]
    assert ["2", "\u2212", "two", "2", "+", "two", "and", "a", "half"] in lines
    assert ["1", "one", "1", "one"] in lines


def test_narrow_screens_have_one_text_below_the_other(image: Inspection) -> None:
    text = asked(image, "etc/conf", "up", "enter", seen="two and a half", size=NARROW)

    lines = [line.split() for line in text.splitlines()]
    place = lines.index(["2", "\u2212", "two"])
    assert lines[place + 1] == ["2", "+", "two", "and", "a", "half"]


def test_v_changes_the_form(image: Inspection) -> None:
    text = asked(image, "etc/conf", "up", "enter", "v", seen="two and a half")

    assert ["2", "\u2212", "two"] in [line.split() for line in text.splitlines()]


def test_space_marks_the_version_to_compare_with(image: Inspection) -> None:
    text = asked(image, "etc/conf", "g", "space", "G", "enter", seen="two and a half")

    assert "layer 0 \u2192 layer 2" in text


def test_equal_texts_are_told_by_their_facts(image: Inspection) -> None:
    text = asked(image, "etc/conf", "enter", seen="the texts are equal")

    assert ["owner", "7:0", "8:0"] in [line.split() for line in text.splitlines()]


def test_bytes_are_compared_by_size_and_hash(tmp_path: Path) -> None:
    layers = (layer(file(b"b", b"\0" * 10)), layer(file(b"b", b"\0" * 12)))
    with opened(tmp_path, *layers) as inspection:
        text = asked(inspection, "b", "enter", seen="content", layer=1)

    assert "10 B (10 B)" in text
    assert "12 B (12 B)" in text
    assert text.count("xxh3") == 2


def test_n_goes_to_the_next_change(tmp_path: Path) -> None:
    old = [b"%d" % number for number in range(200)]
    new = [*old]
    new[10], new[150] = b"ten", b"hundred and fifty"
    layers = (layer(file(b"t", b"\n".join(old))), layer(file(b"t", b"\n".join(new))))

    async def script(pilot: Pilot[None]) -> list[int]:
        await at_path(pilot, "t", 1)
        await pilot.press("w", "enter")
        await until_seen(pilot, "hundred")
        screen = pilot.app.screen
        assert isinstance(screen, VersionDiff)
        places = []
        for _ in range(2):
            await pilot.press("n")
            await pilot.pause()
            places.append(screen.view.cursor)
        return places

    with opened(tmp_path, *layers) as inspection:
        assert play(inspection, script) == [3, 10]


@pytest.mark.parametrize("key", ["f", "p"])
def test_it_leads_to_that_layer(image: Inspection, key: str) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await at_path(pilot, "etc/conf")
        await pilot.press("w", "up", "up", key)
        await until(pilot, lambda: pilot.app.screen is explorer(pilot))

        if key == "p":
            await until_seen(pilot, "2  two")
            assert explorer(pilot).query_one(Preview).target.layer == 0
        else:
            await until(pilot, lambda: explorer(pilot).selection.last == 0)
            row = explorer(pilot).query_one(FileTree).current
            assert row is not None
            assert row.name == "conf"

    play(image, script)


def test_escape_goes_back(image: Inspection) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await at_path(pilot, "etc/conf")
        await pilot.press("w")
        await pilot.pause()
        before = type(pilot.app.screen)
        await pilot.press("escape")
        await pilot.pause()

        assert (before, type(pilot.app.screen)) == (PathHistory, Explorer)

    play(image, script)


def test_of_a_directory_it_says_what_is_wasted_below_it(image: Inspection) -> None:
    """14 B overwritten and 25 B copied up in ``etc/conf``; no byte of it is the directory's own."""
    text = asked(image, "etc", seen="touched by")

    assert "39 B below it nobody sees" in text
    assert "nothing of it is wasted" not in text


def test_a_file_whose_name_begins_another_is_not_charged_for_it(tmp_path: Path) -> None:
    layers = [
        layer(file(b"a/x", b"old"), file(b"ab", b"older!")),
        layer(file(b"a/x", b"new"), file(b"ab", b"newest")),
    ]
    with opened(tmp_path, *layers) as inspection:
        text = asked(inspection, "a", seen="touched by", layer=1)

    assert "3 B below it nobody sees" in text
