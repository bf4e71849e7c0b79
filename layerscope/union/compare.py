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


_DELETED, _OVERWRITTEN, _METADATA_ONLY = Cause.DELETED, Cause.OVERWRITTEN, Cause.METADATA_ONLY
_DIRECTORY, _HARDLINK = Kind.DIRECTORY, Kind.HARDLINK
"""To look them up in their class takes as long as the rest of a comparison."""


def same_content(old: Entry | None, new: Entry | None) -> bool:
    """Whether both are of the same type with the same content, link text or device number."""
    if old is None or new is None:
        return (old is None or old.kind is _DIRECTORY) and (new is None or new.kind is _DIRECTORY)
    return (
        old.kind is new.kind
        and old.content_hash == new.content_hash
        and old.size_bytes == new.size_bytes
        and (old.kind is _HARDLINK or old.link_target == new.link_target)
    )


def differences(old: Entry | None, new: Entry | None) -> tuple[str, ...]:
    """Which metadata differ: ``owner``, ``mode``, ``time``, ``xattrs``; none where nothing does."""
    if old is None or new is None:
        return ()
    found = []
    if old.uid != new.uid or old.gid != new.gid:
        found.append("owner")
    if old.mode != new.mode:
        found.append("mode")
    if old.mtime_ns != new.mtime_ns:
        found.append("time")
    if old.xattrs is not new.xattrs and (old.xattrs or {}) != (new.xattrs or {}):
        found.append("xattrs")
    return tuple(found)


def successor(node: Node, number: int) -> Version | None:
    """What the layer that hid a version left in its place; None where it left nothing."""
    hidden_by = node.versions[number].hidden_by
    found = None
    for following in itertools.islice(node.versions, number + 1, None):
        if following.layer != hidden_by:
            break
        found = following
    return found if found is not None and found.hidden_by != hidden_by else None


def cause_of(node: Node, number: int) -> tuple[Cause, Version | None]:
    """Why a hidden version is hidden (DESIGN: "Cause"), and what took its place if that tells."""
    versions = node.versions
    if number + 1 == len(versions):
        return _DELETED, None
    version = versions[number]
    if version.hidden_by == version.layer:
        return (_OVERWRITTEN if versions[number + 1].layer == version.layer else _DELETED), None
    following = successor(node, number)
    if following is None:
        return _DELETED, None
    return (_METADATA_ONLY if same_content(version.source, following.source) else _OVERWRITTEN), following


def change_between(before: Version | None, after: Version | None) -> Change | None:
    """What happened to a path between two moments; None where nothing did."""
    if before is after:
        return None
    if after is None:
        return Change.DELETED
    if before is None:
        return Change.ADDED
    return Change.METADATA_ONLY if same_content(before.source, after.source) else Change.MODIFIED
