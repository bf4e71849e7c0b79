"""The same content at several visible paths."""

from __future__ import annotations

import msgspec

from layerscope.model.entry import Kind
from layerscope.union.index import PathIndex


class DuplicateFile(msgspec.Struct, frozen=True, kw_only=True):
    """One of the places of a content."""

    path: str
    layer: int


class Duplicates(msgspec.Struct, frozen=True, kw_only=True):
    """A content that stands at more than one visible path, each with bytes of its own.

    ``duplicate_bytes`` is what all but one of them take.
    """

    size_bytes: int
    files: tuple[DuplicateFile, ...]

    @property
    def duplicate_bytes(self) -> int:
        """Bytes of every file but one."""
        return self.size_bytes * (len(self.files) - 1)


def find_duplicates(index: PathIndex) -> list[Duplicates]:
    """All groups, the costliest first; names of one hard link group are one file, empty files none."""
    groups: dict[bytes, list[tuple[str, int, int]]] = {}
    file = Kind.FILE
    seen: set[int] = set()
    for node in index.nodes:
        version = node.versions[-1]
        if version.hidden_by is not None or version.entry is None:
            continue
        entry = version.entry
        if version.inode is not None:
            if id(version.inode) in seen:
                continue
            seen.add(id(version.inode))
            entry = version.inode.entry
        if entry.kind is file and entry.stored_bytes and entry.content_hash is not None:
            place = (node.path, version.layer, entry.stored_bytes)
            groups.setdefault(entry.content_hash, []).append(place)
    found = [
        Duplicates(
            size_bytes=places[0][2],
            files=tuple(DuplicateFile(path=path, layer=layer) for path, layer, _ in sorted(places)),
        )
        for places in groups.values()
        if len(places) > 1
    ]
    found.sort(key=lambda group: (-group.duplicate_bytes, group.files[0].path))
    return found
