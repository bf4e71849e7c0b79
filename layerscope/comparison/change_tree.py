"""The paths that differ as a tree, what differs most first; directories are opened one by one."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from layerscope.comparison.comparing import Comparison
from layerscope.comparison.files import DirectoryChange, FileChange
from layerscope.comparison.subject import Below
from layerscope.model.entry import Kind


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
        node.moved_bytes = (
            0 if change.change == "metadata_only" else (change.old_bytes or 0) + (change.new_bytes or 0)
        )
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


def visible_rows(root: ChangeNode, opened: set[str]) -> list[ChangeRow]:
    """The lines below the root as they are seen with these directories open."""
    rows: list[ChangeRow] = []
    stack = [(node, 0) for node in reversed(root.children)]
    while stack:
        node, depth = stack.pop()
        is_open = node.path in opened
        rows.append(ChangeRow(node, depth, is_open))
        if is_open:
            stack.extend((child, depth + 1) for child in reversed(node.children))
    return rows


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
