"""The packages that two images have, side by side: added, removed, of another version, of another size."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from enum import StrEnum

import msgspec

from layerscope.comparison.subject import PackageFacts, Subject
from layerscope.comparison.versions import is_newer


class PackageStatus(StrEnum):
    """What became of a package."""

    ADDED = "added"
    REMOVED = "removed"
    UPGRADED = "upgraded"
    DOWNGRADED = "downgraded"
    REPLACED = "replaced"
    """By a version of which nobody can tell whether it is newer."""
    RESIZED = "resized"
    """The same version with other bytes."""


class PackageChange(msgspec.Struct, frozen=True, kw_only=True):
    """A package that differs; None on the side that lacks it."""

    status: PackageStatus
    old: PackageFacts | None
    new: PackageFacts | None

    @property
    def delta_bytes(self) -> int:
        """How much more it takes."""
        return (self.new.size_bytes if self.new else 0) - (self.old.size_bytes if self.old else 0)

    @property
    def moved_bytes(self) -> int:
        """What came and what went, together."""
        return (self.new.size_bytes if self.new else 0) + (self.old.size_bytes if self.old else 0)

    @property
    def either(self) -> PackageFacts:
        """The new one, the old one where there is none."""
        found = self.new or self.old
        assert found is not None
        return found


def package_changes(old: Subject, new: Subject) -> tuple[PackageChange, ...] | None:
    """All packages that differ, the largest differences first, those of the same version last.

    None where one side knows of no packages.

    A package that is there several times is told apart by where it is, else by its version.
    """
    if old.packages is None or new.packages is None:
        return None
    before, after = list(old.packages), list(new.packages)
    couples: list[tuple[PackageFacts, PackageFacts]] = []
    for key in (_itself, _place, _name):
        couples += _taken(before, after, key)
    found = [PackageChange(status=PackageStatus.REMOVED, old=one, new=None) for one in before]
    found += [PackageChange(status=PackageStatus.ADDED, old=None, new=one) for one in after]
    for former, latter in couples:
        if (former.version, former.size_bytes) != (latter.version, latter.size_bytes):
            found.append(PackageChange(status=_status(former, latter), old=former, new=latter))
    found.sort(key=_rank)
    return tuple(found)


def _taken(
    old: list[PackageFacts], new: list[PackageFacts], key: Callable[[PackageFacts], Hashable]
) -> list[tuple[PackageFacts, PackageFacts]]:
    """Couples of equal keys, taken out of both lists."""
    waiting: dict[Hashable, list[PackageFacts]] = {}
    for one in _ordered(old):
        waiting.setdefault(key(one), []).append(one)
    couples, left = [], []
    for one in _ordered(new):
        twins = waiting.get(key(one))
        if twins:
            couples.append((twins.pop(0), one))
        else:
            left.append(one)
    old[:] = [one for twins in waiting.values() for one in twins]
    new[:] = left
    return couples


def _ordered(packages: Iterable[PackageFacts]) -> list[PackageFacts]:
    return sorted(packages, key=lambda one: (one.kind, one.name, one.record, one.version))


def _itself(package: PackageFacts) -> Hashable:
    return package.kind, package.name, package.architecture, package.version, package.record


def _place(package: PackageFacts) -> Hashable:
    """The record's path often holds the version (``x-1.2.dist-info``)."""
    version = package.version
    record = package.record.replace(version, "") if version else package.record
    return package.kind, package.name, package.architecture, record


def _name(package: PackageFacts) -> Hashable:
    return package.kind, package.name, package.architecture


def _rank(change: PackageChange) -> tuple[bool, int, str, str, str]:
    package = change.either
    resized = change.status is PackageStatus.RESIZED
    return resized, -abs(change.delta_bytes), package.kind, package.name, package.record


def _status(old: PackageFacts, new: PackageFacts) -> PackageStatus:
    if old.version == new.version:
        return PackageStatus.RESIZED
    newer = is_newer(new.kind, old.version, new.version)
    if newer is None:
        return PackageStatus.REPLACED
    return PackageStatus.UPGRADED if newer else PackageStatus.DOWNGRADED
