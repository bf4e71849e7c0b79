"""What differs between two layers that came of the same place in a build: entry by entry."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from layerscope.model.changeset import Changeset
from layerscope.model.entry import Entry, Kind
from layerscope.model.names import shown
from layerscope.union.compare import differences

_MARKERS = (Kind.WHITEOUT, Kind.OPAQUE)


class Effect(StrEnum):
    """The weightiest thing in which two layers differ."""

    FILES = "files"
    METADATA = "metadata"
    """Owner, mode or extended attributes, and no content."""
    TIMES = "times"
    """Nothing but times, or the way the tar is written."""


class EntryChange(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One path that one of the layers lacks, or has with another content; a marker removes its path.

    ``size_bytes`` is what the new layer stores for it, or what the old one did where the new one has none.
    """

    path: str
    change: str
    size_bytes: int
    marker: bool = False


class LayerDifference(msgspec.Struct, frozen=True, kw_only=True):
    """In what two layers differ; ``changes`` are the entries with another content, the largest first."""

    effect: Effect
    changes: tuple[EntryChange, ...]


def layer_difference(old: Changeset, new: Changeset) -> LayerDifference:
    """Compare the entries of two layers."""
    before, after = _by_path(old.entries), _by_path(new.entries)
    changes: list[EntryChange] = []
    metadata = False
    for key, entry in after.items():
        former = before.get(key)
        if former is None:
            changes.append(_change(entry, "added"))
        elif not _same(former, entry):
            changes.append(_change(entry, "modified"))
        elif set(differences(former, entry)) - {"time"}:
            metadata = True
    changes += [_change(entry, "removed") for key, entry in before.items() if key not in after]
    changes.sort(key=lambda one: (-one.size_bytes, one.path, one.change))
    effect = Effect.FILES if changes else Effect.METADATA if metadata else Effect.TIMES
    return LayerDifference(effect=effect, changes=tuple(changes))


def _by_path(entries: Iterable[Entry]) -> dict[tuple[str, str], Entry]:
    """The last entry of each path; what removes a path stands beside what is there."""
    return {(entry.path, entry.kind if entry.kind in _MARKERS else ""): entry for entry in entries}


def _same(old: Entry, new: Entry) -> bool:
    return (
        old.kind is new.kind
        and old.content_hash == new.content_hash
        and old.size_bytes == new.size_bytes
        and old.link_target == new.link_target
    )


def _change(entry: Entry, change: str) -> EntryChange:
    return EntryChange(
        path=shown(entry.path),
        change=change,
        size_bytes=entry.stored_bytes,
        marker=entry.kind in _MARKERS,
    )
