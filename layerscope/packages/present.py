"""The merged filesystem as package databases speak of it: paths through symlinks, facts of what is there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar, cast

import msgspec
from msgspec.structs import replace

from layerscope.model.changeset import Changeset
from layerscope.model.entry import Kind
from layerscope.model.paths import normalise
from layerscope.packages.found import Found
from layerscope.union.index import Node, PathIndex, Version
from layerscope.union.places import follow

Database = Callable[["Present"], Iterator[Found]]
"""Reads one kind of package database."""

Told = TypeVar("Told")


class Fact(msgspec.Struct, frozen=True):
    """What a probe said of a visible file; ``layer`` is the one that first had it with this content."""

    path: str
    layer: int
    value: Any


class Present:
    """What is visible in the end."""

    def __init__(self, index: PathIndex, changesets: Sequence[Changeset]) -> None:
        self.index = index
        self.changesets = changesets
        self._folders: dict[str, Node | None] = {}
        self._told: dict[Callable[..., Any], Any] = {}

    def once(self, tell: Callable[[Present], Told]) -> Told:
        """What a function makes of this, which is called when it is first asked for, once."""
        if tell not in self._told:
            self._told[tell] = tell(self)
        return cast("Told", self._told[tell])

    def told_by(self, database: Database) -> list[Found]:
        """What a database says, which is asked once: looking its files up is what takes long."""
        if database not in self._told:
            self._told[database] = [replace(found, files=list(found.files)) for found in database(self)]
        return cast("list[Found]", self._told[database])

    def file(self, path: str) -> tuple[Node, Version] | None:
        """The visible file of a path, the symlinks above it followed; None for anything else."""
        folder, _, name = path.rpartition("/")
        if name in ("", ".", ".."):
            return None
        if folder not in self._folders:
            self._folders[folder] = self._folder(folder)
        above = self._folders[folder]
        node = (above.live or {}).get(name) if above is not None else None
        version = node.top if node is not None else None
        source = version.source if version is not None else None
        if node is None or version is None or source is None or source.kind is not Kind.FILE:
            return None
        return node, version

    def files(self, paths: Iterable[str]) -> Iterator[tuple[Node, Version]]:
        """Those of these paths, however they are written, that are visible files."""
        for path in paths:
            seen = self.file(normalise(path))
            if seen is not None:
                yield seen

    def _folder(self, path: str) -> Node | None:
        last = self.index.layer_count - 1
        node = self.index.find(follow(self.index, path, last, last=True))
        return node if node is not None and node.top is not None else None

    def facts(self, probe: str) -> Iterator[Fact]:
        """What a probe saw in the files that are visible in the end, by path."""
        found: dict[str, Fact] = {}
        for number, changeset in enumerate(self.changesets):
            for path, value in changeset.facts.get(probe, {}).items():
                seen = self.file(path)
                if seen is None:
                    continue
                node, version = seen
                shipped_by = version.inode.layer if version.inode is not None else version.layer
                if shipped_by == number:
                    found[node.path] = Fact(node.path, _first_layer(node, version), value)
        for path in sorted(found):
            yield found[path]


def _first_layer(node: Node, version: Version) -> int:
    """The layer that brought a visible file's content, a lower one where it was copied up since."""
    layer = version.layer
    content = version.source.content_hash if version.source is not None else None
    for older in reversed(node.versions):
        if older.source is None or older.source.content_hash != content:
            break
        layer = older.layer
    return layer


def joined(folder: str, name: str) -> str:
    """A path that a database gives relative to a folder, or from the root."""
    return normalise(name if name.startswith("/") else f"{folder}/{name}")
