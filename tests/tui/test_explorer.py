"""What each key of the explorer does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from layerscope.inspection import Inspection, inspect
from layerscope.model.people import cells
from layerscope.tui.screens.explorer import Explorer
from layerscope.tui.widgets.file_tree import FileTree
from layerscope.tui.widgets.layer_list import LayerList
from layerscope.tui.widgets.layer_strip import LayerStrip
from layerscope.tui.widgets.path_table import PathTable
from layerscope.tui.widgets.row_list import RowList
from layerscope.union.tree import Sort
from tests.tui.driving import NARROW, lines_of, play, screen_lines

SAMPLES = Path(__file__).parents[2] / "sample_images"


@pytest.fixture(scope="module")
def wasteful() -> Inspection:
    """Give the sample that has every kind of waste."""
    return inspect(str(SAMPLES / "wasteful.tar"))


def explorer(pilot: Pilot[None]) -> Explorer:
    """Give the screen that is tested."""
    screen = pilot.app.screen
    assert isinstance(screen, Explorer)
    return screen


def tree(pilot: Pilot[None]) -> FileTree:
    """Give the tree of files."""
    return pilot.app.screen.query_one(FileTree)


def current_path(pilot: Pilot[None]) -> str:
    """Give the path under the cursor of the tree."""
    row = tree(pilot).current
    assert row is not None
    return explorer(pilot)._material.tree.nodes[row.position].path  # noqa: SLF001


def pressed(inspection: Inspection, *keys: str, size: tuple[int, int] = (160, 45)) -> Callable[..., object]:
    """Press keys, then give what a function says of the explorer."""

    def look(read: Callable[[Pilot[None]], object]) -> object:
        async def script(pilot: Pilot[None]) -> object:
            for key in keys:
                await pilot.press(key)
            await pilot.pause()
            return read(pilot)

        return play(inspection, script, size)

    return look


def test_the_answer_is_there_without_a_key(wasteful: Inspection) -> None:
    """How large, how much wasted, by what."""
    lines = pressed(wasteful)(screen_lines)

    assert isinstance(lines, list)
    totals = wasteful.analysis.totals
    assert f"{totals.wasted_ratio * 100:.1f} % of content" in lines[0]
    assert "deleted" in lines[2]
    assert "copied up" in lines[2]


def test_the_last_layer_is_selected_and_the_files_have_the_keys(wasteful: Inspection) -> None:
    selection = pressed(wasteful)(lambda pilot: explorer(pilot).selection)
    focused = pressed(wasteful)(lambda pilot: pilot.app.focused is tree(pilot))

    last = len(wasteful.image.layers) - 1
    assert (selection.first, selection.last, selection.aggregated) == (last, last, True)  # type: ignore[attr-defined]
    assert focused


@pytest.mark.parametrize(
    ("keys", "cursor"),
    [
        (["j", "j"], 2),
        (["down", "down", "k"], 1),
        (["j", "j", "up", "up"], 0),
        (["j", "g"], 0),
        (["j", "home"], 0),
        (["pagedown", "g"], 0),
        (["k"], 0),
    ],
)
def test_the_cursor_moves_with_the_keys_people_know(
    wasteful: Inspection, keys: list[str], cursor: int
) -> None:
    assert pressed(wasteful, *keys)(lambda pilot: tree(pilot).cursor) == cursor


@pytest.mark.parametrize("key", ["G", "end"])
def test_the_end_is_one_key_away(wasteful: Inspection, key: str) -> None:
    left = pressed(wasteful, "E", key)(lambda pilot: tree(pilot).row_count() - tree(pilot).cursor)

    assert left == 1


@pytest.mark.parametrize("keys", [["enter"], ["right"], ["l"]])
def test_a_directory_opens_and_closes_in_its_place(wasteful: Inspection, keys: list[str]) -> None:
    closed = pressed(wasteful)(lambda pilot: tree(pilot).row_count())
    opened = pressed(wasteful, *keys)(lambda pilot: tree(pilot).row_count())
    again = pressed(wasteful, *keys, "left")(lambda pilot: tree(pilot).row_count())

    assert opened > closed == again  # type: ignore[operator]


def test_left_goes_to_the_directory_above(wasteful: Inspection) -> None:
    above = pressed(wasteful)(current_path)

    assert pressed(wasteful, "right", "j", "left")(current_path) == above


def test_everything_opens_and_closes_at_once(wasteful: Inspection) -> None:
    closed = pressed(wasteful)(lambda pilot: tree(pilot).row_count())
    opened = pressed(wasteful, "E")(lambda pilot: tree(pilot).row_count())

    last = len(wasteful.image.layers) - 1
    visible = sum(1 for node in wasteful.analysis.index.nodes if node.at(last)) - 1
    assert opened >= visible > closed  # type: ignore[operator]
    assert pressed(wasteful, "E", "C")(lambda pilot: tree(pilot).row_count()) == closed


@pytest.mark.parametrize(("keys", "step"), [(["comma"], -1), (["comma", "full_stop"], 0), (["full_stop"], 0)])
def test_layers_change_wherever_the_cursor_is(wasteful: Inspection, keys: list[str], step: int) -> None:
    selection = pressed(wasteful, *keys)(lambda pilot: explorer(pilot).selection.last)

    assert selection == len(wasteful.image.layers) - 1 + step


def test_the_cursor_stays_on_its_path_when_the_layer_changes(wasteful: Inspection) -> None:
    keys = ["E", *["j"] * 6]
    path = pressed(wasteful, *keys)(current_path)

    assert pressed(wasteful, *keys, "s")(current_path) == path


def test_the_list_of_layers_selects(wasteful: Inspection) -> None:
    """Up in it is the layer below; a range is what lies between."""
    one = pressed(wasteful, "0", "home")(lambda pilot: explorer(pilot).selection)
    several = pressed(wasteful, "0", "home", "space", "j", "j", "j")(lambda pilot: explorer(pilot).selection)

    assert (one.first, one.last) == (0, 0)  # type: ignore[attr-defined]
    assert several.first == 0 < several.last  # type: ignore[attr-defined]


def test_steps_without_a_layer_unfold(wasteful: Inspection) -> None:
    rows = pressed(wasteful, "0")(lambda pilot: pilot.app.screen.query_one(LayerList).row_count())
    more = pressed(wasteful, "0", "e")(lambda pilot: pilot.app.screen.query_one(LayerList).row_count())

    steps = sum(len(layer.empty_steps) for layer in wasteful.image.layers) + len(
        wasteful.image.trailing_steps
    )
    assert more == len(wasteful.image.layers) + steps > rows  # type: ignore[operator]


def test_only_what_the_layer_changed_is_a_key_away(wasteful: Inspection) -> None:
    everything = pressed(wasteful, "E")(lambda pilot: tree(pilot).row_count())
    changed = pressed(wasteful, "a", "E")(lambda pilot: tree(pilot).row_count())

    assert 0 < changed < everything  # type: ignore[operator]


def test_the_tree_says_when_it_shows_only_changes(wasteful: Inspection) -> None:
    """The choice is remembered: the next image begins with it."""
    said = [
        "(only changes)" in pressed(wasteful, *["a"] * times)(lambda pilot: lines_of(pilot, tree(pilot))[0])  # type: ignore[operator]
        for times in (0, 1, 2)
    ]

    assert said == [False, True, False]


def test_the_order_goes_round(wasteful: Inspection) -> None:
    sorts = [pressed(wasteful, *["s"] * n)(lambda pilot: explorer(pilot).selection.sort) for n in range(5)]

    assert sorts == [*Sort, Sort.SIZE]


def test_a_filter_narrows_as_it_is_typed_and_escape_ends_it(wasteful: Inspection) -> None:
    every = pressed(wasteful, "E")(lambda pilot: tree(pilot).row_count())
    some = pressed(wasteful, "slash", *"kind:dir")(lambda pilot: tree(pilot).row_count())
    kept = pressed(wasteful, "slash", *"kind:dir", "enter")(lambda pilot: pilot.app.focused is tree(pilot))
    none = pressed(wasteful, "slash", *"kind:dir", "escape")(lambda pilot: tree(pilot).view.matches)

    assert 0 < some < every  # type: ignore[operator]
    assert kept is True
    assert none is None


def test_a_filter_that_means_nothing_says_so(wasteful: Inspection) -> None:
    lines = pressed(wasteful, "slash", *"kind:x")(screen_lines)

    assert any("kinds are" in line for line in lines)  # type: ignore[attr-defined]


def test_keys_are_text_while_one_types(wasteful: Inspection) -> None:
    """Also q, which ends the program elsewhere."""
    text = pressed(wasteful, "slash", *"qsa1")(lambda pilot: pilot.app.screen.query_one(Input).value)

    assert text == "qsa1"


def test_a_wasted_path_leads_to_the_tree_at_the_layer_that_ships_it(wasteful: Inspection) -> None:
    worst = max(wasteful.analysis.waste, key=lambda record: record.size_bytes)

    def read(pilot: Pilot[None]) -> tuple[str, int]:
        return current_path(pilot), explorer(pilot).selection.last

    assert pressed(wasteful, "2", "enter")(read) == (worst.path, worst.shipped_by)


def test_backspace_goes_back_to_where_one_was(wasteful: Inspection) -> None:
    last = len(wasteful.image.layers) - 1

    def read(pilot: Pilot[None]) -> tuple[str | None, int]:
        return explorer(pilot).pane.id, explorer(pilot).selection.last

    assert pressed(wasteful, "2", "enter", "backspace")(read) == ("waste", last)


def test_waste_is_grouped_by_directory_cause_and_layer(wasteful: Inspection) -> None:
    """Every way of grouping has the same bytes; entering a group shows what is in it."""

    def total(pilot: Pilot[None]) -> int:
        table = explorer(pilot).pane.query_one(PathTable)
        return sum(item.size_bytes for item in table._items)  # noqa: SLF001

    sums = {pressed(wasteful, "2", *["b"] * times)(total) for times in range(4)}
    inside = pressed(wasteful, "2", "b", "b", "enter")(total)

    assert sums == {wasteful.analysis.totals.wasted_bytes}
    assert 0 < inside <= wasteful.analysis.totals.wasted_bytes  # type: ignore[operator]


def test_entering_a_group_of_waste_and_leaving_it_tells_of_the_row(wasteful: Inspection) -> None:
    """The line of words follows, and Backspace has its other meaning outside."""

    def said(*keys: str) -> object:
        return pressed(wasteful, "2", "b", "down", *keys)(
            lambda pilot: str(pilot.app.screen.query_one("#reading", Static).content)
        )

    group, inside, back = said(), said("enter"), said("enter", "backspace")

    assert "wasted in" in str(group)
    assert "wasted in" not in str(inside)
    assert back == group


def test_backspace_outside_of_a_group_goes_back(wasteful: Inspection) -> None:
    """Though the view has a use of its own for the key."""
    keys = ("5", "down", "enter", "2", "backspace")

    assert pressed(wasteful, *keys)(lambda pilot: explorer(pilot).pane.NAME) == "duplicates"


def test_every_view_has_a_number(wasteful: Inspection) -> None:
    names = [pressed(wasteful, str(number))(lambda pilot: explorer(pilot).pane.id) for number in range(1, 7)]

    assert len(set(names)) == 6


def test_a_narrow_screen_shows_one_region_at_a_time(wasteful: Inspection) -> None:
    def regions(pilot: Pilot[None]) -> tuple[bool, bool, bool]:
        screen = pilot.app.screen
        widgets = (screen.query_one(LayerStrip), screen.query_one(LayerList), tree(pilot))
        return tuple(bool(widget.region.width) for widget in widgets)  # type: ignore[return-value]

    assert pressed(wasteful)(regions) == (False, True, True)
    assert pressed(wasteful, size=NARROW)(regions) == (True, False, True)
    assert pressed(wasteful, "0", size=NARROW)(regions) == (True, True, False)
    assert pressed(wasteful, "0", "1", size=NARROW)(regions) == (True, False, True)


@pytest.mark.parametrize("size", [(160, 45), (110, 40), (80, 24), (60, 20), (40, 12), (200, 60)])
def test_no_row_is_wider_than_its_list(wasteful: Inspection, size: tuple[int, int]) -> None:
    """What does not fit is cut with a sign: nothing runs into the scroll bar."""

    async def script(pilot: Pilot[None]) -> list[str]:
        found = []
        for view in "123456":
            await pilot.press(view)
            await pilot.pause()
            for rows in pilot.app.screen.query(RowList):
                width = rows.scrollable_content_region.width
                for index in range(min(rows.row_count(), 60)) if width else ():
                    text = "".join(part for part, _ in rows.parts(index, width))
                    found += [f"{rows}: {text}"] if cells(text) > width else []
        return found

    assert play(wasteful, script, size) == []


def test_plain_signs_are_ascii(wasteful: Inspection) -> None:
    """For terminals without Unicode."""

    async def script(pilot: Pilot[None]) -> list[str]:
        found = []
        for view in "123456":
            await pilot.press(view)
            await pilot.pause()
            found += lines_of(pilot, pilot.app.screen.query_one("#body"))
        return found

    lines = play(wasteful, script, ascii_only=True)

    assert [line for line in lines if not line.isascii()] == []
