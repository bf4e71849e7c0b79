"""What a record of waste says besides its bytes: what differs, whom to blame, where it lies."""

from __future__ import annotations

import pytest

from layerscope.model.entry import Entry
from layerscope.model.waste import Cause
from layerscope.union.compare import Change
from layerscope.union.waste import find_waste
from tests.union.archived import archived, member
from tests.union.dsl import directory, events_of, file, hardlink, layer, stack, waste_of, whiteout


@pytest.mark.parametrize(
    ("upper", "differs"),
    [
        (file("f", b"x", uid=1), ("owner",)),
        (file("f", b"x", gid=1), ("owner",)),
        (file("f", b"x", mode=0o600), ("mode",)),
        (file("f", b"x", mtime=1), ("time",)),
        (file("f", b"x", xattrs={"user.a": b"1"}), ("xattrs",)),
        (file("f", b"x", xattrs={}), ()),
        (file("f", b"x"), ()),
        (file("f", b"x", uid=1, mode=0, mtime=1), ("owner", "mode", "time")),
        (file("f", b"y", uid=1), ()),
        (whiteout("f"), ()),
    ],
)
def test_a_copy_up_says_what_differs_and_nothing_else_does(upper: Entry, differs: tuple[str, ...]) -> None:
    (waste,) = find_waste(stack(layer(file("f", b"x")), layer(upper)))[0]

    assert waste.differs == differs


def test_a_copied_up_hard_link_group_differs_by_its_inode() -> None:
    """Not by the header of the second name."""
    index = stack(
        layer(file("f", b"x"), hardlink("h", "f", mode=0o777)),
        layer(file("f", b"x", uid=1), hardlink("h", "f", mode=0o700)),
    )

    (waste,) = find_waste(index)[0]
    assert (waste.cause, waste.differs) == (Cause.METADATA_ONLY, ("owner",))


def test_a_copy_up_is_to_blame_on_the_layer_that_made_it() -> None:
    """Everything else on the layer that shipped what nobody sees."""
    index = stack(
        layer(file("copied", b"1"), file("deleted", b"2"), file("changed", b"3")),
        layer(file("copied", b"1", uid=1), whiteout("deleted"), file("changed", b"4")),
    )

    blamed = {waste.path: waste.blamed for waste in find_waste(index)[0]}
    assert blamed == {"copied": 1, "deleted": 0, "changed": 0}


def test_a_record_says_where_the_bytes_lie_in_their_layer() -> None:
    """Of a hard link group too, whichever name goes last."""
    lower = archived(member("a", b"1"), member("f", b"22"), member("g", b"3"))
    index = stack(lower, layer(hardlink("h", "f")), layer(whiteout("f")), layer(whiteout("h")))

    (waste,) = find_waste(index)[0]
    assert (waste.path, waste.shipped_by, waste.hidden_by) == ("f", 0, 3)
    assert waste.offset == 1024 + 512


def test_the_largest_waste_comes_first_then_the_path_counts() -> None:
    index = stack(
        layer(directory("d"), file("d/b", b"1"), file("d/a", b"1"), file("z", b"333"), file("c", b"22")),
        layer(whiteout("d"), whiteout("z"), whiteout("c")),
    )

    assert [path for path, *_ in waste_of(index)] == ["z", "c", "d/a", "d/b"]


def test_a_file_without_bytes_is_never_waste() -> None:
    index = stack(layer(file("empty"), file("kept")), layer(whiteout("empty"), file("kept", mode=0)))

    assert find_waste(index) == ([], 0)


def test_what_a_layer_copies_up_and_buries_itself_is_deleted() -> None:
    """Nothing stands at the path when the layer has ended."""
    index = stack(layer(file("d/f", b"same")), layer(file("d/f", b"same"), file("d", b"x")))

    assert waste_of(index) == [("d/f", Cause.DELETED, 0, 1, 4), ("d/f", Cause.DELETED, 1, 1, 4)]
    assert events_of(index, "d/f") == [(0, Change.ADDED), (1, Change.DELETED)]


def test_what_came_and_went_within_a_layer_has_a_history_all_the_same() -> None:
    """Its bytes are in the layer's blob."""
    index = stack(layer(file("d/f", b"x"), file("d", b"y")))

    assert events_of(index, "d/f") == [(0, Change.ADDED), (0, Change.DELETED)]
    assert waste_of(index) == [("d/f", Cause.DELETED, 0, 0, 1)]
