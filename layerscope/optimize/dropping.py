"""Paths taken out of the index, as if the layers that may change had never had them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise

import msgspec

from layerscope.errors import UsageError
from layerscope.model.changeset import Changeset
from layerscope.model.entry import Entry, Kind
from layerscope.model.names import shown
from layerscope.optimize.untouched import depending, is_plain
from layerscope.union.index import Hidden, Node, PathIndex, Version, is_directory


class Removed(msgspec.Struct, frozen=True, kw_only=True):
    """A path that is left out.

    ``kind`` is what it is in the end, or was last. ``layers`` do not ship it any more, which saves
    ``saved_bytes`` of content. ``hidden_in`` is the layer of the source that gets a whiteout for it, or for
    a directory above it: what the layers below ship is shipped still.
    """

    path: str
    kind: Kind
    visible: bool
    layers: tuple[int, ...]
    saved_bytes: int
    hidden_in: int | None
    because: str


class Dropping(msgspec.Struct, frozen=True, kw_only=True):
    """What was left out, by path, and the layers that have to be written anew for it."""

    removed: tuple[Removed, ...] = ()
    rewritten: frozenset[int] = frozenset()

    @property
    def visible(self) -> frozenset[str]:
        """The paths that could be seen."""
        return frozenset(one.path for one in self.removed if one.visible)


class _Found(msgspec.Struct, gc=False):
    """A node of a dropped path, the node above it, and its versions that go and that stay."""

    node: Node
    parent: Node
    gone: list[Version]
    left: list[Version]
    visible: bool


def leave_out(
    index: PathIndex,
    dropped: Mapping[str, str],
    changesets: Sequence[Changeset],
    open_layers: AbstractSet[int],
) -> Dropping:
    """Change the index; ``open_layers`` are those of which entries may be left out. Raises UsageError.

    What other layers ship, and can be seen, is hidden in the lowest layer that is written anew anyway.
    """
    found = _find(index.root, dropped, open_layers)
    if not found:
        return Dropping()
    rewritten = {version.layer for one in found for version in one.gone}
    place = _place_for_whiteouts(found, rewritten, open_layers)
    if place is not None:
        rewritten.add(place)
    symlinks = any(_is_symlink(version) for one in found for version in (*one.gone, *one.left))
    linked = {
        id(version.inode) for one in found for version in (*one.gone, *one.left) if version.inode is not None
    }
    plain = {layer for layer in open_layers if is_plain(index, layer, changesets[layer])}
    for one in found:
        _hide(one.left, place)
        _take_out(one)
    empty = {id(one.node) for one in found if not one.left}
    index.nodes[:] = [node for node in index.nodes if id(node) not in empty]
    used = _used(index, linked, rewritten)
    # Markers that stood in directories would make some now, or be followed elsewhere.
    rewritten |= {layer for layer in plain if not is_plain(index, layer, changesets[layer])}
    if symlinks:
        rewritten |= (depending(index) | _making_way(index)) & open_layers
    return Dropping(
        removed=tuple(sorted((_told(one, used, dropped, open_layers) for one in found), key=_path_of)),
        rewritten=frozenset(rewritten & open_layers),
    )


def _path_of(removed: Removed) -> str:
    return removed.path


def _find(root: Node, dropped: Mapping[str, str], open_layers: AbstractSet[int]) -> list[_Found]:
    """The nodes that anything is to be done about, the deeper ones last."""
    found = []
    stack = [root]
    while stack:
        parent = stack.pop()
        for below in (parent.live, parent.dead):
            for node in (below or {}).values():
                stack.append(node)
                if node.path not in dropped:
                    continue
                gone = [version for version in node.versions if version.layer in open_layers]
                left = [version for version in node.versions if version.layer not in open_layers]
                visible = node.top is not None
                if gone or visible:
                    found.append(_Found(node, parent, gone, left, visible))
    return found


def _place_for_whiteouts(
    found: Sequence[_Found], rewritten: AbstractSet[int], open_layers: AbstractSet[int]
) -> int | None:
    """The layer that hides what is visible and stays; None where there is nothing."""
    staying = [one.left[-1].layer for one in found if one.left and one.left[-1].hidden_by is None]
    if not staying:
        return None
    above = [layer for layer in rewritten if layer > max(staying)] or [max(open_layers, default=-1)]
    if min(above) <= max(staying):
        one = next(one for one in found if one.left and one.left[-1].hidden_by is None)
        raise UsageError(
            f"/{shown(one.node.path)} is in the base, and no layer above it can hide it",
            hint="--include-base drops it from the base as well",
        )
    return min(above)


def _hide(left: list[Version], place: int | None) -> None:
    """What is left of a path goes where it was hidden, even if nothing takes its place there now."""
    if left and left[-1].hidden_by is None:
        left[-1].hidden_by, left[-1].hidden_how = place, Hidden.WHITEOUT


def _take_out(one: _Found) -> None:
    """Put a node among those that are not visible, or away where no version of it is left."""
    name = one.node.path.rpartition("/")[2]
    for below in (one.parent.live, one.parent.dead):
        if below is not None:
            below.pop(name, None)
    one.node.versions[:] = one.left
    if one.left:
        if one.parent.dead is None:
            one.parent.dead = {}
        one.parent.dead[name] = one.node


def _used(index: PathIndex, linked: AbstractSet[int], rewritten: set[int]) -> set[int]:
    """The hard link groups that other names still belong to; their layers have to find the content anew."""
    used = set()
    for node in index.nodes if linked else ():
        for version in node.versions:
            if version.inode is not None and id(version.inode) in linked:
                used.add(id(version.inode))
                rewritten.add(version.layer)
    return used


def _making_way(index: PathIndex) -> set[int]:
    """Layers with entries below something that is no directory, or links that lead nowhere or in circles."""
    return {
        later.layer
        for node in index.nodes
        for earlier, later in pairwise(node.versions)
        if later.entry is None and not is_directory(earlier)
    }


def _told(
    one: _Found, used: AbstractSet[int], dropped: Mapping[str, str], open_layers: AbstractSet[int]
) -> Removed:
    versions = [*one.left, *one.gone]
    last = max(versions, key=lambda version: version.layer)
    hidden_in = one.left[-1].hidden_by if one.left else None
    return Removed(
        path=one.node.path,
        kind=last.source.kind if last.source is not None else Kind.DIRECTORY,
        visible=one.visible,
        layers=tuple(sorted({version.layer for version in one.gone})),
        saved_bytes=sum(_own_bytes(version, used) for version in one.gone),
        hidden_in=hidden_in if hidden_in in open_layers else None,
        because=dropped[one.node.path],
    )


def _own_bytes(version: Version, used: AbstractSet[int]) -> int:
    """What goes with a version; nothing where another name keeps it."""
    if version.entry is None or (version.inode is not None and id(version.inode) in used):
        return 0
    return version.entry.stored_bytes


def _is_symlink(version: Version) -> bool:
    source: Entry | None = version.source
    return source is not None and source.kind is Kind.SYMLINK
