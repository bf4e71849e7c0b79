"""Oracle: a stack of layers as one dictionary, written from the image-spec sentence by sentence.

Slow and simple on purpose; it shares nothing with `layerscope.union`. Quotations are from the
image-spec, layer.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from layerscope.model.entry import Entry, Kind
from layerscope.model.waste import Cause

MAX_HOPS = 40
"""How many symlinks path_resolution(7) follows."""


class CircularError(Exception):
    """Hard links of one layer name each other, or a parent's symlinks lead back to themselves.

    What then stands there nobody has laid down: such stacks are for tests of their own.
    """


@dataclass(eq=False, slots=True)
class Inode:
    """What a name stands for; ``entry`` is None for a directory that no layer mentions."""

    entry: Entry | None
    layer: int

    @property
    def is_directory(self) -> bool:
        """Tell whether it can have anything below it."""
        return self.entry is None or self.entry.kind is Kind.DIRECTORY


@dataclass(eq=False, slots=True)
class Standing:
    """A name in the merged filesystem: what it stands for, and the layer that put it there."""

    inode: Inode
    layer: int


Tree = dict[str, Standing]
Lost = tuple[str, Cause, int, int, int]
"""Waste: path, cause, layer that ships it, layer that hides it, bytes."""


class NaiveStack:
    """The merged filesystem as of each layer, and everything that was ever shipped."""

    def __init__(self, layers: Iterable[Iterable[Entry]]) -> None:
        self.tree: Tree = {}
        self.states: list[Tree] = []
        self._number = -1
        self._lower: Tree = {}
        self._marked = set[str]()
        self._pending: dict[str, tuple[Standing, Entry]] = {}
        self._aufs: dict[str, Inode] = {}
        self._puts: list[list[tuple[str, Standing]]] = []
        self._shipped: list[tuple[str, Inode]] = []
        for entries in layers:
            self._apply(entries)

    def _apply(self, entries: Iterable[Entry]) -> None:
        """Apply one changeset to the tree that those below it gave."""
        self._number += 1
        if self._number == 0:
            self.tree[""] = Standing(Inode(None, 0), 0)
        self._lower = dict(self.tree)
        self._marked, self._pending, self._aufs = set(), {}, {}
        self._puts.append([])
        for entry in entries:
            match entry.kind:
                case Kind.WHITEOUT:
                    self._whiteout(entry.path)
                case Kind.OPAQUE:
                    self._opaque(entry.path)
                case Kind.HARDLINK:
                    self._hard_link(entry)
                case Kind.AUFS:
                    self._aufs[entry.path] = self._ship(entry.path, as_file(entry))
                case _:
                    path = self._place(entry.path)
                    if path or entry.kind is Kind.DIRECTORY:
                        self._put(path, self._ship(path, entry))
        self._settle_pending()
        self.states.append(dict(self.tree))

    def _ship(self, path: str, entry: Entry) -> Inode:
        inode = Inode(entry, self._number)
        if entry.stored_bytes:
            self._shipped.append((path, inode))
        return inode

    def _put(self, path: str, inode: Inode) -> Standing:
        """Put a name there, in place of what there is.

        "If the entry and the existing path are both directories, then the existing path's
        attributes MUST be replaced by those of the entry in the changeset. In all other cases"
        the path is removed and made anew.
        """
        before = self.tree.get(path)
        if before is not None and not (before.inode.is_directory and inode.is_directory):
            for other in [name for name in self.tree if name == path or is_below(name, path)]:
                del self.tree[other]
                self._pending.pop(other, None)
                self._marked.discard(other)
        self.tree[path] = standing = Standing(inode, self._number)
        self._puts[-1].append((path, standing))
        return standing

    def _place(self, path: str) -> str:
        """Where an entry really goes: its parent's symlinks followed, missing parents made."""
        parent, _, name = path.rpartition("/")
        return joined(self._directory(parent), name)

    def _directory(self, path: str) -> str:
        """Where a directory really is, made where it is missing or not one."""
        real = follow(self.tree, path)
        for directory in [*parents_of(real), real]:
            standing = self.tree.get(directory)
            if standing is None or not standing.inode.is_directory:
                self._put(directory, Inode(None, self._number))
        return real

    def _whiteout(self, path: str) -> None:
        """Whiteouts "MUST only apply to resources in lower/parent layers", wherever they stand."""
        target = found_in(self.tree, path)
        if target is not None:
            self._remove_lower({p for p in self.tree if p == target or is_below(p, target)})

    def _opaque(self, path: str) -> None:
        """Hide all children, "including sub-directories, other resources and all descendants"."""
        directory = self._directory(path)
        self._marked.add(directory)
        self._remove_lower({p for p in self.tree if is_below(p, directory)})

    def _remove_lower(self, paths: set[str]) -> None:
        """Remove what lower layers put there; keep the directories that this layer still needs."""
        for path in paths:
            if self.tree[path].layer < self._number:
                del self.tree[path]
        own = {path for path in paths if path in self.tree} | (self._marked & paths)
        needed = own | {parent for path in own for parent in parents_of(path)}
        for path in sorted(needed - set(self.tree)):
            self._put(path, Inode(None, self._number))

    def _hard_link(self, entry: Entry) -> None:
        """Give what stands at the target one more name; what this layer brings later counts more."""
        path = self._place(entry.path)
        if not path:
            return
        literal = entry.link_target or ""
        own = self._own(literal)
        inode = self._aufs.get(literal) or self._standing(literal)
        if inode is None or not can_be_shared(inode):
            inode = Inode(entry, self._number)
        known = literal in self._aufs or (own is not None and own not in self._pending)
        standing = self._put(path, inode)
        if not known:
            self._pending[path] = standing, entry

    def _own(self, target: str) -> str | None:
        """Where a hard link's target is, if this layer put it there."""
        path = found_in(self.tree, target)
        own = path in self.tree and self.tree[path].layer == self._number
        return path if own else None

    def _standing(self, target: str) -> Inode | None:
        """What stands at a hard link's target, or stood there before this layer came."""
        path = found_in(self.tree, target)
        if path in self.tree:
            return self.tree[path].inode
        return self._before(target)

    def _before(self, target: str) -> Inode | None:
        """What stood at a path before this layer came; no symlink is followed any more."""
        standing = self._lower.get(target) if target else None
        return standing.inode if standing else None

    def _settle_pending(self) -> None:
        """Name what the layer brought after the links to it, a link to a link after that one."""
        while self._pending:
            chain = [next(iter(self._pending))]
            while True:
                target = self._own(self._pending[chain[-1]][1].link_target or "")
                if target is None or target == chain[-1] or target not in self._pending:
                    break
                if target in chain:
                    raise CircularError
                chain.append(target)
            for path in reversed(chain):
                standing, entry = self._pending.pop(path)
                literal = entry.link_target or ""
                target = self._own(literal)
                inode = self._aufs.get(literal)
                if inode is None and target is not None and target != path:
                    inode = self.tree[target].inode
                elif inode is None and standing.inode.entry is entry:
                    inode = self._before(literal) if target == path else self._standing(literal)
                if inode is not None:
                    standing.inode = inode if can_be_shared(inode) else Inode(entry, self._number)

    def waste(self) -> list[Lost]:
        """One record for each entry that no visible name reaches any more."""
        lost = []
        for path, inode in self._shipped:
            assert inode.entry is not None
            reached = [
                number
                for number, state in enumerate(self.states)
                if any(standing.inode is inode for standing in state.values())
            ]
            hidden_by = reached[-1] + 1 if reached else inode.layer
            if hidden_by < len(self.states):
                cause = min(self._causes(inode, hidden_by), key=TELLING.index)
                lost.append((path, cause, inode.layer, hidden_by, inode.entry.stored_bytes))
        return lost

    def _causes(self, inode: Inode, hidden_by: int) -> list[Cause]:
        """Why each of the names went that went last."""
        puts = self._puts[hidden_by]
        passing = [(number, path) for number, (path, put) in enumerate(puts) if put.inode is inode]
        again = any(path == later for number, path in passing for later, _ in puts[number + 1 :])
        causes = [Cause.OVERWRITTEN if again else Cause.DELETED]
        if hidden_by > inode.layer:
            before, after = self.states[hidden_by - 1], self.states[hidden_by]
            names = [path for path, standing in before.items() if standing.inode is inode]
            causes += [cause_of(inode.entry, after.get(path)) for path in names]
        return causes


