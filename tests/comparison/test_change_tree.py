"""The tree of what differs."""

from __future__ import annotations

from pathlib import Path

from layerscope.comparison.change_tree import ChangeNode, change_tree, heaviest_way, visible_rows
from layerscope.comparison.comparing import Comparison
from tests.comparison.images import compared, reported, stacked
from tests.oci.tar.raw import member
from tests.sources.images import layer as tar
from tests.union.dsl import directory, file, layer

OLD = layer(
    directory("usr"),
    file("usr/lib/big", b"b" * 90),
    file("usr/lib/gone", b"g" * 5),
    file("etc/conf", b"1"),
    file("same", b"s"),
)
NEW = layer(
    directory("usr", mode=0o700),
    file("usr/lib/big", b"B" * 150),
    file("usr/bin/tool", b"t" * 8),
    file("etc/conf", b"222"),
    file("same", b"s"),
)


def tree() -> ChangeNode:
    """What differs between both."""
    return change_tree(Comparison(old=stacked(OLD), new=stacked(NEW)))


def told(root: ChangeNode, opened: set[str]) -> list[tuple[str, int, int | None, int | None]]:
    """Path, depth and bytes of the lines that are seen."""
    return [
        (row.node.path, row.depth, row.node.old_bytes, row.node.new_bytes)
        for row in visible_rows(root, opened)
    ]


def test_what_differs_most_stands_first_and_directories_open_one_by_one() -> None:
    root = tree()

    assert told(root, set()) == [("usr", 0, 95, 158), ("etc", 0, 1, 3)]
    assert told(root, {"usr", "usr/lib"}) == [
        ("usr", 0, 95, 158),
        ("usr/lib", 1, 95, 150),
        ("usr/lib/big", 2, 90, 150),
        ("usr/lib/gone", 2, 5, None),
        ("usr/bin", 1, None, 8),
        ("etc", 0, 1, 3),
    ]


def test_a_directory_that_is_not_seen_is_open_below_a_closed_one() -> None:
    assert told(tree(), {"usr/lib"}) == told(tree(), set())


def test_every_path_that_differs_is_counted_at_itself_and_above() -> None:
    root = tree()

    counts = {row.node.path: row.node.count for row in visible_rows(root, {"usr", "usr/lib", "etc"})}
    # usr itself has another mode, usr/bin is new.
    assert root.count == 6
    assert counts == {
        "usr": 5,
        "usr/lib": 2,
        "usr/lib/big": 1,
        "usr/lib/gone": 1,
        "usr/bin": 2,
        "etc": 1,
        "etc/conf": 1,
    }


def test_the_way_to_what_weighs_most_is_open_at_first() -> None:
    assert heaviest_way(tree()) == {"usr", "usr/lib"}


def test_of_a_report_there_is_a_tree_of_directories(tmp_path: Path) -> None:
    comparison = compared(
        tmp_path,
        [("RUN a", tar(member(b"d/e/x", b"1")))],
        [("RUN a", tar(member(b"d/e/y", b"222"), member(b"z", b"4")))],
    )
    told_of = Comparison(old=comparison.old, new=reported(comparison.new, tmp_path / "new.json"))

    root = change_tree(told_of)

    assert told(root, {"d"}) == [("d", 0, 1, 3), ("d/e", 1, 1, 3)]
