"""The paths that differ as a tree, what differs most first; directories are opened one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from layerscope.comparison.comparing import Comparison
from layerscope.comparison.files import Changed, DirectoryChange, FileChange
from layerscope.comparison.picking import Picking
from layerscope.comparison.subject import Below
from layerscope.model.entry import Kind
from layerscope.union.compare import Change

_CHANGES: dict[Changed, Change] = {
    "added": Change.ADDED,
    "removed": Change.DELETED,
    "modified": Change.MODIFIED,
    "metadata_only": Change.METADATA_ONLY,
}


class ChangeNode(msgspec.Struct, kw_only=True, gc=False):
    """One path; bytes are those below it for a directory, None on a side that lacks it.

    ``change`` is what became of the path itself, None where only what is below it differs, or where that is
    unknown. ``count`` is how many paths at or below it differ.
    """

    path: str
    name: str
    is_directory: bool = False
    old_bytes: int | None = None
    new_bytes: int | None = None
    moved_bytes: int = 0
    count: int = 0
    change: FileChange | None = None
    children: list[ChangeNode] = []

    @property
    def delta_bytes(self) -> int:
        """How much more there is."""
        return (self.new_bytes or 0) - (self.old_bytes or 0)


class ChangeRow(msgspec.Struct, frozen=True, gc=False):
    """A line of the tree."""

    node: ChangeNode
    depth: int
    is_open: bool


def change_tree(comparison: Comparison) -> ChangeNode:
    """The root; where single files are unknown the tree is one of directories."""
    root = ChangeNode(path="", name="", is_directory=True)
    nodes = {"": root}
    for directory in comparison.directories:
        _directory(nodes, directory.path)
    for change in comparison.files or ():
        node = _node(nodes, change.path)
        node.change = change
        node.old_bytes, node.new_bytes = change.old_bytes, change.new_bytes
        node.is_directory = node.is_directory or Kind.DIRECTORY in (change.old_kind, change.new_kind)
        node.moved_bytes = change.moved_bytes
        for above in _above(nodes, change.path):
            above.count += 1
        node.count += 1
    known = {directory.path: directory for directory in comparison.directories}
    for node in nodes.values():
        if node.is_directory:
            _fill(node, known.get(node.path), comparison.old.directories, comparison.new.directories)
    for node in nodes.values():
        node.children.sort(key=lambda one: (-abs(one.delta_bytes), -one.moved_bytes, one.name))
    return root


def _fill(
    node: ChangeNode,
    directory: DirectoryChange | None,
    old: Mapping[str, Below],
    new: Mapping[str, Below],
) -> None:
    before, after = old.get(node.path), new.get(node.path)
    if before is not None:
        node.old_bytes = before.size_bytes
    if after is not None:
        node.new_bytes = after.size_bytes
    node.moved_bytes = directory.moved_bytes if directory is not None else 0


def _directory(nodes: dict[str, ChangeNode], path: str) -> None:
    _node(nodes, path).is_directory = True


def _node(nodes: dict[str, ChangeNode], path: str) -> ChangeNode:
    """The node of a path, made with the directories above it."""
    missing = []
    while path not in nodes:
        missing.append(path)
        path = path.rpartition("/")[0]
    above = nodes[path]
    for one in reversed(missing):
        above.is_directory = True
        node = ChangeNode(path=one, name=one.rpartition("/")[2], children=[])
        above.children.append(node)
        nodes[one] = above = node
    return above


def _above(nodes: dict[str, ChangeNode], path: str) -> list[ChangeNode]:
    found = []
    while path:
        path = path.rpartition("/")[0]
        found.append(nodes[path])
    return found


def visible_rows(root: ChangeNode, opened: set[str], kept: set[str] | None = None) -> list[ChangeRow]:
    """The lines below the root as they are seen with these directories open; only ``kept`` paths if given."""
    rows: list[ChangeRow] = []
    stack = [(node, 0) for node in reversed(root.children)]
    while stack:
        node, depth = stack.pop()
        if kept is not None and node.path not in kept:
            continue
        is_open = node.path in opened
        rows.append(ChangeRow(node, depth, is_open))
        if is_open:
            stack.extend((child, depth + 1) for child in reversed(node.children))
    return rows


class Asked(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A path as a filter asks of it, and itself."""

    texts: tuple[str]
    size_bytes: int
    change: Change | None
    path: str


def asked_below(root: ChangeNode) -> list[Asked]:
    """Every path of the tree, ready to be asked."""
    found = []
    stack = [*root.children]
    while stack:
        node = stack.pop()
        size_bytes = max(node.old_bytes or 0, node.new_bytes or 0)
        found.append(Asked((node.path.lower(),), size_bytes, _what(node), node.path))
        stack += node.children
    return found


def picked(paths: Sequence[Asked], picking: Picking) -> tuple[set[str], int]:
    """The paths that a filter picks with the directories above them, and how many it picked."""
    left = list(paths)
    for word in picking.words:
        left = [one for one in left if word in one.texts[0]]
    for test in picking.tests:
        left = [one for one in left if test(one.texts, one.size_bytes, one.change)]
    kept = {one.path for one in left}
    for one in left:
        path = one.path
        while (path := path.rpartition("/")[0]) and path not in kept:
            kept.add(path)
    return kept, len(left)


def _what(node: ChangeNode) -> Change | None:
    return None if node.change is None else _CHANGES[node.change.change]


def heaviest_way(root: ChangeNode) -> set[str]:
    """The directories to open so that the first thing seen is where it is: as long as one has nearly all."""
    opened = set[str]()
    node = root
    while node.children and node.children[0].children:
        first = node.children[0]
        if 2 * first.moved_bytes < node.moved_bytes:
            break
        opened.add(first.path)
        node = first
    return opened
