"""Single cases of joining and dropping, by the names and bytes that the written layers hold."""

from __future__ import annotations

import io
import tarfile

import pytest

from layerscope.errors import ImageError, UsageError
from layerscope.optimize.steps import Group, Range, Steps, groups_of, parse_range
from layerscope.union.views import merged
from tests.optimize.stacks import Optimized, tar_of
from tests.union.archived import DIRECTORY, LINK, SYMLINK, archive, folder, member
from tests.union.dsl import directory, file, hardlink, opaque, symlink, visible_paths, whiteout

PRUNE, SQUASH, FLATTEN = Steps(prune=True), Steps(squash_own=True), Steps(flatten=True)


def names_in(tar: bytes) -> list[str]:
    """The names in a layer, in their order, as Python's tarfile has them."""
    with tarfile.open(fileobj=io.BytesIO(tar)) as opened:
        return opened.getnames()


def test_what_later_layers_hide_goes_and_the_layers_stay_apart() -> None:
    result = Optimized(
        [
            tar_of([file("base")]),
            tar_of([file("kept", b"x"), file("deleted", b"four")]),
            tar_of([whiteout("deleted"), whiteout("base"), file("more", b"y")]),
        ],
        PRUNE,
        own=1,
    )

    assert [names_in(tar) for tar in result.tars[1:]] == [["kept"], [".wh.base", "more"]]
    assert result.saved_bytes == 4


def test_the_base_stays_byte_for_byte_as_it_is() -> None:
    base = tar_of([file("a", b"x"), file("b", b"four")])

    result = Optimized([base, tar_of([whiteout("a")]), tar_of([whiteout("b")])], SQUASH, own=1)

    assert result.tars[0] == base
    assert names_in(result.tars[1]) == [".wh.a", ".wh.b"]


def test_the_base_is_pruned_only_where_that_is_asked_for() -> None:
    tars = [tar_of([file("a", b"four"), file("b")]), tar_of([whiteout("a")])]

    apart = Optimized(tars, PRUNE, own=1)
    together = Optimized(tars, Steps(prune=True, include_base=True), own=1)

    assert apart.tars == tars
    assert [names_in(tar) for tar in together.tars] == [["b"], []]


def test_a_layer_that_would_lose_no_bytes_is_not_touched() -> None:
    tars = [
        tar_of([file("a", b"four"), directory("d")]),
        tar_of([directory("d", mode=0o700), file("d/x", b"x")]),
        tar_of([whiteout("a"), directory("d", mode=0o755)]),
    ]

    result = Optimized(tars, PRUNE)

    assert result.tars[1] == tars[1]


def test_flattening_leaves_no_whiteouts() -> None:
    result = Optimized(
        [tar_of([file("d/a"), file("d/b")]), tar_of([opaque("d"), file("d/c")]), tar_of([whiteout("d/c")])],
        FLATTEN,
    )

    assert names_in(result.tars[0]) == ["d"]


def test_a_directory_that_was_a_file_in_between_is_emptied_first() -> None:
    result = Optimized(
        [tar_of([file("d/old", b"x")]), tar_of([file("d")]), tar_of([directory("d"), file("d/new", b"y")])],
        SQUASH,
        own=1,
    )

    assert names_in(result.tars[1]) == ["d/.wh..wh..opq", "d", "d/new"]
    assert visible_paths(result.index) == ["d", "d/new"]


def test_a_link_whose_file_is_dropped_becomes_the_file() -> None:
    result = Optimized(
        [
            tar_of([file("a", b"four")]),
            tar_of([hardlink("b", "a"), hardlink("c", "a")]),
            tar_of([whiteout("a")]),
        ],
        FLATTEN,
    )

    assert names_in(result.tars[0]) == ["b", "c"]
    with tarfile.open(fileobj=io.BytesIO(result.tars[0])) as tar:
        first, second = tar.getmembers()
        assert first.isreg()
        assert (second.islnk(), second.linkname) == (True, "b")
        content = tar.extractfile(first)
        assert content is not None
        assert content.read() == b"four"


def test_a_link_to_a_layer_below_stays_one() -> None:
    result = Optimized(
        [tar_of([file("a", b"four")]), tar_of([hardlink("b", "a")]), tar_of([file("c")])], SQUASH, own=1
    )

    with tarfile.open(fileobj=io.BytesIO(result.tars[1])) as tar:
        assert tar.getmember("b").linkname == "a"


def test_a_link_to_a_layer_below_becomes_a_file_where_its_name_there_goes() -> None:
    """Engines that take whiteouts first would find nothing to link to."""
    result = Optimized(
        [tar_of([file("a", b"four")]), tar_of([hardlink("b", "a")]), tar_of([whiteout("a")])], SQUASH, own=1
    )

    with tarfile.open(fileobj=io.BytesIO(result.tars[1])) as tar:
        assert [(one.name, one.isreg(), one.size) for one in tar] == [(".wh.a", True, 0), ("b", True, 4)]


def test_what_was_written_through_a_symlink_gets_the_name_that_it_has() -> None:
    result = Optimized(
        [
            tar_of([directory("real"), symlink("via", "real")]),
            tar_of([file("via/x", b"x")]),
            tar_of([whiteout("via")]),
        ],
        SQUASH,
        own=1,
    )

    assert names_in(result.tars[1]) == [".wh.via", "real/x"]


