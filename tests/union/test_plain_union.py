"""LAYER_CASES, section 1: files and directories over one another."""

from __future__ import annotations

from layerscope.model.entry import Kind
from layerscope.model.waste import Cause
from layerscope.union.compare import Change
from layerscope.union.views import changes, history
from tests.union.archived import DIRECTORY, archived, changeset_of, folder, member
from tests.union.dsl import (
    directory,
    entry_at,
    events_of,
    file,
    is_implied,
    layer,
    remarks_of,
    row_at,
    stack,
    symlink,
    visible_bytes,
    visible_paths,
    waste_of,
    whiteout,
)


def test_case_1_the_worked_example_of_the_image_spec() -> None:
    """A layer adds, changes and removes at once."""
    index = stack(
        layer(
            directory("etc"),
            file("etc/conf", b"key=1"),
            directory("bin"),
            file("bin/a", b"a"),
            file("bin/b", b"old"),
        ),
        layer(
            directory("etc/conf.d"),
            file("etc/conf.d/default", b"key=2"),
            file("bin/b", b"newer"),
            whiteout("etc/conf"),
        ),
    )

    assert visible_paths(index) == [
        *("bin", "bin/a", "bin/b", "etc", "etc/conf.d", "etc/conf.d/default"),
    ]
    assert entry_at(index, "bin/b").size_bytes == 5
    assert waste_of(index) == [
        ("etc/conf", Cause.DELETED, 0, 1, 5),
        ("bin/b", Cause.OVERWRITTEN, 0, 1, 3),
    ]
    assert [(row.path, row.change) for row in changes(index, 1)] == [
        ("bin/b", Change.MODIFIED),
        ("etc/conf", Change.DELETED),
        ("etc/conf.d", Change.ADDED),
        ("etc/conf.d/default", Change.ADDED),
    ]


def test_case_2_file_over_file() -> None:
    """Contents and all attributes are the upper layer's."""
    lower = file("f", b"old", mode=0o644, uid=1, gid=2, mtime=3, xattrs={"user.a": b"1"})
    upper = file("f", b"upper", mode=0o600, uid=4, gid=5, mtime=6)

    index = stack(layer(lower), layer(upper))

    assert entry_at(index, "f") == upper
    assert row_at(index, "f").layer == 1
    assert waste_of(index) == [("f", Cause.OVERWRITTEN, 0, 1, 3)]
    assert events_of(index, "f") == [(0, Change.ADDED), (1, Change.MODIFIED)]


def test_case_3_same_content_with_other_metadata() -> None:
    """A chown stores the bytes again; the copy below is wasted."""
    index = stack(layer(file("f", b"bytes", mode=0o644)), layer(file("f", b"bytes", mode=0o600, uid=7)))

    assert entry_at(index, "f").uid == 7
    assert waste_of(index) == [("f", Cause.METADATA_ONLY, 0, 1, 5)]
    assert visible_bytes(index) == 5
    assert history(index, "f")[1].change is Change.METADATA_ONLY
    assert history(index, "f")[1].differs == ("owner", "mode")


def test_case_3_an_identical_copy_is_waste_too() -> None:
    """Nothing differs at all, and the bytes are there twice."""
    index = stack(layer(file("f", b"bytes")), layer(file("f", b"bytes")))

    assert waste_of(index) == [("f", Cause.METADATA_ONLY, 0, 1, 5)]
    assert events_of(index, "f") == [(0, Change.ADDED), (1, Change.METADATA_ONLY)]


def test_case_4_directory_over_directory() -> None:
    """Attributes become the upper layer's, the children of both stay."""
    index = stack(
        layer(directory("d", mode=0o755, uid=1), file("d/lower")),
        layer(directory("d", mode=0o700, uid=2), file("d/upper")),
    )

    assert visible_paths(index) == ["d", "d/lower", "d/upper"]
    assert (entry_at(index, "d").mode, entry_at(index, "d").uid) == (0o700, 2)
    assert events_of(index, "d") == [(0, Change.ADDED), (1, Change.METADATA_ONLY)]


