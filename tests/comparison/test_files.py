"""Files and directories that differ, against a dictionary model of both filesystems."""

from __future__ import annotations

from pathlib import Path
from random import Random

from layerscope.comparison.comparing import Comparison
from layerscope.comparison.files import telling
from layerscope.model.entry import Entry, Kind
from tests.comparison.images import compared, reported, stacked
from tests.oci.tar.raw import member
from tests.sources.images import layer as tar
from tests.union.dsl import directory, file, hardlink, layer, symlink, whiteout
from tests.union.naive import CircularError, NaiveStack
from tests.union.strategies import Layers, dense_layers

STACKS = 600


def between(old: list[list[Entry]], new: list[list[Entry]]) -> Comparison:
    """Two stacks of layers."""
    return Comparison(
        old=stacked(*(layer(*entries) for entries in old)), new=stacked(*(layer(*entries) for entries in new))
    )


def rows(comparison: Comparison) -> list[tuple[str, str, int | None, int | None]]:
    """Path, change, bytes before and after."""
    return [(one.path, one.change, one.old_bytes, one.new_bytes) for one in comparison.files or ()]


def test_each_change_by_its_name_the_largest_difference_first() -> None:
    old = [[file("gone", b"g" * 5), file("grown", b"1"), file("shrunk", b"22222"), file("owned", b"o")]]
    new = [[file("came", b"c" * 9), file("grown", b"4444"), file("shrunk", b"2"), file("owned", b"o", uid=7)]]

    assert rows(between(old, new)) == [
        ("came", "added", None, 9),
        ("gone", "removed", 5, None),
        ("shrunk", "modified", 5, 1),
        ("grown", "modified", 1, 4),
        ("owned", "metadata_only", 1, 1),
    ]


def test_the_same_size_with_other_content_is_modified_and_stands_before_metadata() -> None:
    found = rows(
        between([[file("a", b"1"), file("z", b"same")]], [[file("a", b"1", mode=0o600), file("z", b"emas")]])
    )

    assert found == [("z", "modified", 4, 4), ("a", "metadata_only", 1, 1)]


def test_only_the_merged_filesystems_are_compared() -> None:
    old = [[file("a", b"1"), file("b", b"2")], [whiteout("b")]]
    new = [[file("b", b"3")], [file("a", b"1"), whiteout("b")]]

    assert rows(between(old, new)) == []


def test_a_hard_link_group_counts_once() -> None:
    old: list[list[Entry]] = [[]]
    new = [[file("one", b"12345"), hardlink("two", "one")]]

    found = between(old, new)

    assert rows(found) == [("one", "added", None, 5), ("two", "added", None, 0)]
    assert [(one.path, one.delta_bytes) for one in found.directories] == [("", 5)]


def test_another_target_and_another_kind_are_modified() -> None:
    old = [[symlink("link", "a"), file("turned", b"1")]]
    new = [[symlink("link", "b"), directory("turned"), file("turned/in", b"22")]]

    assert rows(between(old, new)) == [
        ("turned/in", "added", None, 2),
        ("turned", "modified", 1, 0),
        ("link", "modified", 0, 0),
    ]


def test_names_are_harmless() -> None:
    (found,) = between([[]], [[file("a\x1b\\", b"1")]]).files or ()

    assert found.path == r"a\x1b\x5c"


def test_directories_that_have_it_all_from_one_below_tell_nothing() -> None:
    old = [[file("usr/lib/x/old", b"1" * 50), file("etc/conf", b"1")]]
    new = [[file("usr/lib/x/a", b"2" * 70), file("usr/lib/x/b", b"3" * 30), file("etc/conf", b"22")]]

    found = between(old, new).directories

    assert [(one.path, one.delta_bytes, one.added_bytes, one.removed_bytes) for one in found] == [
        ("", 51, 102, 51),
        ("usr", 50, 100, 50),
        ("usr/lib", 50, 100, 50),
        ("usr/lib/x", 50, 100, 50),
        ("etc", 1, 2, 1),
    ]
    assert [one.path for one in telling(found)] == ["usr/lib/x", "etc"]


def test_of_a_report_directories_are_known_and_files_are_not(tmp_path: Path) -> None:
    comparison = compared(
        tmp_path, [("RUN a", tar(member(b"d/x", b"1")))], [("RUN a", tar(member(b"d/y\\", b"222")))]
    )
    saved = Comparison(old=comparison.old, new=reported(comparison.new, tmp_path / "new.json"))

    assert saved.files is None
    assert [(one.path, one.delta_bytes, one.changed_files) for one in saved.directories] == [
        ("", 2, None),
        ("d", 2, None),
    ]


def test_the_same_layers_have_the_same_files_whatever_tells_of_them(tmp_path: Path) -> None:
    layers = [("RUN a", tar(member(b"d/x", b"1")))]
    comparison = compared(tmp_path, layers, layers)

    saved = Comparison(old=comparison.old, new=reported(comparison.new, tmp_path / "new.json"))

    assert (saved.files, saved.directories) == ((), ())


Row = tuple[object, ...]


def naive(layers: Layers) -> dict[str, Row]:
    """Path to what stands there, from the model that shares nothing with the index."""
    found: dict[str, Row] = {}
    for path, standing in NaiveStack(layers).tree.items():
        entry = standing.inode.entry
        kind = Kind.DIRECTORY if entry is None else entry.kind
        same = (None, None) if entry is None else (entry.content_hash, entry.link_target)
        if kind is Kind.HARDLINK:  # to nothing that is there: one is as empty as the other
            same = (None, None)
        if path:
            found[path] = (kind, *same)
    return found


def visible_bytes(layers: Layers) -> int:
    """The bytes of the visible files, an inode once."""
    inodes = {id(standing.inode): standing.inode.entry for standing in NaiveStack(layers).tree.values()}
    return sum(entry.stored_bytes for entry in inodes.values() if entry is not None)


def test_any_two_stacks_differ_where_their_models_do() -> None:
    random = Random(6)
    for _ in range(STACKS):
        old, new = dense_layers(random), dense_layers(random)
        try:
            before, after = naive(old), naive(new)
        except CircularError:
            continue

        found = {one.path: one for one in between(old, new).files or ()}

        kinds = {
            kind: {path for path, one in found.items() if one.change == kind}
            for kind in ("added", "removed", "modified")
        }
        both = before.keys() & after.keys()
        assert kinds == {
            "added": after.keys() - before.keys(),
            "removed": before.keys() - after.keys(),
            "modified": {path for path in both if before[path] != after[path]},
        }


def test_directories_come_to_what_their_models_do() -> None:
    random = Random(7)
    for _ in range(STACKS):
        old, new = dense_layers(random), dense_layers(random)
        try:
            expected = visible_bytes(new) - visible_bytes(old)
        except CircularError:
            continue

        found = {one.path: one for one in between(old, new).directories}

        root = found.get("")
        assert (root.delta_bytes if root else 0) == expected
        assert all(
            one.delta_bytes == (one.added_bytes or 0) - (one.removed_bytes or 0) for one in found.values()
        )
