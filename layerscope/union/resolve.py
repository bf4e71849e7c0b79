"""Where a path's parent really is: symlinks followed inside the root, as they stand at that moment."""

from __future__ import annotations

from collections.abc import Callable

from layerscope.model.entry import Kind
from layerscope.union.index import Node, is_directory

_MAX_HOPS = 40
"""How many symlinks a kernel follows (path_resolution(7)); more are taken for a circle."""


class Resolver:
    """Directories by the path they are called in archives, remembered until something below changes them.

    ``make(parent, name)`` puts an implied directory where there is none.
    """

    def __init__(self, root: Node, make: Callable[[Node, str], Node]) -> None:
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
            found = self._plain(path) or self._walk(path, create=True)
            assert found is not None
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
            return self._make(parent, name)
        return node if is_directory(node.versions[-1]) else None

    def existing(self, path: str) -> Node | None:
        """The directory of a path, None where there is none."""
        found = self.directories.get(path)
        if found is None:
            found = self._walk(path, create=False)
            if found is not None:
                self.directories[path] = found
        return found

    def _walk(self, path: str, *, create: bool) -> Node | None:
        chain, todo = self._start(path)
        hops = 0
        while todo:
            name = todo.pop()
            if name in ("", "."):
                continue
            if name == "..":
                if len(chain) > 1:
                    chain.pop()
                continue
            node = (chain[-1].live or {}).get(name)
            version = node.versions[-1] if node is not None else None
            if node is not None and version is not None and is_directory(version):
                chain.append(node)
                continue
            source = version.source if version is not None else None
            if source is not None and source.kind is Kind.SYMLINK and hops < _MAX_HOPS:
                hops += 1
                target = source.link_target or ""
                if target.startswith("/"):
                    chain = [self._root]
                todo.extend(reversed(target.split("/")))
                continue
            if not create:
                return None
            chain.append(self._make(chain[-1], name))
        return chain[-1]

    def _start(self, path: str) -> tuple[list[Node], list[str]]:
        """The nodes from the root to the longest parent known to be a plain directory, and the rest."""
        parts = path.split("/")
        chain = [self._root]
        for number, part in enumerate(parts):
            node = (chain[-1].live or {}).get(part)
            if node is None or not is_directory(node.versions[-1]):
                return chain, parts[number:][::-1]
            chain.append(node)
        return chain, []