def test_case_5_a_child_without_its_directory() -> None:
    """The directory keeps what the lower layer said of it."""
    index = stack(layer(directory("d", mode=0o700, uid=1, mtime=9)), layer(file("d/f")))

    assert entry_at(index, "d") == directory("d", mode=0o700, uid=1, mtime=9)
    assert events_of(index, "d") == [(0, Change.ADDED)]


def test_case_6_file_over_directory() -> None:
    """The whole subtree disappears."""
    index = stack(layer(directory("d"), file("d/e/f", b"deep"), file("d/g", b"g")), layer(file("d", b"!")))

    assert visible_paths(index) == ["d"]
    assert entry_at(index, "d").kind is Kind.FILE
    assert waste_of(index) == [
        ("d/e/f", Cause.DELETED, 0, 1, 4),
        ("d/g", Cause.DELETED, 0, 1, 1),
    ]
    assert events_of(index, "d/e/f") == [(0, Change.ADDED), (1, Change.DELETED)]


def test_case_7_directory_over_file() -> None:
    """The directory's own entry replaces the file."""
    index = stack(layer(file("place", b"file")), layer(directory("place"), file("place/thing")))

    assert visible_paths(index) == ["place", "place/thing"]
    assert waste_of(index) == [("place", Cause.OVERWRITTEN, 0, 1, 4)]


def test_case_7_implied_directory_over_file() -> None:
    """A child alone makes a directory of what was a file."""
    index = stack(
        layer(file("place", b"file"), file("nondir", b"n")),
        layer(file("place/thing"), file("nondir/foo/bar/baz")),
    )

    assert visible_paths(index) == [
        *("nondir", "nondir/foo", "nondir/foo/bar", "nondir/foo/bar/baz"),
        *("place", "place/thing"),
    ]
    assert is_implied(index, "place")
    assert waste_of(index) == [
        ("place", Cause.OVERWRITTEN, 0, 1, 4),
        ("nondir", Cause.OVERWRITTEN, 0, 1, 1),
    ]
    assert events_of(index, "place") == [(0, Change.ADDED), (1, Change.MODIFIED)]
    assert "parent-replaced" in remarks_of(index)


def test_case_8_symlink_over_directory() -> None:
    """The subtree goes, the link stays."""
    index = stack(layer(directory("d"), file("d/f", b"f")), layer(symlink("d", "elsewhere")))

    assert visible_paths(index) == ["d"]
    assert entry_at(index, "d").link_target == "elsewhere"
    assert waste_of(index) == [("d/f", Cause.DELETED, 0, 1, 1)]


def test_case_8_directory_over_symlink() -> None:
    """The link is replaced, not followed."""
    index = stack(
        layer(directory("bin/actual"), symlink("bin/myapp", "actual")),
        layer(directory("bin/myapp"), file("bin/myapp/f")),
    )

    assert visible_paths(index) == ["bin", "bin/actual", "bin/myapp", "bin/myapp/f"]
    assert entry_at(index, "bin/myapp").kind is Kind.DIRECTORY


def test_case_9_a_symlink_is_retargeted() -> None:
    """The last text wins and is kept as it is written."""
    texts = ["x", "./x", "../bin/x", "/bin/x", "//bin//x/"]
    index = stack(*(layer(symlink("bin/link", text)) for text in texts))

    seen = [entry_at(index, "bin/link", as_of=number).link_target for number in range(len(texts))]

    assert seen == texts
    assert events_of(index, "bin/link") == [
        (0, Change.ADDED),
        *((number, Change.MODIFIED) for number in range(1, len(texts))),
    ]


def test_case_10_missing_parents_are_implied() -> None:
    """They are directories of which nothing more is known."""
    index = stack(layer(file("a/b/c/file")))

    assert visible_paths(index) == ["a", "a/b", "a/b/c", "a/b/c/file"]
    assert [is_implied(index, path) for path in ("a", "a/b", "a/b/c")] == [True] * 3
    assert not is_implied(index, "a/b/c/file")


