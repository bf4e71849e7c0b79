"""The work grows with the number of entries and no faster; depth and repetition break nothing.

There is no clock here: what is counted is the lines of Python that ran.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

import pytest

from layerscope.model.changeset import Changeset
from layerscope.model.entry import Entry
from layerscope.model.waste import Cause
from layerscope.union.compare import Change
from layerscope.union.index import PathIndex
from layerscope.union.views import changes, history, merged
from layerscope.union.waste import find_waste
from tests.union.dsl import (
    directory,
    events_of,
    file,
    hardlink,
    layer,
    opaque,
    stack,
    symlink,
    visible_paths,
    waste_of,
    whiteout,
)

GROWTH = 2.3
"""Twice the entries may cost so many times the work; a quadratic loop costs four times."""


def lines_run(action: Callable[[], object]) -> int:
    """Count the lines that an action runs, in this thread."""
    count = 0

    def on_event(_frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return on_event

    before = sys.gettrace()
    sys.settrace(on_event)
    try:
        action()
    finally:
        sys.settrace(before)
    return count


def whiteouts_over_files(size: int) -> list[Changeset]:
    """Put many files into one directory and remove every tenth, one by one."""
    files = [file(f"d/{number}", b"x") for number in range(size)]
    return [layer(*files), layer(*(whiteout(entry.path) for entry in files[::10]))]


def whiteouts_of_directories(size: int) -> list[Changeset]:
    """Remove many directories; what is remembered of parents is forgotten each time."""
    paths = [f"d{number}/e/f" for number in range(size)]
    return [
        layer(*map(file, paths)),
        layer(*(entry for path in paths for entry in (whiteout(path[:-4]), file(path)))),
    ]


def nested_opaque_markers(size: int, *, inner_first: bool = False) -> list[Changeset]:
    """Mark every directory on the way down a deep tree."""
    names = ["/".join(["d"] * depth) for depth in range(1, size + 1)]
    markers = [opaque(name) for name in names]
    return [
        layer(*(file(f"{name}/f", b"x") for name in names)),
        layer(*(reversed(markers) if inner_first else markers)),
    ]


def nested_opaque_markers_inner_first(size: int) -> list[Changeset]:
    """Mark them from the deepest up."""
    return nested_opaque_markers(size, inner_first=True)


def alternating_layers(size: int) -> list[Changeset]:
    """Add and remove a directory over many layers."""
    added = layer(*(file(f"d/e/{number}", b"x") for number in range(20)))
    return [added, layer(whiteout("d"))] * (size // 2)


def alternating_layers_over_many_files(size: int) -> list[Changeset]:
    """Remove a large directory once, then add and remove one file in it many times."""
    large = layer(*(file(f"d/{number}", b"x") for number in range(5 * size)))
    steps = [layer(file("d/new", b"x")), layer(whiteout("d"))]
    return [large, layer(whiteout("d")), *steps * (size // 2)]


def a_file_and_a_directory_in_turns(size: int) -> list[Changeset]:
    """Let a path be a directory and a file by turns, in one layer."""
    turns = [(file(f"d/{number}", b"x"), file("d", b"y")) for number in range(size)]
    return [layer(*(entry for turn in turns for entry in turn))]


def one_path_repeated(size: int) -> list[Changeset]:
    """Repeat a path in one layer, over one that has it too."""
    return [layer(file("f", b"x")), layer(*(file("f", b"x") for _ in range(size)))]


def hard_links_to_lower_files(size: int) -> list[Changeset]:
    """Link to what the same layer removes, one link to the other."""
    links: list[Entry] = [hardlink("l0", "d/f")]
    links += [hardlink(f"l{number}", f"l{number - 1}") for number in range(1, size)]
    return [layer(file("d/f", b"x")), layer(*reversed(links), whiteout("d"))]


def hard_links_in_circles(size: int) -> list[Changeset]:
    """Let hard links name each other, two and two."""
    pairs = [(hardlink(f"a{n}", f"b{n}"), hardlink(f"b{n}", f"a{n}")) for n in range(size)]
    return [layer(*(link for pair in pairs for link in pair))]


def entries_below_a_symlink(size: int) -> list[Changeset]:
    """Write through a link into many directories."""
    paths = [f"link/{number}/f" for number in range(size)]
    return [layer(directory("real"), symlink("link", "real")), layer(*map(file, paths))]


CASES = [
    (whiteouts_over_files, 10_000),
    (whiteouts_of_directories, 500),
    (nested_opaque_markers, 150),
    (nested_opaque_markers_inner_first, 150),
    (alternating_layers, 50),
    (alternating_layers_over_many_files, 100),
    (a_file_and_a_directory_in_turns, 500),
    (one_path_repeated, 500),
    (hard_links_to_lower_files, 500),
    (hard_links_in_circles, 200),
    (entries_below_a_symlink, 500),
]


@pytest.mark.parametrize(("make", "size"), CASES, ids=lambda value: getattr(value, "__name__", ""))
def test_applying_twice_as_much_costs_twice_the_work(
    make: Callable[[int], list[Changeset]], size: int
) -> None:
    once, twice = make(size), make(2 * size)

    work = [lines_run(partial(stack, *layers)) for layers in (once, twice)]

    assert work[1] < GROWTH * work[0]


@pytest.mark.parametrize(("make", "size"), CASES, ids=lambda value: getattr(value, "__name__", ""))
def test_reading_twice_as_much_costs_twice_the_work(
    make: Callable[[int], list[Changeset]], size: int
) -> None:
    """The waste, the merged filesystem, what a layer changed, and every path's history."""
    indexes = [stack(*make(size)), stack(*make(2 * size))]

    for read in (find_waste, all_merged, all_changes, all_histories):
        work = [lines_run(partial(read, index)) for index in indexes]

        assert work[1] < GROWTH * work[0]