TELLING = (Cause.METADATA_ONLY, Cause.OVERWRITTEN, Cause.DELETED)


def cause_of(entry: Entry | None, now: Standing | None) -> Cause:
    """Tell why an entry is hidden from what stands at its path."""
    if now is None:
        return Cause.DELETED
    new = now.inode.entry
    if entry is None or new is None or new.kind is not Kind.FILE:
        return Cause.OVERWRITTEN
    same = (new.content_hash, new.size_bytes) == (entry.content_hash, entry.size_bytes)
    return Cause.METADATA_ONLY if same else Cause.OVERWRITTEN


def as_file(entry: Entry) -> Entry:
    """Tell what a name of an AUFS pseudo-link shows: an ordinary file."""
    return msgspec.structs.replace(entry, kind=Kind.FILE)


def can_be_shared(inode: Inode) -> bool:
    """Tell whether a hard link can name it: no directory, and no link that leads nowhere."""
    return not inode.is_directory and (inode.entry is None or inode.entry.kind is not Kind.HARDLINK)


def is_symlink(standing: Standing) -> bool:
    """Tell whether a name stands for a symlink."""
    entry = standing.inode.entry
    return entry is not None and entry.kind is Kind.SYMLINK


def is_below(path: str, directory: str) -> bool:
    """Tell whether a path lies somewhere below a directory."""
    return path.startswith(f"{directory}/") if directory else path != ""


def joined(directory: str, name: str) -> str:
    """Join a directory and a name in it; no name is the directory itself."""
    return f"{directory}/{name}" if directory and name else directory or name


def parents_of(path: str) -> list[str]:
    """List the directories above a path, the root left out."""
    parts = path.split("/")
    return ["/".join(parts[:length]) for length in range(1, len(parts))]


def follow(tree: Tree, path: str) -> str:
    """Where a path leads inside the root, all its symlinks followed.

    A relative link counts from its own directory, ``..`` takes back the part before it, be that
    there or not, and never leads above the root.
    """
    here = ""
    todo = path.split("/")[::-1]
    hops = 0
    while todo:
        part = todo.pop()
        standing = tree.get(joined(here, part))
        if part == "..":
            here = here.rpartition("/")[0]
        elif part in ("", "."):
            continue
        elif standing is not None and is_symlink(standing):
            hops += 1
            if hops > MAX_HOPS:
                raise CircularError
            text = (standing.inode.entry and standing.inode.entry.link_target) or ""
            here = "" if text.startswith("/") else here
            todo.extend(text.split("/")[::-1])
        else:
            here = joined(here, part)
    return here


def found_in(tree: Tree, path: str) -> str | None:
    """Where a name is or could be in a tree whose directory is there; None where there is none."""
    parent, _, name = path.rpartition("/")
    directory = tree.get(real := follow(tree, parent))
    return joined(real, name) if name and directory and directory.inode.is_directory else None
