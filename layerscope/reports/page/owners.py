"""Which package each visible file belongs to, as the map groups by it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from layerscope.union.index import file_key

if TYPE_CHECKING:  # a page of an image read without facts has no packages
    from layerscope.inspection import Inspection
    from layerscope.union.index import Node, Version

NOBODY, GONE = 0, 1
"""The groups that are no package: visible and in none, and not visible any more."""


class Owners(msgspec.Struct, frozen=True):
    """The names of the groups, and the group of each file by what tells it from others."""

    names: tuple[str, ...] = ("in no package", "not there any more")
    groups: Mapping[int, int] = {}

    def group_of(self, node: Node, version: Version) -> int:
        """The group of a visible file."""
        return self.groups.get(file_key(node, version), NOBODY)


def owners_of(inspection: Inspection) -> Owners:
    """The packages and their files; none where nobody looked for packages, or there are none."""
    if not inspection.with_facts:
        return Owners()
    from layerscope.model.names import shown
    from layerscope.packages.view import credit

    names = list(Owners().names)
    groups: dict[int, int] = {}
    for found, files in inspection.present.once(credit).packages:
        for node, version in files:
            groups[file_key(node, version)] = len(names)
        if files:
            names.append(shown(f"{found.kind}: {found.name} {found.version}".rstrip()))
    return Owners(tuple(names), groups)
