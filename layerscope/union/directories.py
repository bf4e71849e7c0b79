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
    """Totals of every directory by its path.

    A hard link group counts where its content stands; once that name is gone, where the least of
    the others is. One pass over the paths, then one over the directories from the deepest up.
    """
    groups: dict[int, list[tuple[str, Version]]] = {}
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
                    if version.inode is not None and version.inode.entry.stored_bytes:
                        groups.setdefault(id(version.inode), []).append((child.path, version))
                if child.live is not None or child.dead is not None or _was_directory(child):
                    stack.append((child, directory.path))
    for names in groups.values():
        _count_group(names, sums)
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
    size_bytes = entry.stored_bytes if version.inode is None else 0
    _add(changes, version.layer, size_bytes, 1)
    if version.hidden_by is not None:
        _add(changes, version.hidden_by, -size_bytes, -1)


def _count_group(names: list[tuple[str, Version]], sums: dict[str, dict[int, list[int]]]) -> None:
    """Add the bytes of a hard link group to the directory of the name that stands for it."""
    names.sort(key=lambda name: (name[1].entry is not name[1].source, name[0]))
    layers = {version.layer for _, version in names}
    layers |= {version.hidden_by for _, version in names if version.hidden_by is not None}
    holder: str | None = None
    for layer in sorted(layers):
        visible = (
            path
            for path, version in names
            if version.layer <= layer and (version.hidden_by is None or version.hidden_by > layer)
        )
        following = next(visible, None)
        if following != holder:
            size_bytes = names[0][1].source.stored_bytes if names[0][1].source else 0
            if holder is not None:
                _add(sums[holder.rpartition("/")[0]], layer, -size_bytes, 0)
            if following is not None:
                _add(sums[following.rpartition("/")[0]], layer, size_bytes, 0)
        holder = following


def _add(changes: dict[int, list[int]], layer: int, size_bytes: int, file_count: int) -> None:
    row = changes.setdefault(layer, [0, 0])
    row[0] += size_bytes
    row[1] += file_count
