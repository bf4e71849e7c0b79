"""Where the bytes of an image are: each exactly once, visible or wasted."""

from __future__ import annotations

from enum import IntEnum

import msgspec

from layerscope.model.entry import Kind
from layerscope.model.waste import Cause
from layerscope.reports.page.owners import GONE, NOBODY, Owners
from layerscope.union.analysis import Analysis
from layerscope.union.index import Inode, PathIndex, Version


class State(IntEnum):
    """What became of a file's bytes."""

    VISIBLE = 0
    DELETED = 1
    OVERWRITTEN = 2
    METADATA_ONLY = 3


class Leaf(msgspec.Struct, frozen=True, gc=False):
    """A file's bytes as one layer ships them; ``hidden_by`` is None for those that are visible.

    ``package`` is a group of `layerscope.reports.page.owners.Owners`.
    """

    path: str
    size_bytes: int
    layer: int
    state: State
    hidden_by: int | None
    package: int = NOBODY


_STATES = {
    Cause.DELETED: State.DELETED,
    Cause.OVERWRITTEN: State.OVERWRITTEN,
    Cause.METADATA_ONLY: State.METADATA_ONLY,
}


def leaves_of(analysis: Analysis, owners: Owners | None = None) -> list[Leaf]:
    """All content of an image, in the order of the paths; the sizes add up to its content bytes.

    A hard link group stands where its content does, once that name is gone at the least of the others.
    """
    found = _visible(analysis.index, owners or Owners())
    found += [
        Leaf(record.path, record.size_bytes, record.shipped_by, _STATES[record.cause], record.hidden_by, GONE)
        for record in analysis.waste
        if record.size_bytes
    ]
    found.sort(key=lambda leaf: (leaf.path, leaf.layer, leaf.state, leaf.size_bytes))
    return found


def _visible(index: PathIndex, owners: Owners) -> list[Leaf]:
    found: list[Leaf] = []
    groups: dict[int, tuple[Inode, int, list[tuple[bool, str]]]] = {}
    for node in index.nodes:
        version = node.top
        if version is None or version.entry is None:
            continue
        if version.inode is not None:
            package = owners.group_of(node, version)
            *_, names = groups.setdefault(id(version.inode), (version.inode, package, []))
            names.append((not _holds_content(version), node.path))
        elif version.entry.kind is Kind.FILE and version.entry.stored_bytes:
            size_bytes, package = version.entry.stored_bytes, owners.group_of(node, version)
            found.append(Leaf(node.path, size_bytes, version.layer, State.VISIBLE, None, package))
    for inode, package, names in groups.values():
        if inode.entry.stored_bytes:
            size_bytes = inode.entry.stored_bytes
            found.append(Leaf(min(names)[1], size_bytes, inode.layer, State.VISIBLE, None, package))
    return found


def _holds_content(version: Version) -> bool:
    return version.inode is not None and version.entry is version.inode.entry
