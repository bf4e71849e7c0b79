"""LAYER_CASES, section 2: what a whiteout removes and what it leaves alone."""

from __future__ import annotations

from layerscope.model.waste import Cause
from layerscope.union.compare import Change
from layerscope.union.index import Hidden
from layerscope.union.views import changes, history
from tests.union.archived import archived, folder, member
from tests.union.dsl import (
    directory,
    entry_at,
    events_of,
    file,
    is_implied,
    layer,
    remarks_of,
    stack,
    symlink,
    visible_bytes,
    visible_paths,
    waste_of,
    whiteout,
)


def test_case_19_explicit_whiteout_of_a_file() -> None:
    """The file goes, its directory and the layer's own file stay."""
    index = stack(layer(file("a/b/foo", b"foo")), layer(whiteout("a/b/foo"), file("a/b/bar")))

    assert visible_paths(index) == ["a", "a/b", "a/b/bar"]
    assert waste_of(index) == [("a/b/foo", Cause.DELETED, 0, 1, 3)]
    assert events_of(index, "a/b/foo") == [(0, Change.ADDED), (1, Change.DELETED)]


def test_case_20_explicit_whiteout_of_a_directory() -> None:
    """Everything below goes with it."""
    index = stack(layer(file("a/b/foo", b"foo")), layer(whiteout("a/b"), file("a/bar")))

    assert visible_paths(index) == ["a", "a/bar"]
    assert waste_of(index) == [("a/b/foo", Cause.DELETED, 0, 1, 3)]
    assert [event.how for event in history(index, "a/b")] == [None, Hidden.WHITEOUT]
    assert [event.how for event in history(index, "a/b/foo")] == [None, Hidden.PARENT]


def test_case_21_one_marker_for_files_and_directories_alike() -> None:
    """A marker is a regular file whatever it removes."""
    index = stack(
        layer(file("file1"), directory("a"), file("a/file2"), directory("b"), file("c/file3")),
        archived(member(".wh.file1"), member("a/.wh.file2"), member(".wh.b"), member("file4")),
    )

    assert visible_paths(index) == ["a", "c", "c/file3", "file4"]


def test_case_22_a_marker_is_never_visible_but_is_a_deletion_of_its_layer() -> None:
    index = stack(layer(file("d/f")), archived(member("d/.wh.f")))

    assert visible_paths(index) == ["d"]
    assert [(row.path, row.change) for row in changes(index, 1)] == [("d/f", Change.DELETED)]


def test_case_23_whiteout_of_something_absent() -> None:
    """It does nothing, and makes no directories."""
    index = stack(layer(file("f")), layer(whiteout("absent"), whiteout("no/such/path")))

    assert visible_paths(index) == ["f"]
    assert list(changes(index, 1)) == []
    assert index.find("absent") is index.find("no") is None


def test_case_23_whiteout_in_the_base_layer() -> None:
    index = stack(layer(whiteout("f"), file("g")))

    assert visible_paths(index) == ["g"]


def test_case_24_whiteouts_never_hit_their_own_layer() -> None:
    """Wherever the marker stands in the archive."""
    index = stack(
        layer(file("fileC", b"c")),
        layer(
            whiteout("fileB"),
            file("fileA"),
            file("fileB"),
            whiteout("fileA"),
            whiteout("fileC"),
        ),
    )

    assert visible_paths(index) == ["fileA", "fileB"]
    assert waste_of(index) == [("fileC", Cause.DELETED, 0, 1, 1)]


def test_case_25_whiteout_of_a_directory_that_is_filled_again() -> None:
    """It acts like an opaque marker, first or last in the archive."""
    lower = layer(directory("dir2", mode=0o700), symlink("dir2/link", "x"), file("dir2/old", b"o"))
    new = [directory("dir2", mode=0o711), file("dir2/file")]

    first = stack(lower, layer(whiteout("dir2"), *new))
    last = stack(lower, layer(*new, whiteout("dir2")))

    for index in (first, last):
        assert visible_paths(index) == ["dir2", "dir2/file"]
        assert entry_at(index, "dir2").mode == 0o711
        assert waste_of(index) == [("dir2/old", Cause.DELETED, 0, 1, 1)]


def test_case_25_the_removed_directory_has_no_entry_of_its_own_any_more() -> None:
    """What the lower layer said of it is gone with it."""
    lower = layer(directory("dir2", mode=0o700), file("dir2/old"))

    first = stack(lower, layer(whiteout("dir2"), file("dir2/file")))
    last = stack(lower, layer(file("dir2/file"), whiteout("dir2")))

    for index in (first, last):
        assert visible_paths(index) == ["dir2", "dir2/file"]
        assert is_implied(index, "dir2")


def test_case_25_a_file_that_is_removed_and_added_at_once() -> None:
    """What it costs is told by what the layer put in its place."""
    lower = layer(file("same", b"123"), file("other", b"4567"), file("link", b"89"))

    index = stack(
        lower,
        layer(
            whiteout("same"),
            file("same", b"123"),
            file("other", b"new"),
            whiteout("other"),
            whiteout("link"),
            symlink("link", "other"),
        ),
    )

    assert waste_of(index) == [
        ("other", Cause.OVERWRITTEN, 0, 1, 4),
        ("same", Cause.METADATA_ONLY, 0, 1, 3),
        ("link", Cause.OVERWRITTEN, 0, 1, 2),
    ]
    assert events_of(index, "other") == [(0, Change.ADDED), (1, Change.MODIFIED)]


