"""The heart: every path of an image with all its versions, made by applying one layer after another.

The index is one tree for all layers. A directory keeps what is visible below it (``live``) apart
from what is not (``dead``), so that applying an entry, a whiteout of any size and an opaque
whiteout cost no more than what they touch: an entry is hidden once.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from enum import StrEnum

import msgspec

from layerscope.model.diagnostic import Diagnostic
from layerscope.model.entry import Entry, Kind


class Hidden(StrEnum):
    """How a version was hidden; what that costs is told by the version that follows it, if any."""

    WHITEOUT = "whiteout"
    OPAQUE = "opaque"
    PARENT = "parent"
    """A directory above it was removed, or replaced by something that is no directory."""
    REPLACED = "replaced"
    """An entry of the same path came."""


class Inode(msgspec.Struct, gc=False):
    """What the names of a hard link group share: the entry with the content, and how many names are left."""

    entry: Entry
    layer: int
    names: int
    hidden_by: int | None = None


class Version(msgspec.Struct, gc=False):
    """A path as one layer left it; ``entry`` is None for a directory that no layer mentions.

    ``hidden_by`` is the layer from which on it cannot be seen; that may be its own layer.
    ``inode`` is set for the names of a hard link group, the one with the content among them.
    """

    layer: int
    entry: Entry | None
    hidden_by: int | None = None
    hidden_how: Hidden | None = None
    inode: Inode | None = None

    @property
    def source(self) -> Entry | None:
        """The entry that type, mode, owner, times and content come from."""
        return self.inode.entry if self.inode is not None else self.entry


def _layer_of(version: Version) -> int:
    return version.layer


class Node(msgspec.Struct, gc=False):
    """One path: its versions in the order of the layers, and what is below it.

    The path is the first ``length`` characters of ``text``, all of them for -1: the directories on
    the way to a deep entry share its text. ``swept`` is the last layer that emptied this directory
    of what is below, ``marked`` the last one with an opaque whiteout for it.
    """

    text: str
    versions: list[Version]
    live: dict[str, Node] | None = None
    dead: dict[str, Node] | None = None
    swept: int = -1
    marked: int = -1
    length: int = -1

    @property
    def path(self) -> str:
        """The normalised path."""
        return self.text if self.length < 0 else self.text[: self.length]

    def at(self, layer: int) -> Version | None:
        """The version that is visible as of a layer."""
        last = self.versions[-1]
        if last.layer > layer:
            place = bisect_right(self.versions, layer, key=_layer_of)
            if not place:
                return None
            last = self.versions[place - 1]
        return last if last.hidden_by is None or last.hidden_by > layer else None

    @property
    def top(self) -> Version | None:
        """The version that is visible in the end."""
        last = self.versions[-1]
        return last if last.hidden_by is None else None


class PathIndex(msgspec.Struct, frozen=True, kw_only=True):
    """Path to versions, for a whole image; any view of it is a filter over this.

    ``nodes`` are all paths in the order of their first appearance, the root (path ``""``) first.
    """

    root: Node
    nodes: list[Node]
    layer_count: int
    diagnostics: tuple[Diagnostic, ...] = ()

    def find(self, path: str) -> Node | None:
        """The node of a normalised path, whether it is visible or not; links are not followed."""
        node = self.root
        for part in path.split("/") if path else ():
            below = node.live.get(part) if node.live is not None else None
            if below is None:
                below = node.dead.get(part) if node.dead is not None else None
                if below is None:
                    return None
            node = below
        return node


def walk(node: Node) -> Iterator[Node]:
    """A node and everything that was ever below it, parents first, names in order."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        below = {**(node.live or {}), **(node.dead or {})}
        stack.extend(below[name] for name in sorted(below, reverse=True))


_DIRECTORY = Kind.DIRECTORY


def is_directory(version: Version) -> bool:
    """Whether a version is a directory, implied ones included."""
    entry = version.entry
    return entry is None or entry.kind is _DIRECTORY


def file_key(node: Node, version: Version) -> int:
    """What tells a file from any other of its index, whichever of its names it is looked at by."""
    return id(version.inode) if version.inode is not None else id(node)
