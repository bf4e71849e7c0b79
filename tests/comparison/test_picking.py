"""A filter line over what differs between two images."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerscope.comparison.change_tree import asked_below, change_tree, picked, visible_rows
from layerscope.comparison.comparing import Comparison
from layerscope.comparison.picking import parse_picking
from layerscope.errors import UsageError
from tests.comparison.images import compared
from tests.oci.tar.raw import member
from tests.sources.images import layer

BEFORE = layer(member(b"a/Big.so", b"x" * 900), member(b"a/gone.txt", b"y" * 20), member(b"a/same", b"z"))
AFTER = layer(member(b"a/Big.so", b"x" * 5), member(b"a/same", b"z"), member(b"b/new.so", b"w" * 40, mtime=5))


@pytest.fixture
def comparison(tmp_path: Path) -> Comparison:
    """Two images of one layer each."""
    return compared(tmp_path, [("COPY . /", BEFORE)], [("COPY . /", AFTER)])


@pytest.mark.parametrize(
    ("line", "paths"),
    [
        ("big", {"a/Big.so"}),
        ("*.so", {"a/Big.so", "b/new.so"}),
        ("ext:so -big", {"b/new.so"}),
        ("/a", {"a", "a/Big.so", "a/gone.txt"}),
        ("/^b.*so$/", {"b/new.so"}),
        ("size>20 ext:so", {"a/Big.so", "b/new.so"}),
        ("size>40 ext:so", {"a/Big.so"}),
        ("kind:added ext:so", {"b/new.so"}),
        ("kind:removed", {"a/gone.txt"}),
        ("kind:modified", {"a/Big.so"}),
        ("kind:changed -kind:added", {"a/Big.so", "a/gone.txt"}),
        ("none", set()),
    ],
)
def test_what_differs_is_picked_by_path_size_and_change(
    line: str, paths: set[str], comparison: Comparison
) -> None:
    root = change_tree(comparison)

    kept, count = picked(asked_below(root), parse_picking(line))

    assert count == len(paths)
    assert kept == paths | {path.partition("/")[0] for path in paths}
    assert {row.node.path for row in visible_rows(root, kept, kept)} == kept


@pytest.mark.parametrize("line", ["layer:3", "owner:0", "waste>1", "count>1", "kind:file", "kind:setuid"])
def test_what_only_one_image_can_be_asked_is_refused(line: str) -> None:
    with pytest.raises(UsageError, match="one image only"):
        parse_picking(line)


def test_any_of_several_texts_may_fit_and_with_a_minus_none() -> None:
    texts = ["run apt-get update", "copy . /app"]

    assert parse_picking("apt /app").fits(texts, 0, None)
    assert not parse_picking("-apt").fits(texts, 0, None)
    assert not parse_picking("kind:added").fits(texts, 0, None)
