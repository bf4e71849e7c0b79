"""The waste of an image: one record for each entry that no visible name reaches any more."""

from __future__ import annotations

from operator import attrgetter

from layerscope.model.waste import Cause, Waste
from layerscope.union.compare import cause_of, differences
from layerscope.union.index import Inode, Node, PathIndex

_BY_PLACE = attrgetter("path", "shipped_by", "offset")
_BY_SIZE = attrgetter("size_bytes")
_METADATA_ONLY = Cause.METADATA_ONLY
_RANK = {Cause.METADATA_ONLY: 0, Cause.OVERWRITTEN: 1, Cause.DELETED: 2}


def find_waste(index: PathIndex) -> tuple[list[Waste], int]:
    """All waste, the largest first, and the bytes that can be seen.

    A hard link group costs its bytes until its last name goes. Where several names go with the
    same layer the group's cause is the one that tells most: a copy-up before an overwrite before
    a deletion. The record stands on the path of the entry with the content.
    """
    found: list[Waste] = []
    visible_bytes = 0
    groups: dict[int, tuple[Inode, Node]] = {}
    last_names: dict[int, list[tuple[Node, int]]] = {}
    for node in index.nodes:
        versions = node.versions
        last = versions[-1]
        entry = last.entry
        if len(versions) == 1 and last.hidden_by is None and last.inode is None:
            if entry is not None:
                visible_bytes += entry.stored_bytes
            continue
        for number, version in enumerate(versions):
            entry, inode = version.entry, version.inode
            if entry is None:
                continue
            if inode is None:
                if version.hidden_by is None:
                    visible_bytes += entry.stored_bytes
                elif entry.stored_bytes:
                    found.append(
                        _record(node, node, number, version.layer, version.hidden_by, entry.stored_bytes)
                    )
                continue
            if entry is inode.entry and entry.stored_bytes:
                groups[id(inode)] = (inode, node)
            if inode.hidden_by is not None and version.hidden_by == inode.hidden_by:
                last_names.setdefault(id(inode), []).append((node, number))
    for key, (inode, home) in groups.items():
        if inode.hidden_by is None:
            visible_bytes += inode.entry.stored_bytes
            continue
        node, number = min(last_names[key], key=lambda name: _RANK[cause_of(*name)[0]])
        found.append(_record(home, node, number, inode.layer, inode.hidden_by, inode.entry.stored_bytes))
    found.sort(key=_BY_PLACE)
    found.sort(key=_BY_SIZE, reverse=True)
    return found, visible_bytes


def _record(home: Node, node: Node, number: int, shipped_by: int, hidden_by: int, size_bytes: int) -> Waste:
    cause, following = cause_of(node, number)
    source = node.versions[number].source
    return Waste(
        path=home.path,
        cause=cause,
        shipped_by=shipped_by,
        hidden_by=hidden_by,
        size_bytes=size_bytes,
        differs=differences(source, following.source) if following and cause is _METADATA_ONLY else (),
        offset=source.offset if source else 0,
    )
