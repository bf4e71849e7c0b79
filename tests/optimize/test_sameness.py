"""The comparison that the proof stands on: it must see every difference that was not asked for."""

from __future__ import annotations

import pytest

from layerscope.model.entry import Entry
from layerscope.optimize.sameness import NOTHING, Allowed, filesystem_differences
from tests.union.dsl import directory, file, hardlink, layer, stack, symlink

BEFORE = (directory("d"), file("d/a", b"four", mtime=9), file("d/b", b"four", mtime=9), symlink("l", "d"))


def told(*after: Entry, allowed: Allowed = NOTHING) -> list[str]:
    """What is not as it was in one layer of these entries."""
    return [str(one) for one in filesystem_differences(stack(layer(*BEFORE)), stack(layer(*after)), allowed)]


def changed(path: str, entry: Entry) -> list[Entry]:
    """The entries with another one in place of a path's."""
    return [entry if one.path == path else one for one in BEFORE]


def test_the_same_is_the_same() -> None:
    assert told(*BEFORE) == []


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        (file("d/a", b"zz", mtime=9), {"/d/a: size_bytes", "/d/a: content_hash"}),
        (file("d/a", b"four", mtime=8), {"/d/a: mtime_ns"}),
        (file("d/a", b"four", mtime=9, mode=0o600), {"/d/a: mode"}),
        (file("d/a", b"four", mtime=9, uid=1), {"/d/a: uid"}),
        (file("d/a", b"four", mtime=9, gid=1), {"/d/a: gid"}),
        (file("d/a", b"four", mtime=9, xattrs={"user.a": b"b"}), {"/d/a: xattrs"}),
    ],
)
@pytest.mark.parametrize("allowed", [NOTHING, Allowed(linked=True), Allowed(dropped=frozenset(("d/b",)))])
def test_every_field_is_compared(entry: Entry, what: set[str], allowed: Allowed) -> None:
    after = [one for one in changed("d/a", entry) if one.path not in allowed.dropped]

    assert set(told(*after, allowed=allowed)) == what


def test_what_was_dropped_must_be_gone_and_nothing_more() -> None:
    allowed = Allowed(dropped=frozenset(("d/b",)))

    assert told(*BEFORE[:2], BEFORE[3], allowed=allowed) == []
    assert told(*BEFORE, allowed=allowed) == ["/d/b: is in one of them only"]
    assert told(*BEFORE[:2], allowed=allowed) == ["/l: is in one of them only"]


def test_times_may_only_become_the_latest_allowed() -> None:
    latest = Allowed(latest_ns=5 * 10**9)

    assert told(*changed("d/a", file("d/a", b"four", mtime=5)), allowed=latest) == []
    assert told(*changed("d/a", file("d/a", b"four", mtime=4)), allowed=latest) == ["/d/a: mtime_ns"]


def test_links_may_be_new_only_where_that_was_asked_for() -> None:
    linked = changed("d/b", hardlink("d/b", "d/a"))

    assert told(*linked, allowed=Allowed(linked=True)) == []
    assert told(*linked) == ["/d/a: hard links", "/d/b: hard links"]


def test_links_across_layers_are_never_allowed() -> None:
    before = stack(layer(file("a", b"four")), layer(file("b", b"four")))
    after = stack(layer(file("a", b"four")), layer(hardlink("b", "a")))

    found = [str(one) for one in filesystem_differences(before, after, Allowed(linked=True))]

    assert found == ["/a: hard links", "/b: hard links"]


def test_links_that_were_there_may_not_come_apart() -> None:
    before = stack(layer(file("a", b"four"), hardlink("b", "a"), file("c", b"four")))
    after = stack(layer(file("a", b"four"), file("b", b"four"), hardlink("c", "b")))

    found = [str(one) for one in filesystem_differences(before, after, Allowed(linked=True))]

    assert "/b: hard links" in found
