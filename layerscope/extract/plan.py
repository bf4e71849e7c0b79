"""What is to be written: folders first, contents in the order in which layers hold them, links last."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from layerscope.extract.inside import Spot
from layerscope.model.entry import Entry, Kind
from layerscope.union.index import Node, Version, is_directory
from layerscope.union.places import Place

_DEVICES = frozenset((Kind.CHARACTER_DEVICE, Kind.BLOCK_DEVICE, Kind.FIFO))


class Item(msgspec.Struct, frozen=True, eq=False):
    """One path: the folder it goes to, its name there, where it is from."""

    folder: Spot
    name: bytes
    node: Node
    entry: Entry
    layer: int


class Folder(msgspec.Struct, frozen=True, eq=False):
    """A directory; ``entry`` is None for one that no layer mentions."""

    spot: Spot
    node: Node
    entry: Entry | None


class Missing(msgspec.Struct, frozen=True):
    """A path that was not written, and why."""

    path: str
    reason: str


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Everything at and below one path; ``links`` are further names, each with the item it shares."""

    top: Spot
    folders: list[Folder] = []
    files: list[Item] = []
    links: list[tuple[Item, Item]] = []
    symlinks: list[Item] = []
    devices: list[Item] = []
    missing: list[Missing] = []

    @property
    def count(self) -> int:
        """How many paths there are, those that cannot be written included."""
        contents = len(self.files) + len(self.links) + len(self.symlinks) + len(self.devices)
        return len(self.folders) + contents + len(self.missing)

    @property
    def size_bytes(self) -> int:
        """The logical size of all contents."""
        return sum(item.entry.size_bytes for item in self.files)

    @property
    def stored_bytes(self) -> int:
        """What the contents take, the holes of sparse files left out."""
        return sum(item.entry.stored_bytes for item in self.files)


def plan(place: Place) -> Plan:
    """What stands at a place as of its layer, and everything below it."""
    found = Plan(top=Spot())
    groups: dict[int, Item] = {}
    todo: list[tuple[Node, Version, Spot]] = [(place.node, place.version, found.top)]
    while todo:
        node, version, parent = todo.pop()
        name = _name(node)
        if name is None:
            found.missing.append(Missing(node.path, "no file system can hold its name"))
            continue
        if is_directory(version):
            spot = Spot(name, parent) if node.text else parent
            if node.text:
                found.folders.append(Folder(spot, node, version.source))
            todo += ((child, below, spot) for child, below in _children(node, place.layer))
        else:
            _add(found, groups, node, version, parent, name)
    found.files.sort(key=lambda item: (item.layer, item.entry.offset))
    return found


def _add(
    found: Plan, groups: dict[int, Item], node: Node, version: Version, parent: Spot, name: bytes
) -> None:
    entry, inode = version.source, version.inode
    assert entry is not None
    item = Item(parent, name, node, entry, version.layer if inode is None else inode.layer)
    if entry.kind is Kind.SYMLINK:
        found.symlinks.append(item)
    elif entry.kind in _DEVICES:
        found.devices.append(item)
    elif entry.kind is Kind.HARDLINK:
        found.missing.append(Missing(node.path, "it is a hard link that names nothing"))
    elif inode is not None and (first := groups.setdefault(id(inode), item)) is not item:
        found.links.append((item, first))
    else:
        found.files.append(item)


def _children(node: Node, layer: int) -> Iterator[tuple[Node, Version]]:
    """What a directory holds as of a layer, the names in reverse order as a stack wants them."""
    below = {**(node.dead or {}), **(node.live or {})}
    for name in sorted(below, reverse=True):
        child = below[name]
        version = child.at(layer)
        if version is not None:
            yield child, version


def _name(node: Node) -> bytes | None:
    """A path's last part as the file system has it; None where it can be no name."""
    end = len(node.text) if node.length < 0 else node.length
    name = node.text[node.text.rfind("/", 0, end) + 1 : end]
    try:
        encoded = name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return None
    return None if encoded in (b".", b"..") or b"\0" in encoded else encoded
