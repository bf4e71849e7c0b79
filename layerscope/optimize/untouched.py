"""Layers that pruning would take no bytes from: they stay as they are, where that is safe."""

from __future__ import annotations

from collections.abc import Sequence

from layerscope.model.changeset import Changeset
from layerscope.model.entry import Kind
from layerscope.optimize.marking import Markers
from layerscope.union.index import Hidden, PathIndex, is_directory

_MARKERS = frozenset((Kind.WHITEOUT, Kind.OPAQUE))


def may_stay(index: PathIndex, changesets: Sequence[Changeset]) -> set[int]:
    """The layers that lose no bytes and depend on nothing that may go below them."""
    lasting = set(range(len(changesets))) - _losing(index) - depending(index)
    return {layer for layer in lasting if is_plain(index, layer, changesets[layer])}


def _losing(index: PathIndex) -> set[int]:
    """Layers of which bytes go."""
    found = set()
    for node in index.nodes:
        for version in node.versions:
            inode, entry = version.inode, version.entry
            if inode is not None:
                if inode.hidden_by is not None and inode.entry.stored_bytes:
                    found.add(inode.layer)
            elif version.hidden_by is not None and entry is not None and entry.stored_bytes:
                found.add(version.layer)
    return found


def depending(index: PathIndex) -> set[int]:
    """Layers whose meaning hangs on what is below them, or on the order of their entries.

    They have links into layers below, names that lead through symlinks, broken links, or paths that
    they replace themselves.
    """
    found = set()
    for node in index.nodes:
        for version in node.versions:
            entry, inode = version.entry, version.inode
            outside = inode is not None and inode.layer != version.layer
            broken = inode is None and entry is not None and entry.kind is Kind.HARDLINK
            elsewhere = entry is not None and entry.path != node.path
            if outside or broken or elsewhere or version.hidden_by == version.layer:
                found.add(version.layer)
    return found


def is_plain(index: PathIndex, layer: int, changeset: Changeset) -> bool:
    """Whether all markers of a layer stand in directories that the layers below have."""
    for entry in changeset.entries:
        if entry.kind in _MARKERS:
            opaque = entry.kind is Kind.OPAQUE
            node = index.find(entry.path if opaque else entry.path.rpartition("/")[0])
            found = [node.at(layer) if node else None, *([] if opaque or not node else [node.at(layer - 1)])]
            if not all(version is not None and is_directory(version) for version in found):
                return False
    return True


def has_idle_markers(index: PathIndex, layer: int, changeset: Changeset, markers: Markers) -> bool:
    """Whether a marker of a layer hid something that the result does not have any more.

    ``markers`` are those that the result needs there. What never hid anything is not meant: package
    managers leave many of these, and no layer is written anew for their sake.
    """
    needed = {*markers.whiteouts, *markers.opaques}
    for entry in changeset.entries:
        if entry.kind is Kind.WHITEOUT and entry.path not in needed:
            node = index.find(entry.path)
            if node is not None and node.at(layer - 1) is not None:
                return True
        elif entry.kind is Kind.OPAQUE and entry.path not in needed:
            start = f"{entry.path}/" if entry.path else ""
            if _emptied(index, layer, entry.path) and not any(path.startswith(start) for path in needed):
                return True
    return False


def _emptied(index: PathIndex, layer: int, path: str) -> bool:
    """Whether an opaque whiteout hid anything."""
    node = index.find(path)
    below = {**(node.live or {}), **(node.dead or {})} if node is not None else {}
    return any(
        version.hidden_how is Hidden.OPAQUE and version.hidden_by == layer
        for child in below.values()
        for version in child.versions
    )
