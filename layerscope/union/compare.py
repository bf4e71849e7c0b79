"""What changed between two versions of a path."""

from __future__ import annotations

import itertools
from enum import StrEnum

from layerscope.model.entry import Entry, Kind
from layerscope.model.waste import Cause
from layerscope.union.index import Node, Version


class Change(StrEnum):
    """What a layer did to a path."""

    ADDED = "added"
    MODIFIED = "modified"
    METADATA_ONLY = "metadata_only"
    DELETED = "deleted"


def same_content(old: Entry | None, new: Entry | None) -> bool:
    """Whether both are of the same type with the same content, link text or device number."""
    if old is None or new is None:
        return (old is None or old.kind is Kind.DIRECTORY) and (new is None or new.kind is Kind.DIRECTORY)
    return (
        old.kind is new.kind
        and old.content_hash == new.content_hash
        and old.size_bytes == new.size_bytes
        and (old.kind is Kind.HARDLINK or old.link_target == new.link_target)
    )


def differences(old: Entry | None, new: Entry | None) -> tuple[str, ...]:
    """Which metadata differ: ``owner``, ``mode``, ``time``, ``xattrs``; none where nothing does."""
    if old is None or new is None:
        return ()
    found = []
    if (old.uid, old.gid) != (new.uid, new.gid):
        found.append("owner")
    if old.mode != new.mode:
        found.append("mode")
    if old.mtime_ns != new.mtime_ns:
        found.append("time")
    if (old.xattrs or {}) != (new.xattrs or {}):
        found.append("xattrs")
    return tuple(found)


def successor(node: Node, number: int) -> Version | None:
    """What the layer that hid a version left in its place; None where it left nothing."""
    version = node.versions[number]
    found = None
    for following in itertools.islice(node.versions, number + 1, None):
        if following.layer != version.hidden_by:
            break
        found = following
    return found if found is not None and found.hidden_by != version.hidden_by else None


def cause_of(node: Node, number: int) -> Cause:
    """Why a hidden version is hidden (DESIGN: "Cause"): told by what took its place."""
    version = node.versions[number]
    if version.hidden_by == version.layer:
        repeated = number + 1 < len(node.versions) and node.versions[number + 1].layer == version.layer
        return Cause.OVERWRITTEN if repeated else Cause.DELETED
    following = successor(node, number)
    if following is None:
        return Cause.DELETED
    return Cause.METADATA_ONLY if same_content(version.source, following.source) else Cause.OVERWRITTEN


def change_between(before: Version | None, after: Version | None) -> Change | None:
    """What happened to a path between two moments; None where nothing did."""
    if before is after:
        return None
    if after is None:
        return Change.DELETED
    if before is None:
        return Change.ADDED
    return Change.METADATA_ONLY if same_content(before.source, after.source) else Change.MODIFIED
