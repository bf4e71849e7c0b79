"""LAYER_CASES, section 4: names that share an inode, within a layer and across layers."""

from __future__ import annotations

import pytest

from layerscope.model.entry import Entry, Kind
from layerscope.model.waste import Cause
from layerscope.union.compare import Change
from tests.union.archived import FILE, LINK, SYMLINK, archive, archived, changeset_of, member
from tests.union.dsl import (
    directory,
    entry_at,
    events_of,
    fifo,
    file,
    hardlink,
    layer,
    names_of,
    opaque,
    remarks_of,
    row_at,
    stack,
    symlink,
    visible_bytes,
    visible_paths,
    waste_of,
    whiteout,
)

PAIR = layer(file("foo", b"content", xattrs={"user.a": b"1"}), hardlink("bar", "foo"))


def test_case_54_two_names_in_one_layer() -> None:
    """Same content, bytes counted once."""
    index = stack(layer(file("a/b/foo", b"content"), hardlink("a/b/bar", "a/b/foo")))

    assert visible_paths(index) == ["a", "a/b", "a/b/bar", "a/b/foo"]
    assert names_of(index, "a/b/bar") == {"a/b/foo", "a/b/bar"}
    assert row_at(index, "a/b/bar").link_of == "a/b/foo"
    assert row_at(index, "a/b/foo").link_of is None
    assert entry_at(index, "a/b/bar") is entry_at(index, "a/b/foo")
    assert visible_bytes(index) == 7
    assert waste_of(index) == []


def test_case_55_a_link_to_a_file_of_a_lower_layer() -> None:
    """It is resolved in the merged tree below."""
    index = stack(layer(file("foo", b"content")), layer(hardlink("bar", "foo")))

    assert names_of(index, "bar") == {"foo", "bar"}
    assert entry_at(index, "bar").size_bytes == 7
    assert visible_bytes(index) == 7
    assert visible_paths(index, 0) == ["foo"]
    assert (row_at(index, "bar").layer, row_at(index, "foo").layer) == (1, 0)
    assert row_at(index, "foo", as_of=0).link_of is None
    assert events_of(index, "bar") == [(1, Change.ADDED)]


def test_case_55_the_lower_file_is_removed_by_the_same_layer() -> None:
    """A rename through a hard link: the target is what stood there before the layer."""
    lower = layer(file("foo", b"content"))

    removed_first = stack(lower, layer(whiteout("foo"), hardlink("bar", "foo")))
    linked_first = stack(lower, layer(hardlink("bar", "foo"), whiteout("foo")))

    for index in (removed_first, linked_first):
        assert visible_paths(index) == ["bar"]
        assert entry_at(index, "bar").size_bytes == 7
        assert visible_bytes(index) == 7
        assert waste_of(index) == []


def test_case_55_a_renamed_file_is_wasted_when_its_new_name_goes() -> None:
    """The bytes lie where they were shipped, under the old name."""
    index = stack(
        layer(file("foo", b"content")),
        layer(whiteout("foo"), hardlink("bar", "foo")),
        layer(whiteout("bar")),
    )

    assert visible_bytes(index) == 0
    assert waste_of(index) == [("foo", Cause.DELETED, 0, 2, 7)]


def test_case_55_the_directory_of_the_lower_file_is_removed_by_the_same_layer() -> None:
    """However the file went: by a whiteout above it, an opaque marker or a file over it."""
    lower = layer(file("d/e/foo", b"content"))
    link = hardlink("bar", "d/e/foo")

    for gone in (whiteout("d"), whiteout("d/e"), opaque("d"), opaque(""), file("d"), fifo("d/e")):
        for entries in ((gone, link), (link, gone)):
            index = stack(lower, layer(*entries))

            assert entry_at(index, "bar").size_bytes == 7, gone
            assert waste_of(index) == []


def test_case_55_the_own_layer_comes_before_the_lower_tree() -> None:
    """Also if the target stands later in the archive."""
    lower = layer(file("foo", b"old"))

    target_first = stack(lower, layer(file("foo", b"newer"), hardlink("bar", "foo")))
    link_first = stack(lower, layer(hardlink("bar", "foo"), file("foo", b"newer")))

    for index in (target_first, link_first):
        assert names_of(index, "bar") == {"foo", "bar"}
        assert entry_at(index, "bar").size_bytes == 5
        assert waste_of(index) == [("foo", Cause.OVERWRITTEN, 0, 1, 3)]


