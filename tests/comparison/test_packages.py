"""Packages side by side."""

from __future__ import annotations

import msgspec
import pytest

from layerscope.comparison.packages import package_changes
from layerscope.comparison.subject import PackageFacts, Saved, Subject
from tests.comparison.images import stacked


def holding(*packages: PackageFacts) -> Subject:
    """An image with these packages, as a report tells of it."""
    return msgspec.structs.replace(stacked(), inspection=None, saved=Saved(directories={}, packages=packages))


def package(
    name: str,
    version: str,
    size_bytes: int = 10,
    *,
    kind: str = "dpkg",
    record: str = "status",
    arch: str | None = None,
) -> PackageFacts:
    """A package."""
    return PackageFacts(
        kind=kind, name=name, version=version, architecture=arch, record=record, size_bytes=size_bytes
    )


Told = tuple[str, str, str | None, str | None, int]


def changes(old: list[PackageFacts], new: list[PackageFacts]) -> list[Told]:
    """Status, name, both versions, bytes."""
    found = package_changes(holding(*old), holding(*new))
    assert found is not None
    return [
        (
            one.status.value,
            one.either.name,
            one.old.version if one.old else None,
            one.new.version if one.new else None,
            one.delta_bytes,
        )
        for one in found
    ]


def test_each_kind_of_change_and_those_of_the_same_version_last() -> None:
    old = [
        package("a", "1"),
        package("b", "2"),
        package("c", "1"),
        package("d", "1"),
        package("e", "x"),
        package("f", "1"),
    ]
    new = [
        package("a", "2", 11),
        package("b", "1", 8),
        package("c", "1", 99),
        package("g", "1", 7),
        package("f", "1"),
    ]
    new.append(package("e", "y", 13, kind="npm"))
    old[4] = package("e", "x", kind="npm")

    assert changes(old, new) == [
        ("removed", "d", "1", None, -10),
        ("added", "g", None, "1", 7),
        ("replaced", "e", "x", "y", 3),
        ("downgraded", "b", "2", "1", -2),
        ("upgraded", "a", "1", "2", 1),
        ("resized", "c", "1", "1", 89),
    ]


def test_a_package_that_is_there_several_times_is_told_apart_by_where_it_is() -> None:
    old = [
        package("x", version, kind="npm", record=f"{at}/x/package.json")
        for at, version in (("p", "1.0.0"), ("q", "3.0.0"))
    ]
    new = [
        package("x", version, kind="npm", record=f"{at}/x/package.json")
        for at, version in (("q", "3.1.0"), ("p", "1.0.0"))
    ]

    assert changes(old, new) == [("upgraded", "x", "3.0.0", "3.1.0", 0)]


def test_one_of_several_that_is_gone_is_not_taken_for_another() -> None:
    old = [
        package("x", "1.0.0", kind="npm", record="p/x/package.json"),
        package("x", "3.0.0", kind="npm", record="q/x/package.json"),
    ]

    assert changes(old, old[1:]) == [("removed", "x", "1.0.0", None, -10)]


def test_a_record_whose_path_holds_the_version_is_the_same_place() -> None:
    old = [
        package("x", v, kind="pip", record=f"{at}/x-{v}.dist-info/METADATA")
        for at, v in (("a", "1.0"), ("b", "2.0"))
    ]
    new = [
        package("x", v, kind="pip", record=f"{at}/x-{v}.dist-info/METADATA")
        for at, v in (("b", "2.5"), ("a", "1.1"))
    ]

    assert changes(old, new) == [("upgraded", "x", "1.0", "1.1", 0), ("upgraded", "x", "2.0", "2.5", 0)]


def test_the_place_tells_which_of_several_was_upgraded() -> None:
    old = [
        package("x", v, kind="pip", record=f"{at}/x-{v}/METADATA") for at, v in (("a", "1.0"), ("b", "2.0"))
    ]

    assert changes(old, [package("x", "2.5", kind="pip", record="b/x-2.5/METADATA")]) == [
        ("removed", "x", "1.0", None, -10),
        ("upgraded", "x", "2.0", "2.5", 0),
    ]


def test_a_package_that_moved_is_no_other_package() -> None:
    old = [package("x", "1.0", kind="pip", record="usr/lib/python3.11/x/METADATA")]
    new = [package("x", "1.1", kind="pip", record="usr/lib/python3.12/x/METADATA")]

    assert changes(old, new) == [("upgraded", "x", "1.0", "1.1", 0)]


def test_two_architectures_are_two_packages() -> None:
    assert changes([package("x", "1", arch="amd64")], [package("x", "1", arch="i386")]) == [
        ("removed", "x", "1", None, -10),
        ("added", "x", None, "1", 10),
    ]


@pytest.mark.parametrize("known", [True, False])
def test_where_nobody_looked_nothing_is_known(*, known: bool) -> None:
    blind = msgspec.structs.replace(holding(), saved=Saved(directories={}, packages=None))

    sides = (holding(), blind) if known else (blind, holding())

    assert package_changes(*sides) is None