def test_case_10_an_implied_directory_gets_its_entry_later() -> None:
    """Attributes come with the first layer that has them."""
    index = stack(layer(file("a/f")), layer(directory("a", mode=0o700)))

    assert entry_at(index, "a").mode == 0o700
    assert events_of(index, "a") == [(0, Change.ADDED), (1, Change.METADATA_ONLY)]


def test_case_11_the_last_entry_of_a_repeated_path_wins() -> None:
    """The bytes of the entries before it are wasted by their own layer."""
    index = stack(layer(file("f", b"one"), file("f", b"three"), file("f", b"x")))

    assert entry_at(index, "f").size_bytes == 1
    assert waste_of(index) == [
        ("f", Cause.OVERWRITTEN, 0, 0, 5),
        ("f", Cause.OVERWRITTEN, 0, 0, 3),
    ]
    assert "duplicate-path" in remarks_of(index)


def test_case_11_a_repeat_with_the_same_content_is_overwritten() -> None:
    """Nothing was copied up: the archive holds the file twice."""
    index = stack(layer(file("f", b"same"), file("f", b"same")))

    assert waste_of(index) == [("f", Cause.OVERWRITTEN, 0, 0, 4)]


def test_case_11_the_type_may_change_between_repeats() -> None:
    index = stack(layer(file("p", b"x"), symlink("p", "t"), directory("p"), file("p/f")))

    assert visible_paths(index) == ["p", "p/f"]
    assert entry_at(index, "p").kind is Kind.DIRECTORY


def test_case_11_a_repeated_directory_keeps_the_children_seen_so_far() -> None:
    index = stack(layer(directory("d"), file("d/a"), directory("d", mode=0o700), file("d/b")))

    assert visible_paths(index) == ["d", "d/a", "d/b"]
    assert entry_at(index, "d").mode == 0o700


def test_case_11_what_a_lower_file_lost_to_is_the_last_repeat() -> None:
    """The upper layer leaves the same content behind, whatever it wrote before."""
    index = stack(layer(file("f", b"same")), layer(file("f", b"other"), file("f", b"same")))

    assert waste_of(index) == [
        ("f", Cause.OVERWRITTEN, 1, 1, 5),
        ("f", Cause.METADATA_ONLY, 0, 1, 4),
    ]


def test_case_11_a_layer_that_repeats_a_path_changed_it_once_by_its_last_entry() -> None:
    """What a layer did to a path is the difference of the merged filesystems around it."""
    index = stack(layer(file("f", b"same")), layer(file("f", b"same"), file("f", b"other")))

    assert [(row.path, row.change) for row in changes(index, 1)] == [("f", Change.MODIFIED)]
    assert events_of(index, "f")[-1] == (1, Change.MODIFIED)


def test_case_11_a_directory_that_comes_after_its_children_is_no_repeat() -> None:
    """Its implied form is not an entry of the archive."""
    index = stack(layer(file("d/f"), directory("d", mode=0o700)))

    assert entry_at(index, "d").mode == 0o700
    assert events_of(index, "d") == [(0, Change.ADDED)]
    assert remarks_of(index) == set()


def test_case_12_a_path_below_a_symlink_becomes_a_real_directory_again() -> None:
    """What went through the link stays inside the root; the last entries undo the link."""
    index = stack(
        layer(
            file("foo/tmp/f", b"1"),
            symlink("foo", "/"),
            file("foo/tmp/f", b"22"),
            directory("foo"),
            directory("foo/tmp"),
            file("foo/tmp/f", b"333"),
        )
    )

    assert visible_paths(index) == ["foo", "foo/tmp", "foo/tmp/f", "tmp", "tmp/f"]
    assert entry_at(index, "foo").kind is Kind.DIRECTORY
    assert entry_at(index, "foo/tmp/f").size_bytes == 3
    assert entry_at(index, "tmp/f").size_bytes == 2
    assert waste_of(index) == [("foo/tmp/f", Cause.OVERWRITTEN, 0, 0, 1)]


