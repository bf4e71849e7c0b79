"""Paths of the merged filesystem as a running program would resolve them."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.model.entry import Kind
from layerscope.model.paths import normalise
from layerscope.union.index import Node, PathIndex, is_directory

_MAX_LINKS = 40  # as Linux has it


class VisiblePaths:
    """Looks paths up, and tells which symlinks lead there."""

    def __init__(self, index: PathIndex) -> None:
        self._index = index

    def node(self, path: str) -> Node | None:
        """What is visible at a normalised path; links are not followed."""
        node = self._index.find(path)
        return node if node is not None and node.top is not None else None

    def resolve(self, path: str) -> tuple[Node | None, list[str]]:
        """What a path leads to in the end, None where it leads nowhere, and the symlinks on the way."""
        place, rest, links = "", path.split("/")[::-1], []
        while rest:
            part = rest.pop()
            if part in ("", "."):
                continue
            if part == "..":
                place = place.rpartition("/")[0]
                continue
            step = f"{place}/{part}" if place else part
            node = self.node(step)
            source = node.top.source if node is not None and node.top is not None else None
            if source is None or source.kind is not Kind.SYMLINK:
                place = step
                continue
            links.append(step)
            if len(links) > _MAX_LINKS:
                return None, links
            target = source.link_target or ""
            rest += target.split("/")[::-1]
            place = "" if target.startswith("/") else place
        return self.node(place), links

    def is_file(self, node: Node | None) -> bool:
        """Whether it is a visible regular file."""
        source = node.top.source if node is not None and node.top is not None else None
        return source is not None and source.kind is Kind.FILE

    def is_plain(self, node: Node) -> bool:
        """Whether a visible path is a regular file with no other name."""
        version = node.versions[-1]
        return version.inode is None and version.entry is not None and version.entry.kind is Kind.FILE

    def is_folder(self, node: Node | None) -> bool:
        """Whether it is a visible directory."""
        return node is not None and node.top is not None and is_directory(node.top)

    def below(self, node: Node, without: frozenset[str]) -> Iterator[Node]:
        """What is visible below a directory and is none itself, but for what has one of these names."""
        waiting = [node]
        while waiting:
            node = waiting.pop()
            for name, child in sorted((node.live or {}).items(), reverse=True):
                version = child.top
                if version is None or name in without:
                    continue
                if is_directory(version):
                    waiting.append(child)
                else:
                    yield child

    def names(self, folder: str) -> list[str]:
        """The names in a directory, sorted; none where it is none."""
        node, _ = self.resolve(folder)
        return sorted(node.live or {}) if node is not None and self.is_folder(node) else []


def joined(folder: str, path: str) -> str:
    """A path relative to a folder, or from the root."""
    return normalise(path if path.startswith("/") else f"{folder}/{path}")
