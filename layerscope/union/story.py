"""The life of one path: what each layer did to it and below it, and what that costs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

import msgspec

from layerscope.model.entry import Entry, Kind
from layerscope.model.waste import Waste
from layerscope.union.analysis import Analysis
from layerscope.union.compare import Change
from layerscope.union.index import Hidden, Node, PathIndex, Version, is_directory, walk
from layerscope.union.views import history_of

_NAMES = 20

Records = dict[tuple[int, int], Waste]
"""Waste by the layer that ships it and the offset of the content there."""


class Difference(msgspec.Struct, frozen=True):
    """One attribute that differs, before and after, as people write it."""

    what: str
    before: str
    after: str


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What one layer did to the path.

    ``version`` is what it left, None where it took the path away. ``shipped_bytes`` is the content
    that it brought, ``wasted_bytes`` how much of that nobody sees in the end. ``caused_bytes`` is
    what it made useless of the version before.
    """

    layer: int
    change: Change
    version: Version | None
    how: Hidden | None
    differences: tuple[Difference, ...]
    shipped_bytes: int
    wasted_bytes: int
    caused_bytes: int


class Below(msgspec.Struct, kw_only=True):
    """What one layer did below a directory: counts of everything but directories, and bytes."""

    layer: int
    added: int = 0
    modified: int = 0
    metadata_only: int = 0
    removed: int = 0
    shipped_bytes: int = 0
    wasted_bytes: int = 0
    caused_bytes: int = 0


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """One path through all layers.

    ``last`` is its last version, visible or not. ``names`` are the other visible names of a hard
    linked file. ``wasted_bytes`` is all that was shipped for the path, and below it, for nothing.
    """

    path: str
    last: Version
    steps: tuple[Step, ...]
    below: tuple[Below, ...]
    names: tuple[str, ...]
    wasted_bytes: int

    @property
    def visible(self) -> bool:
        """Whether the path is there in the end."""
        return self.last.hidden_by is None


def story_of(analysis: Analysis, node: Node) -> Story:
    """Everything that ever happened to a path."""
    records = {(waste.shipped_by, waste.offset): waste for waste in analysis.waste}
    steps = tuple(_steps(node, records, set()))
    below = tuple(_below(node, records)) if any(map(is_directory, node.versions)) else ()
    return Story(
        path=node.path,
        last=node.versions[-1],
        steps=steps,
        below=below,
        names=tuple(_other_names(analysis.index, node)),
        wasted_bytes=sum(step.wasted_bytes for step in steps) + sum(row.wasted_bytes for row in below),
    )


def _steps(node: Node, records: Records, told: set[int]) -> Iterator[Step]:
    """The steps of one path; ``told`` are the records whose end has been told of another one."""
    before: Version | None = None
    for event in history_of(node):
        after = event.version
        wasted = _record(after, records) if after is not None and _shipped_bytes(after) else None
        caused = _record(before, records) if before is not None else None
        if caused is not None and (caused.hidden_by != event.layer or id(caused) in told):
            caused = None
        if caused is not None:
            told.add(id(caused))
        yield Step(
            layer=event.layer,
            change=event.change,
            version=after,
            how=event.how,
            differences=tuple(_differences(before, after)),
            shipped_bytes=_shipped_bytes(after) if after is not None else 0,
            wasted_bytes=wasted.size_bytes if wasted is not None else 0,
            caused_bytes=caused.size_bytes if caused is not None else 0,
        )
        before = after


def _shipped_bytes(version: Version) -> int:
    """The content that a version brought itself; nothing for a further name of a file."""
    entry = version.entry
    if entry is None or (version.inode is not None and version.inode.entry is not entry):
        return 0
    return entry.stored_bytes


def _record(version: Version, records: Records) -> Waste | None:
    """The waste that the content behind a version is, whichever name of it this is."""
    layer = version.layer if version.inode is None else version.inode.layer
    source = version.source
    return records.get((layer, source.offset)) if source is not None and source.stored_bytes else None


def _below(node: Node, records: Records) -> list[Below]:
    rows: dict[int, Below] = {}
    told: set[int] = set()
    for child in islice(walk(node), 1, None):
        if all(map(is_directory, child.versions)):
            continue
        for step in _steps(child, records, told):
            row = rows.setdefault(step.layer, Below(layer=step.layer))
            name = "removed" if step.change is Change.DELETED else step.change.value
            setattr(row, name, getattr(row, name) + 1)
            row.shipped_bytes += step.shipped_bytes
            row.wasted_bytes += step.wasted_bytes
            row.caused_bytes += step.caused_bytes
    return [rows[layer] for layer in sorted(rows)]


def _other_names(index: PathIndex, node: Node) -> Iterable[str]:
    """The other names of a hard linked file that can be seen, some of them."""
    inode = node.versions[-1].inode
    if inode is None or inode.entry.kind is not Kind.FILE:
        return ()
    others = (
        other.path
        for other in index.nodes
        if other is not node and (top := other.top) is not None and top.inode is inode
    )
    return sorted(islice(others, _NAMES))


def _differences(before: Version | None, after: Version | None) -> Iterator[Difference]:
    """What differs between two versions, the content left out."""
    old, new = (version.source if version is not None else None for version in (before, after))
    if old is None or new is None:
        return
    if old.kind is not new.kind:
        yield Difference("type", old.kind.name.lower(), new.kind.name.lower())
        return
    if old.size_bytes != new.size_bytes:
        yield Difference("size", str(old.size_bytes), str(new.size_bytes))
    if old.link_target != new.link_target:
        yield Difference("target", old.link_target or "", new.link_target or "")
    if (old.uid, old.gid) != (new.uid, new.gid):
        yield Difference("owner", f"{old.uid}:{old.gid}", f"{new.uid}:{new.gid}")
    if old.mode != new.mode:
        yield Difference("mode", f"{old.mode:04o}", f"{new.mode:04o}")
    if old.mtime_ns != new.mtime_ns:
        yield Difference("time", *_times(old, new))
    for name in sorted((old.xattrs or {}).keys() | (new.xattrs or {}).keys()):
        values = [(entry.xattrs or {}).get(name) for entry in (old, new)]
        if values[0] != values[1]:
            yield Difference(f"xattr {name}", *("none" if value is None else value.hex() for value in values))


def _times(old: Entry, new: Entry) -> tuple[str, str]:
    """Two times in UTC, with fractions only where nothing else differs."""
    from datetime import UTC, datetime, timedelta

    def written(entry: Entry, spec: str) -> str:
        seconds, fraction = divmod(entry.mtime_ns, 10**9)
        try:
            moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
        except OverflowError:
            return f"{seconds} s"
        return f"{moment:%Y-%m-%d %H:%M:%S}" + (f".{fraction:09d}" if spec else "")

    plain = written(old, ""), written(new, "")
    return plain if plain[0] != plain[1] else (written(old, "ns"), written(new, "ns"))