def all_merged(index: PathIndex) -> object:
    """Read the merged filesystem."""
    return list(merged(index))


def all_changes(index: PathIndex) -> object:
    """Read what the second layer did."""
    return list(changes(index, 1))


def all_histories(index: PathIndex) -> object:
    """Read the history of every path; of a deep tree only where it is shallow."""
    return [history(index, node.path) for node in index.nodes if node.path.count("/") < 3]


DEPTH = 2_000
DEEP = "/".join(["d"] * DEPTH)


def test_a_path_two_thousand_directories_deep() -> None:
    """Every view of it is a loop."""
    index = stack(layer(file(f"{DEEP}/f", b"x")), layer(file(f"{DEEP}/f", b"x", mode=0o600)))

    assert len(visible_paths(index)) == DEPTH + 1
    assert waste_of(index) == [(f"{DEEP}/f", Cause.METADATA_ONLY, 0, 1, 1)]
    assert [row.path for row in changes(index, 1)] == [f"{DEEP}/f"]
    assert events_of(index, f"{DEEP}/f") == [(0, Change.ADDED), (1, Change.METADATA_ONLY)]
    assert index.find(DEEP) is not None


@pytest.mark.parametrize(
    "gone",
    [whiteout("d"), opaque(""), opaque("d"), file("d"), symlink("d", "elsewhere"), whiteout(DEEP)],
    ids=lambda entry: entry.kind.name + str(entry.path.count("/")),
)
def test_a_tree_two_thousand_directories_deep_is_removed(gone: Entry) -> None:
    """By whatever hides it, from the top or from the bottom."""
    index = stack(layer(file(f"{DEEP}/f", b"x")), layer(gone))

    assert f"{DEEP}/f" not in visible_paths(index)
    assert waste_of(index) == [(f"{DEEP}/f", Cause.DELETED, 0, 1, 1)]
    assert f"{DEEP}/f" in visible_paths(index, 0)


def test_a_deep_tree_is_removed_and_filled_again_in_one_layer() -> None:
    """Its directories stay for the new file, wherever the marker stands."""
    lower, new = layer(file(f"{DEEP}/old", b"x")), file(f"{DEEP}/new")

    for entries in ((whiteout("d"), new), (new, whiteout("d")), (new, opaque(""))):
        index = stack(lower, layer(*entries))

        assert visible_paths(index)[-1] == f"{DEEP}/new"
        assert waste_of(index) == [(f"{DEEP}/old", Cause.DELETED, 0, 1, 1)]


def test_symlinks_two_thousand_directories_deep() -> None:
    """A text may go down the whole tree, and up again."""
    up = "/".join([".."] * DEPTH)

    index = stack(
        layer(directory(DEEP), symlink("down", DEEP), symlink(f"{DEEP}/up", f"{up}/other")),
        layer(file("down/f"), file("down/up/g")),
    )

    assert index.find(f"{DEEP}/f") is not None
    assert visible_paths(index)[-2:] == ["other", "other/g"]


def test_a_path_that_is_repeated_two_thousand_times() -> None:
    """Its history is as long, and the waste too."""
    repeats = [file("f", b"x") for _ in range(DEPTH)]

    index = stack(layer(file("f", b"x")), layer(*repeats))

    assert len(waste_of(index)) == DEPTH
    assert events_of(index, "f")[-1] == (1, Change.METADATA_ONLY)
    assert [row.change for row in changes(index, 1)] == [Change.METADATA_ONLY]


def test_two_thousand_layers() -> None:
    """Each rewrites one file."""
    index = stack(*(layer(file("f", b"%d" % number)) for number in range(DEPTH)))

    assert index.layer_count == DEPTH
    assert len(waste_of(index)) == DEPTH - 1
    assert len(events_of(index, "f")) == DEPTH
