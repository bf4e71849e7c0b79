"""The files that differ between two merged filesystems, and what that comes to in each directory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec

from layerscope.comparison.subject import Below, Subject
from layerscope.model.entry import Entry, Kind
from layerscope.model.names import shown
from layerscope.union.compare import differences, same_content
from layerscope.union.index import Node, PathIndex, Version, is_directory
from layerscope.union.views import link_homes

Changed = Literal["added", "removed", "modified", "metadata_only"]
_TELLING_RATIO = 0.9


class FileChange(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One path that differs. Bytes are stored ones; a hard link group counts at one of its names.

    Kinds, bytes and layers are None on the side that lacks the path. ``differs`` names the metadata that
    differ where both have it.
    """

    path: str
    change: Changed
    old_kind: Kind | None
    new_kind: Kind | None
    old_bytes: int | None
    new_bytes: int | None
    old_layer: int | None
    new_layer: int | None
    differs: tuple[str, ...] = ()

    @property
    def delta_bytes(self) -> int:
        """How much more there is of it than before."""
        return (self.new_bytes or 0) - (self.old_bytes or 0)

    @property
    def moved_bytes(self) -> int:
        """What came and what went, together: nothing where only metadata differ."""
        return 0 if self.change == "metadata_only" else (self.old_bytes or 0) + (self.new_bytes or 0)


class DirectoryChange(msgspec.Struct, frozen=True, kw_only=True):
    """A directory below which something differs; sides that lack it are None.

    ``added_bytes`` are the bytes of what is new or has other content, ``removed_bytes`` of what was there
    instead, ``changed_files`` their number; None where a report stands for one of the images.
    """

    path: str
    old: Below | None
    new: Below | None
    added_bytes: int | None
    removed_bytes: int | None
    changed_files: int | None

    @property
    def delta_bytes(self) -> int:
        """How much more is visible below it."""
        return (self.new.size_bytes if self.new else 0) - (self.old.size_bytes if self.old else 0)

    @property
    def moved_bytes(self) -> int:
        """What came and what went, together; only the difference where no more is known."""
        if self.added_bytes is None or self.removed_bytes is None:
            return abs(self.delta_bytes)
        return self.added_bytes + self.removed_bytes


def file_changes(old: Subject, new: Subject) -> tuple[FileChange, ...] | None:
    """All paths that differ, the largest differences first, what has other metadata only after its equals.

    None where a report stands for an image, unless the layers show that nothing can differ.
    """
    if _same_layers(old, new):
        return ()
    if old.inspection is None or new.inspection is None:
        return None
    before, after = old.inspection.analysis.index, new.inspection.analysis.index
    found = list(_walk(_Side(before), _Side(after)))
    found.sort(
        key=lambda one: (-abs(one.delta_bytes), -_content(one), one.change == "metadata_only", one.path)
    )
    return tuple(found)


def _same_layers(old: Subject, new: Subject) -> bool:
    """Whether both are the same stack of tars, all of which are there."""
    sides = [[layer.diff_id for layer in subject.layers] for subject in (old, new)]
    return sides[0] == sides[1] and None not in sides[0] and old.complete and new.complete


def _content(change: FileChange) -> int:
    """What weighs although the size is the same: other content."""
    return 0 if change.change == "metadata_only" else max(change.old_bytes or 0, change.new_bytes or 0)


class _Side:
    """A merged filesystem: what is visible, and where a hard link group's bytes are."""

    def __init__(self, index: PathIndex) -> None:
        self.root = index.root
        self._homes = link_homes(index, index.layer_count - 1)

    def stored_bytes(self, node: Node, version: Version) -> int:
        source = version.source
        if source is None or source.kind is not Kind.FILE:
            return 0
        if version.inode is not None and self._homes.get(id(version.inode)) != node.path:
            return 0
        return source.stored_bytes


