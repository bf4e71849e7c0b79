"""What a stack of layers shows and wastes, by the slowest and plainest arithmetic.

This is the samples' own answer, written from the image-spec (layer.md) and not from
layerscope: one dictionary from path to file, changed one entry at a time. It is small enough
to check by reading, so a test may hold layerscope against it.
"""

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sample_images.layer_tar import Member
from sample_images.root_filesystem import OPAQUE_MARKER, WHITEOUT_PREFIX

Cause = Literal["deleted", "overwritten", "metadata_only"]
CAUSES: Final[tuple[Cause, ...]] = ("deleted", "overwritten", "metadata_only")
_IMPLIED: Final = Member(name="", kind="dir", mode=0o755)


@dataclass(frozen=True, kw_only=True, slots=True)
class Waste:
    """Bytes of one entry that no visible name reaches any more."""

    path: str
    cause: Cause
    shipped_by: int
    hidden_by: int
    size_bytes: int


@dataclass(kw_only=True, slots=True, eq=False)
class Inode:
    """A file with the names that it has, as a file system would keep it."""

    member: Member
    path: str
    layer: int
    names: set[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A name in the merged tree: the file it leads to, and the layer that gave it the name."""

    inode: Inode
    layer: int


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """The balance of an image: ``content_bytes == visible_bytes + wasted_bytes``."""

    content_bytes: int
    visible_bytes: int
    waste: tuple[Waste, ...]
    tree: dict[str, Entry]

    @property
    def wasted_bytes(self) -> int:
        """All bytes of regular files that nobody can see."""
        return sum(item.size_bytes for item in self.waste)

    def wasted_by(self, cause: Cause) -> int:
        """The wasted bytes of one cause."""
        return sum(item.size_bytes for item in self.waste if item.cause == cause)

    def own_wasted_bytes(self, base_layers: int) -> int:
        """What the instructions above the base could have avoided.

        For a copy-up the layer to blame is the one that copied, else the one that shipped.
        """
        return sum(
            item.size_bytes
            for item in self.waste
            if (item.hidden_by if item.cause == "metadata_only" else item.shipped_by) >= base_layers
        )


def balance(layers: Sequence[Sequence[Member]]) -> Ledger:
    """Apply layers from the base up and account for every stored byte."""
    stack = _Stack()
    for number, members in enumerate(layers):
        for member in members:
            stack.apply(member, number)
    inodes = {id(entry.inode): entry.inode for entry in stack.tree.values()}
    ledger = Ledger(
        content_bytes=sum(_content_bytes(member) for members in layers for member in members),
        visible_bytes=sum(_content_bytes(inode.member) for inode in inodes.values()),
        waste=tuple(sorted(stack.waste, key=lambda item: (-item.size_bytes, item.path))),
        tree=stack.tree,
    )
    if ledger.content_bytes != ledger.visible_bytes + ledger.wasted_bytes:
        raise AssertionError(ledger.content_bytes, ledger.visible_bytes, ledger.wasted_bytes)
    return ledger


class _Stack:
    """The merged tree while layers are applied; whiteouts spare what their own layer added."""

    def __init__(self) -> None:
        self.tree: dict[str, Entry] = {}
        self.waste: list[Waste] = []

    def apply(self, member: Member, layer: int) -> None:
        path = posixpath.normpath("/" + member.name).strip("/")
        folder, name = posixpath.split(path)
        place = self._resolved(folder)
        if name == OPAQUE_MARKER:
            self._hide_lower(place, layer, keep=place)
            self._need_folder(place, layer)
        elif name.startswith(WHITEOUT_PREFIX):
            self._hide_lower(posixpath.join(place, name.removeprefix(WHITEOUT_PREFIX)), layer)
        else:
            self._need_folder(place, layer)
            self._put(posixpath.join(place, name), member, layer)

    def _put(self, path: str, member: Member, layer: int) -> None:
        if member.kind == "hardlink":
            target = posixpath.normpath("/" + member.target).strip("/")
            folder, name = posixpath.split(target)
            inode = self.tree[posixpath.join(self._resolved(folder), name)].inode
        else:
            inode = Inode(member=member, path=path, layer=layer, names=set())
        old = self.tree.get(path)
        if old is not None:
            both_folders = old.inode.member.kind == member.kind == "dir"
            same = _same_content(old.inode.member, member)
            for below in [] if both_folders else self._under(path):
                self._unlink(below, "deleted", layer)
            self._unlink(path, "metadata_only" if same else "overwritten", layer)
        inode.names.add(path)
        self.tree[path] = Entry(inode=inode, layer=layer)

    def _hide_lower(self, path: str, layer: int, keep: str | None = None) -> None:
        for name in [path, *self._under(path)]:
            if name != keep and name in self.tree and self.tree[name].layer < layer:
                self._unlink(name, "deleted", layer)
        if any(self._under(path)):
            self._need_folder(path, layer)

    def _unlink(self, path: str, cause: Cause, layer: int) -> None:
        inode = self.tree.pop(path).inode
        inode.names.discard(path)
        size_bytes = _content_bytes(inode.member)
        if not inode.names and size_bytes:
            waste = Waste(
                path=inode.path,
                cause=cause,
                shipped_by=inode.layer,
                hidden_by=layer,
                size_bytes=size_bytes,
            )
            self.waste.append(waste)

    def _need_folder(self, path: str, layer: int) -> None:
        parts = path.split("/") if path else []
        for number in range(1, len(parts) + 1):
            folder = "/".join(parts[:number])
            if folder not in self.tree or self.tree[folder].inode.member.kind != "dir":
                self._put(folder, _IMPLIED, layer)

    def _under(self, path: str) -> list[str]:
        return [name for name in self.tree if name.startswith(path + "/" if path else "")]

    def _resolved(self, folder: str) -> str:
        """Follow the symbolic links in a folder's path as they stand now, inside the root."""
        rest = folder.split("/") if folder else []
        done = ""
        for _ in range(1000):
            if not rest:
                return done
            step, rest = rest[0], rest[1:]
            if step == "..":
                done = posixpath.dirname(done)
                continue
            path = posixpath.join(done, step)
            found = self.tree.get(path)
            if found is None or found.inode.member.kind != "symlink":
                done = path
                continue
            target = found.inode.member.target
            rest = [part for part in target.split("/") if part not in ("", ".")] + rest
            done = "" if target.startswith("/") else done
        raise LookupError(folder)


def _content_bytes(member: Member) -> int:
    return member.stored_bytes if member.kind == "file" else 0


def _same_content(old: Member, new: Member) -> bool:
    if old.kind != "file" or new.kind != "file":
        return False
    return (old.content, old.data_runs) == (new.content, new.data_runs)
