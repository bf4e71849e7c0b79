"""Hard links in the result: which name holds the content, and what the others lead to.

A link whose content would be dropped takes its place; a link to a layer below stays one as long as
the name there can still be seen, and becomes a file otherwise.
"""

from __future__ import annotations

import msgspec

from layerscope.optimize.keeping import Kept
from layerscope.union.index import Inode, Node, Version


class Name(msgspec.Struct, frozen=True, gc=False):
    """A name of a hard link group that stays: its path, its version, and its group of layers."""

    path: str
    version: Version
    group: int


class Home(msgspec.Struct, frozen=True, gc=False):
    """What becomes of one name: ``link`` is the path it leads to, None for the one with the content."""

    path: str
    version: Version
    inode: Inode
    link: str | None


def find_links(kept: Kept, *, least_first: bool = False) -> list[list[Home]]:
    """What each group's layer holds of hard link groups; nothing for copied layers.

    With ``least_first`` it is the least name that has the content, whatever the order of the entries.
    """
    names: dict[int, list[Name]] = {}
    for node in kept.index.nodes:
        for version in node.versions:
            if version.inode is not None and version in kept:
                names.setdefault(id(version.inode), []).append(_name(node, version, kept))
    found: list[list[Home]] = [[] for _ in kept.groups]
    for some in names.values():
        by_group: dict[int, list[Name]] = {}
        for name in sorted(some, key=lambda name: (name.group, name.path)):
            by_group.setdefault(name.group, []).append(name)
        for group, here in by_group.items():
            if not kept.groups[group].copied:
                below = [name for name in some if name.group < group]
                found[group] += _homes(here, below, kept, least_first=least_first)
    return found


def _name(node: Node, version: Version, kept: Kept) -> Name:
    return Name(node.path, version, kept.group_of[version.layer])


def _homes(here: list[Name], below: list[Name], kept: Kept, *, least_first: bool) -> list[Home]:
    group = here[0].group
    lasting = [name.path for name in below if _hidden_in(name.version, kept) > group]
    inode = here[0].version.inode
    assert inode is not None, "only names of hard link groups come here"
    if lasting:
        home = min(lasting)
        return [Home(name.path, name.version, inode, home) for name in here]
    first = carrier = next((name for name in here if name.version.entry is inode.entry), here[0])
    if least_first and carrier is not here[0]:
        first = here[0]
        # What stood for the least name becomes the link that the carrier's name is now.
        here = [Name(one.path, first.version if one is carrier else one.version, one.group) for one in here]
        first = Name(first.path, carrier.version, first.group)
        here[0] = first
    return [Home(name.path, name.version, inode, None if name is first else first.path) for name in here]


def _hidden_in(version: Version, kept: Kept) -> int:
    """The group that hides a version; beyond all groups where none does."""
    return len(kept.groups) if version.hidden_by is None else kept.group_of[version.hidden_by]
