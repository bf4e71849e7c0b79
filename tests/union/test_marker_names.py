"""LAYER_CASES, sections 2 and 3: which names in an archive are markers, and of what."""

from __future__ import annotations

import pytest

from layerscope.model.entry import Kind
from layerscope.union.index import PathIndex
from tests.union.archived import (
    CHARACTER_DEVICE,
    DIRECTORY,
    LINK,
    SYMLINK,
    archived,
    codes_of,
    folder,
    member,
    scanned,
)
from tests.union.dsl import (
    entry_at,
    events_of,
    file,
    layer,
    names_of,
    stack,
    visible_bytes,
    visible_paths,
    waste_of,
)


def after(lower: tuple[str, ...], *names: str) -> PathIndex:
    """Stack a layer with files of these names on one with others."""
    return stack(layer(*map(file, lower)), archived(*map(member, names)))


def test_case_27_the_whiteout_of_a_hidden_file() -> None:
    """.wh..baz is about .baz, .wh.baz about baz."""
    assert visible_paths(after((".baz", "baz"), ".wh..baz")) == ["baz"]
    assert visible_paths(after((".baz", "baz"), ".wh.baz")) == [".baz"]


def test_case_28_a_name_that_begins_like_the_removed_one_stays() -> None:
    assert visible_paths(after(("foo", "foobar"), ".wh.foo")) == ["foobar"]


def test_case_28_a_directory_that_begins_like_the_opaque_one_stays() -> None:
    index = after(("site/a", "site-packages/b"), "site/.wh..wh..opq")

    assert visible_paths(index) == ["site", "site-packages", "site-packages/b"]


def test_case_30_names_that_only_look_like_markers() -> None:
    names = ("a.wh.b", ".whfoo", "file.wh.txt", "not.a.wh..wh..opq", "x/.whiteout")

    index = after(("b", "foo", "txt"), *names)

    assert visible_paths(index) == sorted(("b", "foo", "txt", "x", *names))


def test_case_30_a_directory_that_only_looks_like_a_marker() -> None:
    index = stack(archived(folder("file.wh.d/"), member("file.wh.d/f")))

    assert visible_paths(index) == ["file.wh.d", "file.wh.d/f"]


def test_case_30_a_marker_of_a_name_that_looks_like_one() -> None:
    index = after(("a/file.wh.txt", "a/txt"), "a/.wh.file.wh.txt")

    assert visible_paths(index) == ["a", "a/txt"]


def test_case_34_a_marker_whose_path_has_dot_dot() -> None:
    index = after(("etc/passwd", "usr/f"), "dne/../.wh.etc")

    assert visible_paths(index) == ["usr", "usr/f"]


@pytest.mark.parametrize("name", [".wh.", "./.wh.", "d/.wh.", "d/e/.wh."])
def test_case_35_a_bare_marker_is_reported_and_removes_nothing(name: str) -> None:
    """In particular not the directory that it stands in."""
    lower = ("d/e/f", "d/g", "h")

    index = after(lower, name, "d/e/new")

    assert {"d/e/f", "d/e/new", "d/g", "h"} <= set(visible_paths(index))
    assert codes_of(scanned(member(name))) == {"bad-whiteout"}


@pytest.mark.parametrize("name", [".wh..", ".wh...", "d/.wh..", "d/.wh...", "d/e/.wh..."])
def test_case_36_a_marker_of_dot_or_dot_dot_removes_nothing(name: str) -> None:
    """Neither the current directory nor its parent."""
    index = after(("d/e/f", "d/g", "h"), name)

    assert visible_paths(index) == ["d", "d/e", "d/e/f", "d/g", "h"]
    assert codes_of(scanned(member(name))) == {"bad-whiteout"}


def test_case_38_a_directory_named_like_a_marker_is_an_ordinary_path() -> None:
    """The specification forbids such names, so it is remarked upon."""
    index = after(("etc/passwd",), ".wh.etc/somefile")

    assert visible_paths(index) == [".wh.etc", ".wh.etc/somefile", "etc", "etc/passwd"]
    assert codes_of(scanned(member(".wh.etc/somefile"))) == {"marker-directory"}