def test_case_13_spellings_of_one_path() -> None:
    """Each layer names the same file another way."""
    index = stack(
        archived(member("a/b", b"1")),
        archived(member("./a/b", b"22")),
        archived(member("/a/b", b"333")),
        archived(member("a//b", b"4444")),
        archived(member("a/./b", b"55555")),
        archived(member("./a/c/../b", b"666666")),
    )

    assert visible_paths(index) == ["a", "a/b"]
    assert entry_at(index, "a/b").size_bytes == 6
    assert len(waste_of(index)) == 5


def test_case_13_spellings_of_a_directory() -> None:
    index = stack(archived(member("x", kind=DIRECTORY)), archived(folder("./x/"), folder("/x/")))

    assert visible_paths(index) == ["x"]


def test_case_14_an_entry_that_escapes_is_held_inside_the_root() -> None:
    changeset = archived(member("../../victim", b"x"), member("a/../../b/../victim2", b"y"))

    index = stack(changeset)

    assert visible_paths(index) == ["victim", "victim2"]
    assert "escaping-name" in {remark.code for remark in changeset.diagnostics}


def test_case_15_only_a_root_entry() -> None:
    """It sets the root's attributes and makes no path."""
    dotted = stack(archived(folder("./")))
    absolute = stack(archived(member("/", kind=DIRECTORY)))

    assert visible_paths(dotted) == visible_paths(absolute) == []
    assert entry_at(dotted, "").mode == entry_at(absolute, "").mode == 0o755


def test_case_15_a_root_entry_keeps_what_lower_layers_put_below() -> None:
    index = stack(layer(file("f")), layer(directory("", mode=0o700, uid=3)))

    assert visible_paths(index) == ["f"]
    assert entry_at(index, "").uid == 3


def test_case_16_an_empty_layer_changes_nothing_and_counts() -> None:
    """No entries, 1024 zero bytes, or no bytes at all."""
    base = layer(file("f", b"x"))

    index = stack(base, layer(), changeset_of(bytes(1024)), changeset_of(b""))

    assert index.layer_count == 4
    assert visible_paths(index) == ["f"]
    assert waste_of(index) == []
    assert [list(changes(index, number)) for number in (1, 2, 3)] == [[], [], []]


def test_case_17_the_same_layer_twice() -> None:
    """Both are layers; the second one ships everything again."""
    twice = layer(directory("d"), file("d/f", b"bytes"), file("g", b"x"))

    index = stack(twice, twice)

    assert index.layer_count == 2
    assert visible_paths(index) == ["d", "d/f", "g"]
    assert waste_of(index) == [
        ("d/f", Cause.METADATA_ONLY, 0, 1, 5),
        ("g", Cause.METADATA_ONLY, 0, 1, 1),
    ]
    assert {row.change for row in changes(index, 1)} == {Change.METADATA_ONLY}


def test_case_18_a_directory_is_renamed() -> None:
    """A whiteout of the old name and a full copy under the new one."""
    index = stack(
        layer(directory("home/derek"), file("home/derek/.bashrc", b"alias")),
        layer(
            whiteout("home/derek"),
            directory("home/notderek"),
            file("home/notderek/.bashrc", b"alias"),
        ),
    )

    assert visible_paths(index) == ["home", "home/notderek", "home/notderek/.bashrc"]
    assert waste_of(index) == [("home/derek/.bashrc", Cause.DELETED, 0, 1, 5)]


def test_a_file_in_place_of_the_root_is_left_out_but_its_bytes_are_counted() -> None:
    """A tar can hold a file whose name is only dots and slashes."""
    nameless = layer(file("f", b"seen"), file("", b"nameless"))

    index = stack(nameless)

    wasted = sum(size_bytes for *_, size_bytes in waste_of(index))
    assert visible_paths(index) == ["f"]
    assert visible_bytes(index) + wasted == nameless.content_bytes
