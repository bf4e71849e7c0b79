"""A root filesystem under construction: change it, commit, and get the layer that did it.

This is what an overlay mount and a builder's diff do together. A changed file is stored
whole, whatever changed in it; a removed one leaves a whiteout; each changed directory, and
each directory above, is written again.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from posixpath import basename, dirname
from typing import Final

from sample_images.layer_tar import NANOSECONDS, Member

WHITEOUT_PREFIX: Final = ".wh."
OPAQUE_MARKER: Final = ".wh..wh..opq"

Change = Callable[[Member], Member]


@dataclass(kw_only=True)
class RootFilesystem:
    """The merged tree, and what the current step did to it."""

    tree: dict[str, Member] = field(default_factory=dict)
    clock_s: int = 0
    _lower: frozenset[str] = frozenset()
    _upper: set[str] = field(default_factory=set)
    _removed: set[str] = field(default_factory=set)
    _remade: set[str] = field(default_factory=set)

    def fork(self) -> "RootFilesystem":
        """Return a copy, for a second image on the same base."""
        return RootFilesystem(tree=dict(self.tree), clock_s=self.clock_s, _lower=self._lower)

    def add(self, members: Iterable[Member]) -> None:
        """Write members, each at its own path; one without a time gets the step's."""
        for member in members:
            self._need_parent(member.name)
            stamped = member if member.mtime_ns else replace(member, mtime_ns=self._now_ns())
            self.tree[member.name] = stamped
            self._upper.add(member.name)
            self._removed.discard(member.name)

    def append(self, path: str, more: bytes) -> None:
        """Add bytes at the end of a file, which is made when it is not there."""
        before = self.tree[path].content if path in self.tree else b""
        self.add([Member(name=path, content=before + more)])

    def remove(self, *paths: str) -> None:
        """Remove files, links or whole directories."""
        for path in paths:
            doomed = self.below(path)
            if not doomed:
                raise LookupError(path)
            for name in doomed:
                del self.tree[name]
                self._upper.discard(name)
            self._removed -= {name for name in self._removed if name.startswith(path + "/")}
            if path in self._lower:
                self._removed.add(path)
            self._touch_parent(path)

    def remake(self, path: str) -> None:
        """Remove a directory and make it again, empty: it becomes opaque."""
        directory = self.tree[path]
        self.remove(path)
        self.add([replace(directory, mtime_ns=0)])
        self._remade.add(path)

    def change(self, path: str, change: Change) -> None:
        """Change the metadata of everything below a path, which copies all of it up."""
        for name in self.below(path):
            self.tree[name] = change(self.tree[name])
            self._upper.add(name)

    def move(self, source: str, target: str) -> None:
        """Rename a file or a directory, which a layer can only tell as remove and add."""
        moved = [
            replace(self.tree[name], name=target + name.removeprefix(source)) for name in self.below(source)
        ]
        self.remove(source)
        self.add(moved)

    def below(self, path: str) -> list[str]:
        """Return a path, where it exists, and all paths under it."""
        return sorted(name for name in self.tree if name == path or name.startswith(path + "/"))

    def commit(self) -> tuple[Member, ...]:
        """Return the step's changes in the order that docker writes them, and start afresh."""
        names = set(self._upper)
        members = [self._whiteout(path) for path in self._removed - self._remade]
        members += [self._opaque(path) for path in self._remade]
        for path in [*self._upper, *self._removed]:
            names.update(_parents(path))
        members += [self.tree[name] for name in names]
        self._lower = frozenset(self.tree)
        self._upper, self._removed, self._remade = set(), set(), set()
        return tuple(sorted(members, key=lambda member: member.name.split("/")))

    def _whiteout(self, path: str) -> Member:
        name = f"{dirname(path)}/{WHITEOUT_PREFIX}{basename(path)}".lstrip("/")
        return Member(name=name, mode=0o600, mtime_ns=self._now_ns())

    def _opaque(self, path: str) -> Member:
        return Member(name=f"{path}/{OPAQUE_MARKER}", mode=0o755, mtime_ns=self._now_ns())

    def _need_parent(self, path: str) -> None:
        for parent in _parents(path):
            if parent not in self.tree:
                made = Member(name=parent, kind="dir", mode=0o755, mtime_ns=self._now_ns())
                self.tree[parent] = made
                self._upper.add(parent)
        self._touch_parent(path)

    def _touch_parent(self, path: str) -> None:
        parent = dirname(path)
        if parent:
            self.tree[parent] = replace(self.tree[parent], mtime_ns=self._now_ns())

    def _now_ns(self) -> int:
        return self.clock_s * NANOSECONDS


def _parents(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[: number + 1]) for number in range(len(parts))]
