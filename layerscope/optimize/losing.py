"""Installed packages that lose files to what is dropped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from layerscope.model.changeset import Changeset
from layerscope.union.index import PathIndex


class Losing(msgspec.Struct, frozen=True, kw_only=True):
    """A package, and which of its ``file_count`` files go; ``paths`` are sorted."""

    kind: str
    name: str
    version: str
    file_count: int
    paths: tuple[str, ...]


def losing_packages(
    dropped: Mapping[str, str], index: PathIndex, changesets: Sequence[Changeset]
) -> tuple[Losing, ...]:
    """The packages that are visible and lose files, those that lose most first.

    ``index`` still has what is to be dropped; the databases themselves must have been looked into.
    """
    if not dropped:
        return ()
    from layerscope.packages.present import Present
    from layerscope.packages.view import tell_packages

    found = []
    for package in tell_packages(Present(index, changesets)):
        paths = [node.path for node, _ in package.files]
        gone = sorted({path for path in paths if path in dropped})
        if gone:
            found.append(
                Losing(
                    kind=package.kind,
                    name=package.name,
                    version=package.version,
                    file_count=len(set(paths)),
                    paths=tuple(gone),
                )
            )
    found.sort(key=lambda one: (-len(one.paths), one.kind, one.name, one.version))
    return tuple(found)
