"""LAYER_CASES, section 3: directories that hide everything the lower layers put below them."""

from __future__ import annotations

from layerscope.model.entry import Entry, Kind
from layerscope.model.waste import Cause
from layerscope.union.compare import Change
from layerscope.union.index import Hidden, PathIndex
from layerscope.union.views import changes, history
from tests.union.dsl import (
    directory,
    entry_at,
    events_of,
    file,
    is_implied,
    layer,
    opaque,
    remarks_of,
    row_at,
    stack,
    symlink,
    visible_paths,
    waste_of,
    whiteout,
)


def test_case_42_an_opaque_directory() -> None:
    """Everything lower goes, the layer's own file stays."""
    index = stack(layer(file("a/b/foo", b"foo")), layer(directory("a"), opaque("a"), file("a/bar")))

    assert visible_paths(index) == ["a", "a/bar"]
    assert waste_of(index) == [("a/b/foo", Cause.DELETED, 0, 1, 3)]
    assert [event.how for event in history(index, "a/b")] == [None, Hidden.OPAQUE]


def test_case_43_an_opaque_directory_with_the_marker_last() -> None:
    """Where the marker stands means nothing."""
    index = stack(layer(file("a/b/foo", b"foo")), layer(directory("a"), file("a/bar"), opaque("a")))

    assert visible_paths(index) == ["a", "a/bar"]
    assert waste_of(index) == [("a/b/foo", Cause.DELETED, 0, 1, 3)]


def test_case_44_opaque_covers_all_depths() -> None:
    """Also below directories that the layer has itself."""
    lower = layer(directory("a"), directory("a/b"), directory("a/b/c"), file("a/b/c/bar", b"bar"))
    upper = [directory("a"), directory("a/b"), directory("a/b/c"), file("a/b/c/foo")]

    first = stack(lower, layer(upper[0], opaque("a"), *upper[1:]))
    last = stack(lower, layer(*upper, opaque("a")))

    for index in (first, last):
        assert visible_paths(index) == ["a", "a/b", "a/b/c", "a/b/c/foo"]
        assert waste_of(index) == [("a/b/c/bar", Cause.DELETED, 0, 1, 3)]


def test_case_45_opaque_equals_one_explicit_marker_for_each_child() -> None:
    """The image-spec's own example."""
    lower = layer(
        file("etc/my-app-config", b"conf"),
        directory("bin"),
        file("bin/my-app-binary", b"1"),
        file("bin/my-app-tools", b"22"),
        file("bin/tools/my-app-tool-one", b"333"),
    )

    marked = stack(lower, layer(directory("bin"), opaque("bin")))
    listed = stack(
        lower,
        layer(
            directory("bin"),
            whiteout("bin/my-app-binary"),
            whiteout("bin/my-app-tools"),
            whiteout("bin/tools"),
        ),
    )

    assert visible_paths(marked) == visible_paths(listed) == ["bin", "etc", "etc/my-app-config"]
    assert waste_of(marked) == waste_of(listed)
    assert len(waste_of(marked)) == 3


def test_case_46_own_additions_survive_without_their_directories() -> None:
    """The directories in between stay, as ones that no layer mentions."""
    lower = layer(directory("some/dir", mode=0o700), file("another/dir/x"))

    first = stack(lower, layer(opaque(""), file("some/dir/somewhere")))
    last = stack(lower, layer(file("some/dir/somewhere"), opaque("")))

    for index in (first, last):
        assert visible_paths(index) == ["some", "some/dir", "some/dir/somewhere"]
        assert is_implied(index, "some/dir")


def test_case_46_several_levels_below_the_marker() -> None:
    lower = layer(directory("a"), directory("a/b", mode=0o700), file("a/b/c/d/old"), file("a/f"))

    index = stack(lower, layer(file("a/b/c/d/new"), opaque("a/b")))

    assert visible_paths(index) == ["a", "a/b", "a/b/c", "a/b/c/d", "a/b/c/d/new", "a/f"]
    assert entry_at(index, "a/b").mode == 0o700


def test_case_47_opaque_at_the_root() -> None:
    """Everything lower is hidden; the root is not."""
    index = stack(
        layer(directory("", mode=0o711), file("f", b"f"), file("d/g", b"gg")),
        layer(opaque(""), file("new")),
    )

    assert visible_paths(index) == ["new"]
    assert entry_at(index, "").mode == 0o711
    assert {path for path, *_ in waste_of(index)} == {"f", "d/g"}


def test_case_48_opaque_on_a_directory_that_no_layer_has() -> None:
    """It makes the directory and hides nothing."""
    index = stack(layer(file("f")), layer(opaque("new/dir")))

    assert visible_paths(index) == ["f", "new", "new/dir"]
    assert is_implied(index, "new/dir")
    assert [(row.path, row.change) for row in changes(index, 1)] == [
        ("new", Change.ADDED),
        ("new/dir", Change.ADDED),
    ]


def test_case_48_opaque_on_what_is_no_directory_below() -> None:
    """The lower file is replaced by a directory."""
    index = stack(layer(file("d", b"file")), layer(opaque("d"), file("d/f")))

    assert visible_paths(index) == ["d", "d/f"]
    assert waste_of(index) == [("d", Cause.OVERWRITTEN, 0, 1, 4)]


