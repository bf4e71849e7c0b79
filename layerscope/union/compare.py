"""What changed between two versions of a path."""

from __future__ import annotations

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
    """The version that took the place of one, put there by the layer that hid it."""
    version = node.versions[number]
    if version.hidden_by is None or number + 1 >= len(node.versions):
        return None
    following = node.versions[number + 1]
    return following if following.layer == version.hidden_by else None


def cause_of(node: Node, number: int) -> Cause:
    """Why a hidden version is hidden (DESIGN: "Cause"): told by what took its place."""
    version, following = node.versions[number], successor(node, number)
    if following is None:
        return Cause.DELETED
    if version.layer != following.layer and same_content(version.source, following.source):
        return Cause.METADATA_ONLY
    return Cause.OVERWRITTEN


def change_of(node: Node, number: int) -> Change:
    """What the layer of a version did to the path when it put the version there."""
    if number == 0:
        return Change.ADDED
    version, before = node.versions[number], node.versions[number - 1]
    if before.hidden_by != version.layer:
        return Change.ADDED
    if before.layer == version.layer:
        return change_of(node, number - 1)
    return Change.METADATA_ONLY if same_content(before.source, version.source) else Change.MODIFIED