def test_case_55_links_to_links_in_any_order() -> None:
    """All are names of the one file."""
    links = [hardlink("a", "b"), hardlink("b", "c"), hardlink("c", "foo")]

    forwards = stack(layer(file("foo", b"content")), layer(*links))
    backwards = stack(layer(file("foo", b"content")), layer(*reversed(links)))
    together = stack(layer(*links, file("foo", b"content")))

    for index in (forwards, backwards, together):
        assert names_of(index, "foo") == {"a", "b", "c", "foo"}
        assert visible_bytes(index) == 7


def test_case_56_the_name_with_the_content_is_removed() -> None:
    """The other one keeps content and xattr; no bytes are wasted yet."""
    index = stack(PAIR, layer(whiteout("foo")))

    assert visible_paths(index) == ["bar"]
    assert entry_at(index, "bar").xattrs == {"user.a": b"1"}
    assert row_at(index, "bar").link_of is None
    assert visible_bytes(index) == 7
    assert waste_of(index) == []


def test_case_57_the_other_name_is_removed() -> None:
    index = stack(PAIR, layer(whiteout("bar")))

    assert visible_paths(index) == ["foo"]
    assert entry_at(index, "foo").size_bytes == 7
    assert waste_of(index) == []


def test_case_58_a_third_name_comes_as_the_first_one_goes() -> None:
    index = stack(PAIR, layer(hardlink("baz", "bar"), whiteout("foo")))

    assert visible_paths(index) == ["bar", "baz"]
    assert names_of(index, "bar") == {"bar", "baz"}
    assert (row_at(index, "bar").link_of, row_at(index, "baz").link_of) == (None, "bar")
    assert visible_bytes(index) == 7


def test_case_59_the_name_that_a_link_was_made_of_goes() -> None:
    """The others still share the content."""
    index = stack(PAIR, layer(hardlink("baz", "bar")), layer(whiteout("bar")))

    assert names_of(index, "baz") == {"foo", "baz"}
    assert visible_bytes(index) == 7
    assert waste_of(index) == []


def test_case_60_one_name_is_written_anew() -> None:
    """The link is broken; the other name keeps the old content."""
    index = stack(PAIR, layer(file("foo", b"rewritten")))

    assert entry_at(index, "foo").size_bytes == 9
    assert entry_at(index, "bar").size_bytes == 7
    assert names_of(index, "bar") == {"bar"}
    assert visible_bytes(index) == 16
    assert waste_of(index) == []


def test_case_60_the_bytes_are_wasted_when_the_last_name_goes() -> None:
    """The record stands on the path of the regular entry."""
    index = stack(PAIR, layer(file("foo", b"rewritten")), layer(whiteout("bar")))

    assert waste_of(index) == [("foo", Cause.DELETED, 0, 2, 7)]


def test_case_60_both_names_are_copied_up() -> None:
    """A chown of a hard link pair, as overlay stores it."""
    index = stack(PAIR, layer(file("foo", b"content", uid=5), hardlink("bar", "foo")))

    assert names_of(index, "bar") == {"foo", "bar"}
    assert waste_of(index) == [("foo", Cause.METADATA_ONLY, 0, 1, 7)]
    assert events_of(index, "bar") == [(0, Change.ADDED), (1, Change.METADATA_ONLY)]


@pytest.mark.parametrize(
    ("entries", "cause"),
    [
        ((whiteout("foo"), whiteout("bar")), Cause.DELETED),
        ((whiteout("foo"), file("bar", b"other")), Cause.OVERWRITTEN),
        ((file("foo", b"other"), whiteout("bar")), Cause.OVERWRITTEN),
        ((whiteout("foo"), file("bar", b"content")), Cause.METADATA_ONLY),
        ((file("foo", b"other"), file("bar", b"content")), Cause.METADATA_ONLY),
    ],
)
def test_case_60_the_cause_of_a_group_is_the_one_that_tells_most(
    entries: tuple[Entry, ...], cause: Cause
) -> None:
    """When several names go with one layer: a copy-up, an overwrite, a deletion."""
    index = stack(PAIR, layer(*entries))

    assert waste_of(index) == [("foo", cause, 0, 1, 7)]


