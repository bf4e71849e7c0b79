"""Directories laid out as boxes on a grid of cells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerscope.union.tree import Tree, View
from layerscope.union.treemap import Sized, lay_out, main_layer, neighbour, sizes_below
from layerscope.union.waste import find_waste
from tests.union.dsl import file, layer, stack, whiteout

SIZES = st.lists(st.integers(1, 10**9), min_size=1, max_size=300)


def sized(sizes: list[int]) -> list[Sized]:
    """Paths with these sizes, the largest first."""
    return [Sized(number + 1, count) for number, count in enumerate(sorted(sizes, reverse=True))]


def tree_of(*layers: object) -> Tree:
    """A stack as a tree."""
    index = stack(*layers)  # type: ignore[arg-type]
    return Tree(index, find_waste(index)[0])


@given(sizes=SIZES, width=st.integers(4, 200), height=st.integers(1, 60))
def test_boxes_fill_the_grid_and_never_overlap(sizes: list[int], width: int, height: int) -> None:
    boxes = lay_out(sized(sizes), width, height)

    cells = [
        (x, y)
        for box in boxes
        for x in range(box.x, box.x + box.width)
        for y in range(box.y, box.y + box.height)
    ]
    assert len(cells) == len(set(cells)) == width * height


@given(sizes=SIZES, width=st.integers(20, 200), height=st.integers(5, 60))
def test_every_path_has_a_box_or_is_counted(sizes: list[int], width: int, height: int) -> None:
    boxes = lay_out(sized(sizes), width, height)

    assert sum(box.count for box in boxes) == len(sizes)
    assert sum(box.size_bytes for box in boxes) == sum(sizes)


@pytest.mark.parametrize("sizes", [[600, 300, 100], [1] * 8])
def test_areas_are_as_the_sizes(sizes: list[int]) -> None:
    boxes = lay_out(sized(sizes), 120, 40)

    for box in boxes:
        assert box.width * box.height == pytest.approx(120 * 40 * box.size_bytes / sum(sizes), rel=0.1)


def test_no_room_and_no_bytes_are_no_boxes() -> None:
    assert lay_out([], 80, 24) == lay_out(sized([1]), 2, 24) == lay_out(sized([1]), 80, 0) == []


@given(sizes=SIZES, direction=st.sampled_from([(0, 1), (0, -1), (1, 0), (-1, 0)]))
def test_a_neighbour_touches_the_box_on_that_side(sizes: list[int], direction: tuple[int, int]) -> None:
    boxes = lay_out(sized(sizes), 100, 30)
    dx, dy = direction
    for number, box in enumerate(boxes):
        beside = neighbour(boxes, number, dx, dy)
        at_border = {
            (0, 1): box.y + box.height == 30,
            (0, -1): box.y == 0,
            (1, 0): box.x + box.width == 100,
            (-1, 0): box.x == 0,
        }[direction]

        assert (beside is None) is at_border
        if beside is not None:
            other = boxes[beside]
            edge = (
                (other.x - box.x - box.width, box.x - other.x - other.width)[dx < 0]
                if dx
                else (other.y - box.y - box.height, box.y - other.y - other.height)[dy < 0]
            )
            assert edge == 0


def test_sizes_are_those_of_the_view() -> None:
    tree = tree_of(layer(file("d/a", b"aaaa"), file("b", b"bb")), layer(whiteout("d/a"), file("d/c", b"c")))

    def seen(view: View) -> dict[str, int]:
        return {tree.nodes[one.position].path: one.size_bytes for one in sizes_below(tree, view, 0)}

    assert seen(View(first=0, last=0)) == {"d": 4, "b": 2}
    assert seen(View(first=1, last=1)) == {"b": 2, "d": 1}
    assert seen(View(first=1, last=1, aggregated=False)) == {"d": 1}


def test_the_main_layer_ships_most_of_what_is_below() -> None:
    tree = tree_of(layer(file("d/a", b"aaaa")), layer(file("d/b", b"bbbbbb")), layer(file("d/c", b"c")))
    position = tree.position("d")
    assert position is not None

    assert main_layer(tree, View(first=2, last=2), position) == 1
    assert main_layer(tree, View(first=0, last=0), position) == 0
    assert main_layer(tree, View(first=2, last=2, aggregated=False), position) == 2


def test_the_larger_of_two_boxes_is_the_larger_one() -> None:
    one, others = lay_out(sized([2] + [1] * 5000), 100, 40)

    assert (one.count, others.count) == (5000, 1)
    assert one.width * one.height > others.width * others.height


def test_of_ten_thousand_entries_those_that_can_be_seen_are_laid_out() -> None:
    """What is too small for a cell is one box together: the cost is that of the screen."""
    tree = tree_of(layer(*(file(f"d/{number}", b"x" * (number % 97 + 1)) for number in range(10_000))))
    position = tree.position("d")
    assert position is not None

    boxes = lay_out(sizes_below(tree, View(first=0, last=0), position), 160, 45)

    assert 1 < len(boxes) < 160 * 45 / 4
    assert sum(box.count for box in boxes) == 10_000
