"""Whether two stacks of layers make the same filesystem, entry by entry."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

import msgspec

from layerscope.model.entry import Entry, Kind
from layerscope.model.names import shown
from layerscope.union.index import PathIndex
from layerscope.union.views import Merged, merged

_IMPLIED = Entry(path="", kind=Kind.DIRECTORY, mode=0o755)
_FIELDS = ("kind", "mode", "uid", "gid", "size_bytes", "link_target", "xattrs", "content_hash", "mtime_ns")


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A path that is not the same in both, and in what."""

    path: str
    what: str

    def __str__(self) -> str:
        """``/path: mode``."""
        return f"/{shown(self.path)}: {self.what}"


def filesystem_differences(before: PathIndex, after: PathIndex) -> Iterator[Difference]:
    """Everything in which the merged filesystems differ: paths, metadata, content, link groups.

    A directory that no layer mentions is taken for one of mode 0755 and root's, of any time, as
    engines make it.
    """
    groups_before, groups_after = _groups(before), _groups(after)
    for old, new in zip_longest(merged(before), merged(after)):
        if old is None or new is None or old.path != new.path:
            paths = [row.path for row in (old, new) if row is not None]
            yield Difference(path=min(paths), what="is in one of them only")
            return
        yield from _between(old, new)
        if groups_before.get(old.path) != groups_after.get(old.path):
            yield Difference(path=old.path, what="hard links")


def _between(old: Merged, new: Merged) -> Iterator[Difference]:
    before, after = old.entry or _IMPLIED, new.entry or _IMPLIED
    timeless = old.entry is None or new.entry is None
    for field in _FIELDS[: -1 if timeless else None]:
        if (getattr(before, field) or None) != (getattr(after, field) or None):
            yield Difference(path=old.path, what=field)


def _groups(index: PathIndex) -> dict[str, str]:
    """The least name of each hard link group by its names; files with a single name are left out."""
    names: dict[int, list[str]] = {}
    for node in index.nodes:
        version = node.top
        if version is not None and version.inode is not None:
            names.setdefault(id(version.inode), []).append(node.path)
    return {name: min(some) for some in names.values() if len(some) > 1 for name in some}