def _walk(old: _Side, new: _Side) -> Iterator[FileChange]:
    """Both trees at once; nothing is made for what is the same."""
    stack: list[tuple[Node | None, Node | None]] = [(old.root, new.root)]
    while stack:
        before, after = stack.pop()
        former = before.live or {} if before is not None else {}
        latter = after.live or {} if after is not None else {}
        for name in former.keys() | latter.keys():
            couple = former.get(name), latter.get(name)
            change = _change(old, new, *couple)
            if change is not None:
                yield change
            if any(node is not None and node.live for node in couple):
                stack.append(couple)


def _change(old: _Side, new: _Side, before: Node | None, after: Node | None) -> FileChange | None:
    former = before.top if before is not None else None
    latter = after.top if after is not None else None
    differs: tuple[str, ...] = ()
    change: Changed
    if former is None or latter is None:
        if former is latter:
            return None
        change = "added" if former is None else "removed"
    else:
        same = same_content(former.source, latter.source)
        differs = differences(former.source, latter.source)
        if same and not differs:
            return None
        change = "metadata_only" if same else "modified"
    node = after if after is not None and latter is not None else before
    assert node is not None
    return FileChange(
        path=shown(node.path),
        change=change,
        old_kind=_kind(former),
        new_kind=_kind(latter),
        old_bytes=old.stored_bytes(before, former) if before is not None and former is not None else None,
        new_bytes=new.stored_bytes(after, latter) if after is not None and latter is not None else None,
        old_layer=former.layer if former is not None else None,
        new_layer=latter.layer if latter is not None else None,
        differs=differs,
    )


def _kind(version: Version | None) -> Kind | None:
    if version is None:
        return None
    source: Entry | None = version.source
    return Kind.DIRECTORY if source is None or is_directory(version) else source.kind


def directory_changes(
    old: Subject, new: Subject, changes: tuple[FileChange, ...] | None
) -> tuple[DirectoryChange, ...]:
    """All directories below which something other than metadata differs, the largest differences first."""
    if _same_layers(old, new):
        return ()
    before, after = old.directories, new.directories
    sums = _sums(changes) if changes is not None else {}
    found = []
    for path in before.keys() | after.keys():
        added, removed, count = sums.get(path, (0, 0, 0))
        if before.get(path) == after.get(path) and not count:
            continue
        found.append(
            DirectoryChange(
                path=path,
                old=before.get(path),
                new=after.get(path),
                added_bytes=added if changes is not None else None,
                removed_bytes=removed if changes is not None else None,
                changed_files=count if changes is not None else None,
            )
        )
    found.sort(key=lambda one: (-abs(one.delta_bytes), -one.moved_bytes, one.path))
    return tuple(found)


def _sums(changes: tuple[FileChange, ...]) -> dict[str, tuple[int, int, int]]:
    """By directory: bytes that came, bytes that went, files that differ in content."""
    sums: dict[str, list[int]] = {}
    for one in changes:
        directory = Kind.DIRECTORY in (one.old_kind, one.new_kind) and one.change != "modified"
        # A hard link group may count at another name now: bytes come and go without any content.
        if (one.change == "metadata_only" or directory) and not one.delta_bytes:
            continue
        above = one.path
        while above:
            above = above.rpartition("/")[0]
            row = sums.setdefault(above, [0, 0, 0])
            row[0] += one.new_bytes or 0
            row[1] += one.old_bytes or 0
            row[2] += 1
    return {path: (row[0], row[1], row[2]) for path, row in sums.items()}


def telling(changes: tuple[DirectoryChange, ...]) -> Iterator[DirectoryChange]:
    """The directories that tell where it is: none of whose subdirectories has nearly all of it."""
    by_path: Mapping[str, DirectoryChange] = {one.path: one for one in changes}
    heaviest: dict[str, int] = {}
    for one in changes:
        if one.path:
            above = one.path.rpartition("/")[0]
            heaviest[above] = max(heaviest.get(above, 0), one.moved_bytes)
    for path, one in by_path.items():
        if path and one.moved_bytes and heaviest.get(path, 0) < _TELLING_RATIO * one.moved_bytes:
            yield one