def test_case_49_the_opaque_directory_stays() -> None:
    """Its attributes are the lower layer's, unless it has an entry of its own."""
    lower = layer(directory("a", mode=0o700), file("a/f"))

    bare = stack(lower, layer(opaque("a")))
    own = stack(lower, layer(opaque("a"), directory("a", mode=0o711)))

    assert visible_paths(bare) == visible_paths(own) == ["a"]
    assert entry_at(bare, "a").mode == 0o700
    assert entry_at(own, "a").mode == 0o711
    assert events_of(bare, "a") == [(0, Change.ADDED)]


def test_case_49_an_opaque_directory_that_is_removed_too_stays_without_its_entry() -> None:
    """In either order of the two markers."""
    lower = layer(directory("a", mode=0o700), file("a/f"))

    removed_first = stack(lower, layer(whiteout("a"), opaque("a")))
    marked_first = stack(lower, layer(opaque("a"), whiteout("a")))

    for index in (removed_first, marked_first):
        assert visible_paths(index) == ["a"]
        assert is_implied(index, "a")


def test_case_50_a_directory_is_removed_and_made_in_one_step() -> None:
    """An overlay writes an opaque directory, others whiteouts: the merged tree is one."""
    lower = layer(directory("d"), file("d/a", b"a"), directory("d/e"), file("d/e/b", b"b"))
    made = directory("d", mode=0o755, mtime=5)

    overlay = stack(lower, layer(made, opaque("d")))
    explicit = stack(lower, layer(made, whiteout("d/a"), whiteout("d/e")))
    whole = stack(lower, layer(whiteout("d"), made))

    for index in (overlay, explicit, whole):
        assert visible_paths(index) == ["d"]
        assert entry_at(index, "d") == made
        assert waste_of(index) == waste_of(overlay)


def test_case_51_opaque_in_a_middle_layer() -> None:
    index = stack(layer(file("d/a", b"a")), layer(opaque("d"), file("d/b")), layer(file("d/c", b"c")))

    assert visible_paths(index) == ["d", "d/b", "d/c"]
    assert visible_paths(index, 0) == ["d", "d/a"]
    assert waste_of(index) == [("d/a", Cause.DELETED, 0, 1, 1)]
    assert events_of(index, "d/a") == [(0, Change.ADDED), (1, Change.DELETED)]


def test_case_53_opaque_and_explicit_markers_of_one_directory() -> None:
    """Together they remove no more than one of them."""
    lower = layer(file("d/a", b"a"), file("d/e/b", b"bb"))
    markers: tuple[Entry, ...] = (opaque("d"), whiteout("d/a"), whiteout("d/e"), opaque("d"))

    forwards = stack(lower, layer(*markers, file("d/new")))
    backwards = stack(lower, layer(file("d/new"), *reversed(markers)))

    for index in (forwards, backwards):
        assert visible_paths(index) == ["d", "d/new"]
        assert waste_of(index) == [
            ("d/e/b", Cause.DELETED, 0, 1, 2),
            ("d/a", Cause.DELETED, 0, 1, 1),
        ]
        assert remarks_of(index) == set()


def test_nested_opaque_directories_in_either_order() -> None:
    """The inner one stays for its marker, without what the lower layer said of it."""
    lower = layer(directory("a/b", mode=0o700), file("a/b/f", b"f"), file("a/g", b"gg"))

    outer_first = stack(lower, layer(opaque("a"), opaque("a/b")))
    inner_first = stack(lower, layer(opaque("a/b"), opaque("a")))

    for index in (outer_first, inner_first):
        assert visible_paths(index) == ["a", "a/b"]
        assert is_implied(index, "a/b")
        assert [path for path, *_ in waste_of(index)] == ["a/g", "a/b/f"]


def test_an_opaque_marker_below_a_symlink_is_for_the_directory_it_leads_to() -> None:
    """The link itself stays."""
    index = stack(layer(file("etc/conf", b"conf"), symlink("localetc", "etc")), layer(opaque("localetc")))

    assert visible_paths(index) == ["etc", "localetc"]
    assert entry_at(index, "localetc").kind is Kind.SYMLINK


def test_what_is_added_again_after_an_opaque_marker_is_told_by_its_entry() -> None:
    """A copy-up, an overwrite and a deletion below one marker."""
    lower = layer(file("d/same", b"123"), file("d/other", b"45"), file("d/gone", b"6"))

    index = stack(lower, layer(opaque("d"), file("d/same", b"123"), file("d/other", b"new")))

    assert waste_of(index) == [
        ("d/same", Cause.METADATA_ONLY, 0, 1, 3),
        ("d/other", Cause.OVERWRITTEN, 0, 1, 2),
        ("d/gone", Cause.DELETED, 0, 1, 1),
    ]
    assert changed(index, 1) == {
        "d/same": Change.METADATA_ONLY,
        "d/other": Change.MODIFIED,
        "d/gone": Change.DELETED,
    }
    assert row_at(index, "d/same").layer == 1


def changed(index: PathIndex, number: int) -> dict[str, Change]:
    """Map what a layer touched to what it did."""
    return {row.path: row.change for row in changes(index, number)}
