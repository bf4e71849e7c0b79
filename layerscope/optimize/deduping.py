"""Equal files of one layer become hard links: which, and that they are equal byte for byte."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import closing

import msgspec

from layerscope.errors import ImageError
from layerscope.extensions import Opened
from layerscope.model.changeset import Changeset
from layerscope.model.entry import Entry, Kind
from layerscope.model.names import shown
from layerscope.oci.compression import Decompressed
from layerscope.oci.read_ahead import read_ahead
from layerscope.oci.tar.members import Members
from layerscope.optimize.copied import Copied

_Looks = tuple[object, ...]


def has_copies(changeset: Changeset) -> bool:
    """Whether a layer has files of the same content at all."""
    contents = [entry.content_hash for entry in changeset.entries if _may_be_linked(entry)]
    return len(set(contents)) < len(contents)


def without_copies(
    copies: Sequence[Copied], changesets: Sequence[Changeset], latest_ns: int | None
) -> list[Copied]:
    """Make links of all but the first of equal files: content, mode, owner, time and attributes.

    The first is the one that is written first: by path in a canonical layer, where nothing is younger
    than ``latest_ns``.
    """
    firsts: dict[_Looks, str] = {}
    links: dict[int, str] = {}
    order = range(len(copies))
    if latest_ns is not None:
        order = sorted(order, key=lambda place: path_of(copies[place], changesets))  # type: ignore[assignment]
    for place in order:
        copied = copies[place]
        entry = entry_of(copied, changesets)
        if copied.link is None and _may_be_linked(entry):
            path = path_of(copied, changesets)
            first = firsts.setdefault(_looks(entry, latest_ns), path)
            if first != path:
                links[place] = first
    return [
        msgspec.structs.replace(copied, link=links[place], stored_bytes=0) if place in links else copied
        for place, copied in enumerate(copies)
    ]


def check_equal(copies: Sequence[Copied], opened: Opened, changesets: Sequence[Changeset]) -> None:
    """Hold the files that become links against those they lead to, by SHA-256; raises ImageError.

    The hash by which they were found is fast, and no proof against somebody who means harm.
    """
    made = {
        path_of(copied, changesets): copied.link
        for copied in copies
        if copied.link is not None and entry_of(copied, changesets).kind is not Kind.HARDLINK
    }
    if not made:
        return
    targets = set(made.values())
    wanted: dict[int, dict[int, str]] = {}
    for copied in copies:
        path = path_of(copied, changesets)
        if path in made or (path in targets and copied.link is None):
            wanted.setdefault(copied.layer, {})[id(entry_of(copied, changesets))] = path
    digests: dict[str, bytes] = {}
    for layer, some in sorted(wanted.items()):
        digests |= _digests(opened, layer, changesets[layer].entries, some)
    for path, target in made.items():
        if digests[path] != digests[target]:
            raise ImageError(
                f"/{shown(path)} and /{shown(target)} have the same checksum and not the same content",
                hint="somebody has made them so; leave --dedupe out",
            )


def entry_of(copied: Copied, changesets: Sequence[Changeset]) -> Entry:
    """Where it comes from."""
    return changesets[copied.layer].entries[copied.number]


def path_of(copied: Copied, changesets: Sequence[Changeset]) -> str:
    """Where it goes to."""
    return entry_of(copied, changesets).path if copied.path is None else copied.path


def _may_be_linked(entry: Entry) -> bool:
    """A file that takes room, and is not sparse: a link to that saves next to nothing."""
    return entry.kind is Kind.FILE and 0 < entry.stored_bytes == entry.size_bytes


def _looks(entry: Entry, latest_ns: int | None) -> _Looks:
    """All that must be equal."""
    mtime_ns = entry.mtime_ns if latest_ns is None else min(entry.mtime_ns, latest_ns)
    xattrs = tuple(sorted((entry.xattrs or {}).items()))
    return (entry.content_hash, entry.stored_bytes, entry.mode, entry.uid, entry.gid, mtime_ns, xattrs)


def _digests(
    opened: Opened, layer: int, entries: Sequence[Entry], wanted: dict[int, str]
) -> dict[str, bytes]:
    """The SHA-256 of entries of one layer, by the paths that they get."""
    found: dict[str, bytes] = {}
    source = opened.image.layers[layer]
    try:
        with closing(opened.open_layer(source)) as raw:
            blocks = Decompressed(raw)
            with closing(read_ahead(blocks) if blocks.compressed else iter(blocks)) as ahead:
                members = Members(ahead, entries)
                for member in members:
                    path = wanted.get(id(member.entry))
                    if path is not None:
                        hasher = hashlib.sha256()
                        for piece in members.content():
                            hasher.update(piece)
                        found[path] = hasher.digest()
                        if len(found) == len(wanted):
                            break
    except OSError as error:
        raise ImageError(f"{source.blob}: {error.strerror}") from error
    return found
