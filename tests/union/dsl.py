"""The words that tests of stacks are written in: layers built in code, and what is read of them."""

from __future__ import annotations

import xxhash

from layerscope.model.changeset import Changeset
from layerscope.model.entry import Entry, Kind
from layerscope.model.waste import Cause
from layerscope.union.apply import build_index
from layerscope.union.compare import Change
from layerscope.union.index import PathIndex
from layerscope.union.views import Merged, history, merged
from layerscope.union.waste import find_waste


def stack(*layers: Changeset) -> PathIndex:
    """Apply layers, the lowest first."""
    return build_index(layers)


def layer(*entries: Entry) -> Changeset:
    """Put entries into one layer, in this order."""
    return Changeset(
        entries=list(entries),
        content_bytes=sum(entry.stored_bytes for entry in entries),
        tar_bytes=0,
        compressed_bytes=0,
        compression="none",
    )


def file(
    path: str,
    content: bytes = b"",
    *,
    mode: int = 0o644,
    uid: int = 0,
    gid: int = 0,
    mtime: int = 0,
    xattrs: dict[str, bytes] | None = None,
) -> Entry:
    """Make a regular file; ``mtime`` is in seconds."""
    return Entry(
        path=path,
        kind=Kind.FILE,
        size_bytes=len(content),
        stored_bytes=len(content),
        mode=mode,
        uid=uid,
        gid=gid,
        mtime_ns=mtime * 1_000_000_000,
        xattrs=xattrs,
        content_hash=xxhash.xxh3_128_digest(content),
    )


def directory(
    path: str,
    *,
    mode: int = 0o755,
    uid: int = 0,
    gid: int = 0,
    mtime: int = 0,
    xattrs: dict[str, bytes] | None = None,
) -> Entry:
    """Make a directory that has an entry of its own; ``mtime`` is in seconds."""
    return Entry(
        path=path,
        kind=Kind.DIRECTORY,
        mode=mode,
        uid=uid,
        gid=gid,
        mtime_ns=mtime * 1_000_000_000,
        xattrs=xattrs,
    )


def symlink(path: str, target: str) -> Entry:
    """Make a symlink with this text."""
    return Entry(path=path, kind=Kind.SYMLINK, mode=0o777, link_target=target)


def hardlink(path: str, target: str, *, mode: int = 0, uid: int = 0, mtime: int = 0) -> Entry:
    """Make one more name for ``target``; the attributes are those of its header."""
    return Entry(
        path=path,
        kind=Kind.HARDLINK,
        mode=mode,
        uid=uid,
        mtime_ns=mtime * 1_000_000_000,
        link_target=target,
    )


def fifo(path: str, *, mode: int = 0o644) -> Entry:
    """Make a named pipe."""
    return Entry(path=path, kind=Kind.FIFO, mode=mode)


def device(path: str, major: int = 1, minor: int = 3, *, mode: int = 0o644) -> Entry:
    """Make a character device."""
    return Entry(path=path, kind=Kind.CHARACTER_DEVICE, mode=mode, link_target=f"{major}:{minor}")


def whiteout(path: str) -> Entry:
    """Mark what a lower layer has at this path as removed."""
    return Entry(path=path, kind=Kind.WHITEOUT)


def opaque(path: str) -> Entry:
    """Mark everything that lower layers have below this directory as removed."""
    return Entry(path=path, kind=Kind.OPAQUE)


def pseudo_link(path: str, content: bytes) -> Entry:
    """Make a file of the metadata that AUFS left behind."""
    regular = file(path, content)
    return Entry(
        path=path,
        kind=Kind.AUFS,
        size_bytes=regular.size_bytes,
        stored_bytes=regular.stored_bytes,
        content_hash=regular.content_hash,
    )


def visible_paths(index: PathIndex, as_of: int | None = None) -> list[str]:
    """List the merged filesystem's paths, the root left out."""
    return [row.path for row in merged(index, as_of) if row.path]


def row_at(index: PathIndex, path: str, as_of: int | None = None) -> Merged:
    """Find one path of the merged filesystem."""
    return next(row for row in merged(index, as_of) if row.path == path)


def entry_at(index: PathIndex, path: str, as_of: int | None = None) -> Entry:
    """Find what a visible path's type, attributes and content come from; it is not implied."""
    entry = row_at(index, path, as_of).entry
    assert entry is not None
    return entry


def is_implied(index: PathIndex, path: str) -> bool:
    """Tell whether a visible path is a directory without an entry."""
    return row_at(index, path).entry is None


def names_of(index: PathIndex, path: str) -> set[str]:
    """List the visible names that share a visible path's inode, itself among them."""
    home = row_at(index, path).link_of or path
    return {row.path for row in merged(index) if (row.link_of or row.path) == home}


def waste_of(index: PathIndex) -> list[tuple[str, Cause, int, int, int]]:
    """List waste as path, cause, layer that ships it, layer that hides it and bytes."""
    return [
        (waste.path, waste.cause, waste.shipped_by, waste.hidden_by, waste.size_bytes)
        for waste in find_waste(index)[0]
    ]


def visible_bytes(index: PathIndex) -> int:
    """Count the content that can be seen, a hard link group once."""
    return find_waste(index)[1]


def events_of(index: PathIndex, path: str) -> list[tuple[int, Change]]:
    """List what happened to a path, layer by layer."""
    return [(event.layer, event.change) for event in history(index, path)]


def remarks_of(index: PathIndex) -> set[str]:
    """List the codes of what was odd about the stack."""
    return {remark.code for remark in index.diagnostics}