def test_case_61_a_hard_link_to_a_symlink_links_the_link() -> None:
    """Same text; what it leads to is not followed, and may come later."""
    index = stack(
        layer(
            directory("etc"),
            symlink("localpasswd", "/etc/passwd"),
            hardlink("localpasswd-dup", "localpasswd"),
            file("etc/passwd", b"after"),
        )
    )

    assert entry_at(index, "localpasswd-dup").kind is Kind.SYMLINK
    assert entry_at(index, "localpasswd-dup").link_target == "/etc/passwd"


def test_case_61_the_target_comes_later_in_the_tar() -> None:
    index = stack(layer(hardlink("dup", "link"), symlink("link", "to"), hardlink("p", "dup")))

    assert [entry_at(index, path).link_target for path in ("dup", "link", "p")] == ["to"] * 3


def test_case_61_what_lies_below_a_hard_link_to_a_symlink() -> None:
    """It is a symlink like the first."""
    index = stack(layer(directory("real"), symlink("link", "real"), hardlink("dup", "link"), file("dup/f")))

    assert visible_paths(index) == ["dup", "link", "real", "real/f"]


def test_case_62_attributes_in_the_header_of_a_link_mean_nothing() -> None:
    """The inode's are used."""
    index = stack(
        layer(
            file("foo", b"x", mode=0o640, uid=1, mtime=2),
            hardlink("bar", "foo", mode=0o777, uid=9, mtime=9),
        )
    )

    assert entry_at(index, "bar") == file("foo", b"x", mode=0o640, uid=1, mtime=2)
    assert entry_at(index, "foo").mode == 0o640


@pytest.mark.parametrize("target", ["/d/x", "./d/x", "../../d/x", "d//x", "d/./x", "e/../d/x"])
def test_case_63_link_names_resolve_inside_the_root(target: str) -> None:
    index = stack(archived(member("d/x", b"content"), member("e/h", kind=LINK, target=target)))

    assert names_of(index, "e/h") == {"d/x", "e/h"}


@pytest.mark.parametrize(
    "text",
    ["../../etc", "../downandout/../../etc", "/etc", "../../../../../../../etc", "upandout/../../../../etc"],
)
def test_case_64_link_names_resolve_through_symlinked_directories(text: str) -> None:
    index = stack(
        archived(
            member("etc/passwd", b"inside"),
            member("downandout/x"),
            member("breakouts/d1", kind=SYMLINK, target=text),
            member("breakouts/mypasswd", kind=LINK, target="/breakouts/d1/passwd"),
        )
    )

    assert names_of(index, "etc/passwd") == {"breakouts/mypasswd", "etc/passwd"}


def test_case_64_the_symlink_is_changed_after_the_link_through_it() -> None:
    """The target is not the layer's own, so the tree below tells."""
    index = stack(
        layer(file("a/f", b"from a"), file("b/f", b"b"), symlink("s", "a")),
        layer(hardlink("h", "s/f"), symlink("s", "b")),
    )

    assert names_of(index, "h") == {"a/f", "h"}


def test_case_64_a_link_stands_where_its_parent_led_when_it_came() -> None:
    """Though its target is only found when the layer has ended."""
    index = stack(
        layer(file("f", b"f"), directory("a"), directory("b"), symlink("s", "a")),
        layer(hardlink("s/h", "f"), symlink("s", "b")),
    )

    assert visible_paths(index) == ["a", "a/h", "b", "f", "s"]


@pytest.mark.parametrize("target", ["nothing", "no/such/path", "", "d", "../victim"])
def test_case_65_a_link_to_nothing_is_kept_and_reported(target: str) -> None:
    """Also one to a directory: its size is 0."""
    index = stack(layer(directory("d"), hardlink("h", target), file("f", b"f")))

    assert visible_paths(index) == ["d", "f", "h"]
    assert (entry_at(index, "h").kind, entry_at(index, "h").size_bytes) == (Kind.HARDLINK, 0)
    assert "dangling-hardlink" in remarks_of(index)
    assert visible_bytes(index) == 1


