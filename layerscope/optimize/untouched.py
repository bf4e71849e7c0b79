"""Layers that pruning would take no bytes from: they stay as they are, where that is safe."""

from __future__ import annotations

from collections.abc import Sequence

from layerscope.model.changeset import Changeset
from layerscope.model.entry import Kind
from layerscope.optimize.keeping import Kept
from layerscope.optimize.marking import Markers
from layerscope.union.index import Hidden, Node, PathIndex, Version, is_directory

_MARKERS = frozenset((Kind.WHITEOUT, Kind.OPAQUE))


def may_stay(index: PathIndex, changesets: Sequence[Changeset]) -> set[int]:
    """The layers that lose no bytes and depend on nothing that may go below them."""
    lasting = set(range(len(changesets))) - _losing(index) - depending(index)
    return {layer for layer in lasting if is_plain(index, layer, changesets[layer])}


def _losing(index: PathIndex) -> set[int]:
    """Layers of which bytes go, or contents, to the layers that still have a name for them."""
    found, named = set(), set()
    for node in index.nodes:
        for version in node.versions:
            if version.inode is not None and version.hidden_by is None:
                named.add((id(version.inode), version.layer))
    for node in index.nodes:
        for version in node.versions:
            inode, entry = version.inode, version.entry
            if inode is not None:
                gone = inode.hidden_by is not None and inode.entry.stored_bytes
                if gone or (inode.hidden_by is None and (id(inode), inode.layer) not in named):
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
            # A directory may be mentioned after what is in it: that is no other directory.
            replaced = version.hidden_by == version.layer and not (entry is None and _stays(node, version))
            if outside or broken or elsewhere or replaced:
                found.add(version.layer)
    return found


def _stays(node: Node, version: Version) -> bool:
    last = node.at(version.layer)
    return last is not None and is_directory(last)


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


def has_idle_markers(kept: Kept, layer: int, changeset: Changeset, markers: Markers) -> bool:
    """Whether a marker of a layer hid something, and nothing of it is in the result any more.

    ``markers`` are those that the result needs there. What never hid anything is not meant: package
    managers leave many of these, and no layer is written anew for their sake.
    """
    index = kept.index
    needed = {*markers.whiteouts, *markers.opaques}
    for entry in changeset.entries:
        if entry.kind is Kind.WHITEOUT and entry.path not in needed:
            node = index.find(entry.path)
            hidden = node.at(layer - 1) if node is not None else None
            if hidden is not None and hidden not in kept:
                return True
        elif entry.kind is Kind.OPAQUE and entry.path not in needed:
            start = f"{entry.path}/" if entry.path else ""
            hidden_all = _emptied(index, layer, entry.path)
            if (
                hidden_all
                and not any(version in kept for version in hidden_all)
                and not any(path.startswith(start) for path in needed)
            ):
                return True
    return False


def _emptied(index: PathIndex, layer: int, path: str) -> list[Version]:
    """What an opaque whiteout hid in its directory."""
    node = index.find(path)
    below = {**(node.live or {}), **(node.dead or {})} if node is not None else {}
    return [
        version
        for child in below.values()
        for version in child.versions
        if version.hidden_how is Hidden.OPAQUE and version.hidden_by == layer
    ]
