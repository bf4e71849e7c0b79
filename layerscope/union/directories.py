"""What stands below each directory, as of any layer."""

from __future__ import annotations

from bisect import bisect_right

import msgspec

from layerscope.model.entry import Kind
from layerscope.union.index import Node, PathIndex, Version


class Total(msgspec.Struct, frozen=True, gc=False):
    """Visible bytes and files below a directory from a layer on."""

    layer: int
    size_bytes: int
    file_count: int


class DirectoryTotals:
    """Totals of one directory: one row for each layer that changed something below it."""

    def __init__(self, changes: dict[int, list[int]]) -> None:
        self.rows: list[Total] = []
        size_bytes = file_count = 0
        for layer in sorted(changes):
            size_bytes += changes[layer][0]
            file_count += changes[layer][1]
            self.rows.append(Total(layer, size_bytes, file_count))
        self._layers = [row.layer for row in self.rows]

    def at(self, layer: int) -> Total:
        """The totals as of a layer."""
        place = bisect_right(self._layers, layer)
        return self.rows[place - 1] if place else Total(layer, 0, 0)


def directory_totals(index: PathIndex) -> dict[str, DirectoryTotals]:
    """Totals of every directory by its path; a hard link group counts where its content stands.

    One pass over the paths, then one over the directories from the deepest up.
    """
    sums: dict[str, dict[int, list[int]]] = {}
    directories: list[tuple[Node, str]] = []
    stack: list[tuple[Node, str]] = [(index.root, "")]
    while stack:
        directory, _ = stack.pop()
        directories.append((directory, directory.path))
        own = sums.setdefault(directory.path, {})
        for children in (directory.live, directory.dead):
            for child in (children or {}).values():
                for version in child.versions:
                    _count(version, own)
                if child.live is not None or child.dead is not None or _was_directory(child):
                    stack.append((child, directory.path))
    for directory, path in reversed(directories):
        if not path:
            continue
        above = sums[directory.path.rpartition("/")[0]]
        for layer, (size_bytes, file_count) in sums[path].items():
            row = above.setdefault(layer, [0, 0])
            row[0] += size_bytes
            row[1] += file_count
    return {path: DirectoryTotals(changes) for path, changes in sums.items()}


def _was_directory(node: Node) -> bool:
    return any(version.entry is None or version.entry.kind is Kind.DIRECTORY for version in node.versions)


def _count(version: Version, changes: dict[int, list[int]]) -> None:
    """Add a version where it appears and take it away where it is hidden."""
    entry = version.entry
    if entry is None or entry.kind is Kind.DIRECTORY:
        return
    gone = version.inode.hidden_by if version.inode is not None else version.hidden_by
    for layer, sign, file_sign in (
        (version.layer, 1, 1),
        (gone, -1, 0),
        (version.hidden_by, 0, -1),
    ):
        if layer is not None:
            row = changes.setdefault(layer, [0, 0])
            row[0] += sign * entry.stored_bytes
            row[1] += file_sign