def test_case_39_metadata_of_aufs_is_never_shown_and_removes_nothing() -> None:
    index = stack(
        layer(file("plnk"), file("aufs"), file(".wh.aufs"), file("f", b"f")),
        archived(
            folder(".wh..wh.plnk/"),
            member(".wh..wh.plnk/12.34", b"bytes"),
            folder(".wh..wh.orph/"),
            member(".wh..wh.aufs"),
        ),
    )

    assert visible_paths(index) == [".wh.aufs", "aufs", "f", "plnk"]
    assert visible_bytes(index) == 1
    assert [(path, size_bytes) for path, *_, size_bytes in waste_of(index)] == [(".wh..wh.plnk/12.34", 5)]


def test_case_39_a_marker_that_is_a_hard_link() -> None:
    """AUFS makes all its whiteouts names of one empty file."""
    index = stack(
        layer(file("d/gone"), file("d/e/old")),
        archived(
            member(".wh..wh.aufs"),
            member("d/.wh.gone", kind=LINK, target=".wh..wh.aufs"),
            member("d/e/.wh..wh..opq", kind=LINK, target=".wh..wh.aufs"),
        ),
    )

    assert visible_paths(index) == ["d", "d/e"]


def test_case_39_a_pseudo_link_gives_its_content_to_hard_links() -> None:
    """The names that it has are ordinary files of one group."""
    index = stack(
        archived(
            member("bin/a", kind=LINK, target=".wh..wh.plnk/12.34"),
            member(".wh..wh.plnk/12.34", b"bytes"),
            member("bin/b", kind=LINK, target=".wh..wh.plnk/12.34"),
        )
    )

    assert visible_paths(index) == ["bin", "bin/a", "bin/b"]
    assert names_of(index, "bin/a") == {"bin/a", "bin/b"}
    assert (entry_at(index, "bin/a").kind, entry_at(index, "bin/a").size_bytes) == (Kind.FILE, 5)
    assert visible_bytes(index) == 5
    assert waste_of(index) == []


def test_case_39_a_symlink_among_the_pseudo_links_is_not_shown_either() -> None:
    """AUFS keeps whatever has several names there, symlinks too."""
    index = stack(
        archived(
            member(".wh..wh.plnk/12.34", kind=SYMLINK, target="usr/bin/python3"),
            member("python", kind=LINK, target=".wh..wh.plnk/12.34"),
        )
    )

    assert visible_paths(index) == ["python"]
    assert entry_at(index, "python").link_target == "usr/bin/python3"


def test_case_40_what_overlayfs_uses_for_whiteouts_is_none_in_a_layer() -> None:
    """A device 0/0 is a device, an opaque xattr is an xattr."""
    xattr = {"SCHILY.xattr.trusted.overlay.opaque": "y"}

    index = stack(
        layer(file("d/f"), file("gone", b"here")),
        archived(member("d/", kind=DIRECTORY, pax=xattr), member("gone", kind=CHARACTER_DEVICE)),
    )

    assert visible_paths(index) == ["d", "d/f", "gone"]
    assert entry_at(index, "gone").kind is Kind.CHARACTER_DEVICE
    assert entry_at(index, "gone").link_target == "0:0"
    assert entry_at(index, "d").xattrs == {"trusted.overlay.opaque": b"y"}


@pytest.mark.parametrize("name", ["d", "d/", "./d/", "/d"])
def test_case_52_the_opaque_directory_with_and_without_a_slash(name: str) -> None:
    index = stack(layer(file("d/old")), archived(folder(name), member(f"{name.rstrip('/')}/.wh..wh..opq")))

    assert visible_paths(index) == ["d"]
    assert events_of(index, "d/old")[-1][0] == 1


@pytest.mark.parametrize("name", [".wh..wh..opq", "./.wh..wh..opq", "/.wh..wh..opq"])
def test_case_47_the_opaque_marker_of_the_root(name: str) -> None:
    assert visible_paths(after(("d/old", "f"), name, "new")) == ["new"]
