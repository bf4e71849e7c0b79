"""Whether two stacks of layers make the same filesystem, entry by entry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from itertools import zip_longest
from operator import attrgetter

import msgspec

from layerscope.model.entry import Entry, Kind
from layerscope.model.names import shown
from layerscope.union.index import PathIndex
from layerscope.union.views import Merged, merged

_IMPLIED = Entry(path="", kind=Kind.DIRECTORY, mode=0o755)
_FIELDS = ("kind", "mode", "uid", "gid", "size_bytes", "link_target", "xattrs", "content_hash", "mtime_ns")
_LOOKS = attrgetter(*_FIELDS)
_NONE: frozenset[str] = frozenset()


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A path that is not the same in both, and in what."""

    path: str
    what: str

    def __str__(self) -> str:
        """``/path: mode``."""
        return f"/{shown(self.path)}: {self.what}"


class Allowed(msgspec.Struct, frozen=True, kw_only=True):
    """What may differ since it was asked for.

    The ``dropped`` paths are gone. What is ``linked`` may share an inode with what is equal to it and
    comes with the same layer. What was younger than ``latest_ns`` may have that time.
    """

    dropped: AbstractSet[str] = _NONE
    linked: bool = False
    latest_ns: int | None = None


NOTHING = Allowed()


def filesystem_differences(
    before: PathIndex, after: PathIndex, allowed: Allowed = NOTHING
) -> Iterator[Difference]:
    """Everything in which the merged filesystems differ: paths, metadata, content, link groups.

    A directory that no layer mentions is taken for one of mode 0755 and root's, of any time, as
    engines make it.
    """
    groups_before, groups_after = _groups(before, allowed.dropped), _groups(after)
    joined = _joined(after) if allowed.linked else _NONE
    left = (row for row in merged(before) if row.path not in allowed.dropped)
    for old, new in zip_longest(left, merged(after)):
        if old is None or new is None or old.path != new.path:
            paths = [row.path for row in (old, new) if row is not None]
            yield Difference(path=min(paths), what="is in one of them only")
            return
        yield from _between(old, new, allowed.latest_ns)
        if not _same_group(old.path, groups_before, groups_after, joined):
            yield Difference(path=old.path, what="hard links")


def _same_group(
    path: str, before: Mapping[str, str], after: Mapping[str, str], joined: AbstractSet[str]
) -> bool:
    """Whether a path has the links that it had, or more that it may have.

    Where it may have more, all that it was linked to has to be in the one group still.
    """
    least = before.get(path)
    if least == after.get(path):
        return True
    return path in joined and (least is None or after.get(least) == after.get(path))


def _joined(index: PathIndex) -> frozenset[str]:
    """The names of link groups that came together with another one; all of a group look the same anyway."""
    names: dict[tuple[int, int], list[str]] = {}
    for node in index.nodes:
        version = node.top
        if version is not None and version.inode is not None:
            names.setdefault((id(version.inode), version.layer), []).append(node.path)
    return frozenset(name for some in names.values() if len(some) > 1 for name in some)


def _between(old: Merged, new: Merged, latest_ns: int | None) -> Iterator[Difference]:
    before, after = old.entry or _IMPLIED, new.entry or _IMPLIED
    if before is after or _LOOKS(before) == _LOOKS(after):
        return
    timeless = old.entry is None or new.entry is None
    for field in _FIELDS[: -1 if timeless else None]:
        was, came = getattr(before, field) or None, getattr(after, field) or None
        if (
            field == "mtime_ns"
            and latest_ns is not None
            and came == (min(before.mtime_ns, latest_ns) or None)
        ):
            continue
        if was != came:
            yield Difference(path=old.path, what=field)


def _groups(index: PathIndex, dropped: AbstractSet[str] = _NONE) -> dict[str, str]:
    """The least name of each hard link group by its names; files with a single name are left out."""
    names: dict[int, list[str]] = {}
    for node in index.nodes:
        version = node.top
        if version is not None and version.inode is not None and node.path not in dropped:
            names.setdefault(id(version.inode), []).append(node.path)
    return {name: min(some) for some in names.values() if len(some) > 1 for name in some}
