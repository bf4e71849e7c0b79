"""Which layers may stay when something below them goes."""

from __future__ import annotations

import pytest

from layerscope.model.entry import Entry
from layerscope.optimize.untouched import depending
from tests.union.dsl import directory, file, hardlink, layer, opaque, stack, symlink, whiteout

BELOW = (directory("real"), symlink("via", "real"), file("a", b"x"), directory("d"), file("d/x"))


@pytest.mark.parametrize(
    "entries",
    [
        [hardlink("b", "a")],
        [file("via/x")],
        [hardlink("b", "missing")],
        [file("b"), file("b", b"x")],
        [file("b"), file("b/c")],
        [file("b/c"), file("b")],
    ],
    ids=[
        "link below",
        "through a symlink",
        "broken link",
        "a path twice",
        "below a file",
        "over a directory",
    ],
)
def test_a_layer_depends_on_what_is_below_or_on_its_order(entries: list[Entry]) -> None:
    index = stack(layer(*BELOW), layer(*entries), layer(file("z")))

    assert depending(index) == {1}


@pytest.mark.parametrize(
    "entries",
    [
        [file("a", b"y")],
        [whiteout("a"), opaque("d"), file("d/y")],
        [file("b", b"x"), hardlink("c", "b")],
        [symlink("l", "real"), directory("real"), file("real/x")],
        [file("new/x"), directory("new"), directory("")],
        [],
    ],
    ids=["replaces", "markers", "link within", "symlink unused", "directories last", "empty"],
)
def test_any_other_layer_stands_for_itself(entries: list[Entry]) -> None:
    index = stack(layer(*BELOW), layer(*entries), layer(file("z")))

    assert depending(index) == set()