def test_case_26_add_delete_add_over_three_layers() -> None:
    """The third layer's content is there; history tells all of it."""
    index = stack(layer(file("f", b"first")), layer(whiteout("f")), layer(), layer(file("f", b"first")))

    assert visible_paths(index) == ["f"]
    assert visible_bytes(index) == 5
    assert waste_of(index) == [("f", Cause.DELETED, 0, 1, 5)]
    assert events_of(index, "f") == [
        (0, Change.ADDED),
        (1, Change.DELETED),
        (3, Change.ADDED),
    ]


def test_case_26_each_of_two_deletions_is_waste_of_its_own() -> None:
    add, delete = layer(file("f", b"four")), layer(whiteout("f"))

    index = stack(add, delete, add, delete)

    assert visible_paths(index) == []
    assert waste_of(index) == [
        ("f", Cause.DELETED, 0, 1, 4),
        ("f", Cause.DELETED, 2, 3, 4),
    ]


def test_case_29_only_the_exact_sibling_goes() -> None:
    """The same name in another directory stays."""
    index = stack(layer(file("x/file/a"), file("x/different/b")), layer(whiteout("x/different/a")))

    assert visible_paths(index) == ["x", "x/different", "x/different/b", "x/file", "x/file/a"]


def test_case_31_a_whiteout_of_the_parent_covers_the_children() -> None:
    metadata = "usr/lib/site-packages/a_package/METADATA"

    index = stack(layer(file(metadata, b"Name")), layer(whiteout("usr/lib/site-packages")))

    assert visible_paths(index) == ["usr", "usr/lib"]
    assert waste_of(index) == [(metadata, Cause.DELETED, 0, 1, 4)]


def test_case_32_whiteout_of_a_symlink() -> None:
    """The link goes, its target stays."""
    index = stack(
        layer(directory("etc"), file("etc/passwd"), symlink("localetc", "/etc")),
        layer(whiteout("localetc")),
    )

    assert visible_paths(index) == ["etc", "etc/passwd"]


def test_case_33_whiteout_below_a_symlinked_directory() -> None:
    """The link is followed inside the root."""
    index = stack(
        layer(
            directory("etc"),
            file("etc/passwd"),
            file("etc/whitedout", b"gone"),
            symlink("localetc", "/etc"),
        ),
        layer(whiteout("localetc/whitedout")),
    )

    assert visible_paths(index) == ["etc", "etc/passwd", "localetc"]
    assert waste_of(index) == [("etc/whitedout", Cause.DELETED, 0, 1, 4)]


def test_case_33_whiteout_below_a_dangling_link() -> None:
    """It does nothing, and the link's target is not made."""
    index = stack(layer(file("etc/passwd"), symlink("localetc", "/dne")), layer(whiteout("localetc/etc")))

    assert visible_paths(index) == ["etc", "etc/passwd", "localetc"]


def test_case_37_a_whiteout_below_a_whiteout_is_harmless() -> None:
    """In either order."""
    lower = layer(file("foo/bar", b"bar"), file("foo/baz", b"bz"))

    outer_first = stack(lower, layer(whiteout("foo"), whiteout("foo/bar")))
    inner_first = stack(lower, layer(whiteout("foo/bar"), whiteout("foo")))

    for index in (outer_first, inner_first):
        assert visible_paths(index) == []
        assert waste_of(index) == [
            ("foo/bar", Cause.DELETED, 0, 1, 3),
            ("foo/baz", Cause.DELETED, 0, 1, 2),
        ]
        assert remarks_of(index) == set()


BASE = (
    *(".baz", "bar/", "bar/bax", "bar/bay/", "baz", "foo/", "foo/.abc", "foo/.bcd/", "foo/.bcd/a"),
    *("foo/cde/", "foo/cde/def", "foo/cde/efg", "foo/fgh", "foobar"),
)
SECOND = (".bay", ".wh.baz", "foo/", "foo/.bce", "foo/.wh..wh..opq", "foo/cde/", "foo/cde/efg")
THIRD = (".bay", ".wh..baz", ".wh.foobar", "foo/", "foo/.abc", "foo/.wh.cde", "bar/")
FOURTH = (".abc", ".wh..wh..opq", "foobar")


def test_case_41_four_layers_of_markers() -> None:
    """The table that engines run as it is."""
    index = stack(
        *(
            archived(*(folder(name) if name.endswith("/") else member(name) for name in names))
            for names in (BASE, SECOND, THIRD, FOURTH)
        )
    )

    assert visible_paths(index, 0) == sorted(name.rstrip("/") for name in BASE)
    assert visible_paths(index, 1) == [
        *(".bay", ".baz", "bar", "bar/bax", "bar/bay"),
        *("foo", "foo/.bce", "foo/cde", "foo/cde/efg", "foobar"),
    ]
    assert visible_paths(index, 2) == [
        *(".bay", "bar", "bar/bax", "bar/bay", "foo", "foo/.abc", "foo/.bce"),
    ]
    assert visible_paths(index, 3) == [".abc", "foobar"]