def test_case_65_a_link_to_a_link_to_nothing_is_one_too() -> None:
    index = stack(layer(hardlink("b", "a"), hardlink("a", "nothing")))

    assert [entry_at(index, path).path for path in ("a", "b")] == ["a", "b"]


def test_case_65_links_that_name_each_other() -> None:
    """A circle has no file in it: nothing to crash on, nothing to count."""
    index = stack(layer(hardlink("a", "b"), hardlink("b", "a"), hardlink("c", "c"), file("f", b"f")))

    assert visible_paths(index) == ["a", "b", "c", "f"]
    assert visible_bytes(index) == 1


def test_case_65_a_link_to_itself_is_a_link_to_the_lower_file() -> None:
    index = stack(layer(file("f", b"content")), layer(hardlink("f", "f")))

    assert visible_paths(index) == ["f"]
    assert entry_at(index, "f").size_bytes == 7
    assert waste_of(index) == []


def test_case_65_a_link_in_place_of_the_root_keeps_no_file_visible() -> None:
    """The bytes that it named are wasted when their only name goes."""
    index = stack(layer(file("f", b"content"), hardlink("", "f")), layer(whiteout("f")))

    assert visible_paths(index) == []
    assert waste_of(index) == [("f", Cause.DELETED, 0, 1, 7)]


def test_case_66_a_file_over_one_name_leaves_the_other() -> None:
    """A directory comes in place of the symlink that led to it."""
    index = stack(
        layer(
            file("etc/passwd", b"inside"),
            symlink("localetc", "etc"),
            hardlink("localetc/localpasswd", "etc/passwd"),
        ),
        layer(directory("localetc"), file("localetc/localpasswd", b"different")),
    )

    assert visible_paths(index) == [
        *("etc", "etc/localpasswd", "etc/passwd", "localetc", "localetc/localpasswd"),
    ]
    assert entry_at(index, "localetc/localpasswd").size_bytes == 9
    assert entry_at(index, "etc/passwd").size_bytes == 6


def test_case_66_a_later_entry_in_place_of_a_link_wins() -> None:
    """Whether its target was of the layer or below it."""
    lower = layer(file("foo", b"content"))

    for target in (hardlink("h", "foo"), hardlink("h", "own")):
        as_file = stack(lower, layer(file("own", b"own"), target, file("h", b"!")))
        as_directory = stack(lower, layer(file("own", b"own"), target, file("h/f", b"!")))
        buried = stack(lower, layer(file("own", b"own"), hardlink("d/h", "foo"), file("d", b"!")))

        assert entry_at(as_file, "h").size_bytes == 1
        assert visible_paths(as_directory) == ["foo", "h", "h/f", "own"]
        assert visible_paths(buried) == ["d", "foo", "own"]


@pytest.mark.parametrize("stated", [0, 7, 4096])
def test_case_67_a_link_with_a_size_and_no_data(stated: int) -> None:
    """The next header follows at once."""
    data = bytearray(
        archive(member("foo", b"content"), member("bar", kind=LINK, target="foo"), member("after"))
    )
    header = bytearray(data[1024:1536])
    header[124:136] = f"{stated:011o}\0".encode()
    header[148:156] = b" " * 8
    header[148:156] = f"{sum(header):06o}\0 ".encode()
    data[1024:1536] = header

    index = stack(changeset_of(bytes(data)))

    assert visible_paths(index) == ["after", "bar", "foo"]
    assert names_of(index, "bar") == {"bar", "foo"}
    assert visible_bytes(index) == 7


def test_case_67_a_link_with_a_size_and_its_data() -> None:
    """Some old writers stored the file again with each name."""
    index = stack(
        archived(
            member("foo", b"content", kind=FILE),
            member("bar", b"content", kind=LINK, target="foo"),
            member("after"),
        )
    )

    assert visible_paths(index) == ["after", "bar", "foo"]
    assert names_of(index, "bar") == {"bar", "foo"}