def test_members_are_copied_with_all_their_headers() -> None:
    """Records that nobody knows, an odd spelling and fractions of a second stay as they stand."""
    pax = {"mtime": "1600000000.123456789", "SCHILY.xattr.user.a": "b", "VENDOR.what": "ever"}
    odd = archive(member("./d/../x", b"four", pax=pax))

    result = Optimized([odd, archive(member("gone", b"y")), archive(member(".wh.gone"))], FLATTEN)

    assert result.tars[0][: 512 * 4] == odd[: 512 * 4]
    assert names_in(result.tars[0]) == ["./d/../x"]


@pytest.mark.parametrize("name", ["n" * 90, "d/" * 60 + "x", "é", "latin-\udce9", "l" * 300])
def test_a_member_that_gets_another_name_keeps_the_rest(name: str) -> None:
    pax = {"SCHILY.xattr.user.a": "b", "uname": "somebody", "path": "first"}
    with_records = archive(member("first", b"four", pax=pax), member("keep"))
    link = archive(member(name, kind=LINK, target="first"))

    result = Optimized([with_records, link, archive(member(".wh.first"))], FLATTEN)

    found = {row.path: row.entry for row in merged(result.index)}[name]
    assert found is not None
    assert (found.xattrs, found.stored_bytes) == ({"user.a": b"b"}, 4)
    with tarfile.open(fileobj=io.BytesIO(result.tars[0]), errors="surrogateescape") as tar:
        [renamed] = [one for one in tar if one.isreg() and one.size]
        assert (renamed.name, renamed.uname) == (name, "somebody")


def test_records_for_all_members_of_one_layer_do_not_reach_another() -> None:
    shared = io.BytesIO()
    with tarfile.open(
        fileobj=shared, mode="w", format=tarfile.PAX_FORMAT, pax_headers={"SCHILY.xattr.user.a": "b"}
    ) as tar:
        tar.addfile(*_with_content("a"))
    result = Optimized([shared.getvalue(), archive(member("b", b"y"))], FLATTEN)

    xattrs = {row.path: row.entry.xattrs for row in merged(result.index) if row.entry is not None}
    assert xattrs == {"a": {"user.a": b"b"}, "b": None}


def _with_content(name: str) -> tuple[tarfile.TarInfo, io.BytesIO]:
    info, content = member(name, b"x")
    return info, io.BytesIO(content)


def test_a_sparse_file_keeps_its_holes_under_another_name() -> None:
    """Format 0.1 of GNU's, its map in the records."""
    pax = {"GNU.sparse.map": "1000,4", "GNU.sparse.size": "5000", "GNU.sparse.name": "first"}
    sparse = archive(member("GNUSparseFile.0/first", b"data", pax=pax))
    link = archive(member("second", kind=LINK, target="first"))

    result = Optimized([sparse, link, archive(member(".wh.first"))], FLATTEN)

    found = {row.path: row.entry for row in merged(result.index)}["second"]
    assert found is not None
    assert (found.size_bytes, found.stored_bytes) == (5000, 4)


def test_a_layer_with_a_link_to_nothing_is_refused() -> None:
    with pytest.raises(ImageError, match="names nothing"):
        Optimized([archive(member("a", kind=LINK, target="missing")), archive(folder("d/"))], FLATTEN)


def test_a_directory_in_place_of_a_symlink_is_not_followed() -> None:
    result = Optimized(
        [
            archive(folder("real/"), member("l", kind=SYMLINK, target="real")),
            archive(member("l", kind=DIRECTORY), member("l/x", b"x")),
            archive(member("l", kind=DIRECTORY)),
        ],
        SQUASH,
        own=1,
    )

    assert names_in(result.tars[1])[0] == ".wh.l"
    assert visible_paths(result.index) == ["l", "l/x", "real"]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (Steps(squash_own=True), [(0, 0, True), (1, 1, True), (2, 4, False)]),
        (Steps(flatten=True), [(0, 4, False)]),
        (Steps(squash=(Range(3, 4), Range(0, 1))), [(0, 1, False), (2, 2, True), (3, 4, False)]),
        (Steps(prune=True), [(0, 0, True), (1, 1, True), *((n, n, False) for n in (2, 3, 4))]),
    ],
    ids=str,
)
def test_layers_are_grouped_as_asked(steps: Steps, expected: list[tuple[int, int, bool]]) -> None:
    groups = groups_of(steps, layers=5, own=2)

    assert groups == [Group(first=first, last=last, copied=copied) for first, last, copied in expected]


@pytest.mark.parametrize(
    "steps",
    [
        Steps(squash=(Range(3, 5),)),
        Steps(squash=(Range(0, 2), Range(2, 3))),
        Steps(squash=(Range(0, 1),), squash_own=True),
        Steps(squash=(Range(0, 1),), prune=True),
    ],
    ids=str,
)
def test_ranges_that_cannot_be_are_refused(steps: Steps) -> None:
    with pytest.raises(UsageError):
        groups_of(steps, layers=5, own=2)


@pytest.mark.parametrize("text", ["", "3", "3..", "..4", "4..3", "-1..3", "a..b", "3..4..5"])
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no range"):
        parse_range(text)
