"""Where a path's parent really is: symlinks followed inside the root, as they stand at that moment."""

from __future__ import annotations

from collections.abc import Callable

from layerscope.model.entry import Kind
from layerscope.union.index import Node, is_directory

_MAX_HOPS = 40
"""How many symlinks a kernel follows (path_resolution(7)); more are taken for a circle."""


class Resolver:
    """Directories by the path they are called in archives, remembered until something below changes them.

    ``make(parent, name, text, length)`` puts an implied directory where there is none; its path is
    the beginning of ``text``.
    """

    def __init__(self, root: Node, make: Callable[[Node, str, str, int], Node]) -> None:
        self._root = root
        self._make = make
        self.directories: dict[str, Node] = {"": root}

    def forget(self) -> None:
        """Forget everything: a directory went, or a symlink came or went, where it may matter."""
        self.directories.clear()
        self.directories[""] = self._root

    def directory(self, path: str) -> Node:
        """The directory of a path, made where it is missing."""
        found = self.directories.get(path)
        if found is None:
            found = self._plain(path) or self._made(path)
            self.directories[path] = found
        return found

    def _plain(self, path: str) -> Node | None:
        """The usual case: the directory above is known, and this is one in it or not there yet."""
        above, _, name = path.rpartition("/")
        parent = self.directories.get(above)
        if parent is None or not name:
            return None
        node = (parent.live or {}).get(name)
        if node is None:
            real = path if parent.path == above else f"{parent.path}/{name}".removeprefix("/")
            return self._make(parent, name, real, len(real))
        return node if is_directory(node.versions[-1]) else None

    def existing(self, path: str) -> Node | None:
        """The directory of a path, None where there is none."""
        found = self.directories.get(path)
        if found is None:
            names = self._real(path)
            found = self._root
            for name in names or ():
                node = (found.live or {}).get(name)
                if node is None or not is_directory(node.versions[-1]):
                    return None
                found = node
            if names is None:
                return None
            self.directories[path] = found
        return found

    def _made(self, path: str) -> Node:
        """The directory of a path, with everything made that is missing on the way."""
        names = self._real(path)
        if names is None:
            # What leads in a circle is not followed: its links become directories.
            names = path.split("/")
        text = "/".join(names)
        found, length = self._root, -1
        for name in names:
            length += 1 + len(name)
            node = (found.live or {}).get(name)
            plain = node is not None and is_directory(node.versions[-1])
            found = node if plain and node is not None else self._make(found, name, text, length)
        return found

    def _real(self, path: str) -> list[str] | None:
        """The names on the way with all symlinks followed, missing ones as they stand; None for a circle."""
        names: list[str] = []
        nodes: list[Node | None] = [self._root]
        todo = path.split("/")[::-1]
        hops = 0
        while todo:
            name = todo.pop()
            if name in ("", "."):
                continue
            if name == "..":
                if names:
                    names.pop()
                    nodes.pop()
                continue
            above = nodes[-1]
            node = (above.live or {}).get(name) if above is not None else None
            source = node.versions[-1].source if node is not None else None
            if source is not None and source.kind is Kind.SYMLINK:
                hops += 1
                if hops > _MAX_HOPS:
                    return None
                target = source.link_target or ""
                if target.startswith("/"):
                    names, nodes = [], [self._root]
                todo.extend(reversed(target.split("/")))
                continue
            names.append(name)
            nodes.append(node if node is not None and is_directory(node.versions[-1]) else None)
        return names
