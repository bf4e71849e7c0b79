"""What the headers of a layer's entries take: told by where the content of its files lies."""

from __future__ import annotations

from collections.abc import Sequence

from layerscope.model.changeset import Changeset
from layerscope.model.entry import Entry, Kind
from layerscope.oci.stream import TAR_BLOCK_BYTES
from layerscope.oci.write.tar_headers import END, split_name, whiteout_header

_FIELD_BYTES = 100
_WITH_RECORDS_BYTES = 3 * TAR_BLOCK_BYTES
_LARGEST_ID = 0o7777777
_SECOND_NS = 1_000_000_000
_RECORD_BYTES = 10
"""What stands around a long name in its record, about."""
_SHORT_BYTES = 80
"""A name that fits into its field with the prefix of a marker."""


def header_sizes(changeset: Changeset) -> list[float]:
    """What stands in front of each entry's content.

    Only files say where they lie. What stands between two of them is known to the byte, and shared out
    among the entries that come with the second; after the last file it is taken for what is usual.
    """
    sizes: list[float] = []
    run: list[Entry] = []
    end = 0
    for entry in changeset.entries:
        run.append(entry)
        if entry.offset:
            sizes += _shared_out(run, entry.offset - end)
            run = []
            end = entry.offset + padded(entry.stored_bytes)
    left = changeset.tar_bytes - len(END) - end
    least = min(sizes, default=0.0)
    if run and sum(map(_own, run)) < least * len(run) <= left:
        return sizes + [least] * len(run)  # records with each of them, as some tools write
    return sizes + [float(_own(entry)) for entry in run]


def _shared_out(run: Sequence[Entry], gap_bytes: int) -> list[float]:
    if gap_bytes == len(run) * TAR_BLOCK_BYTES:
        return [float(TAR_BLOCK_BYTES)] * len(run)
    own = [float(_own(entry)) for entry in run]
    return own if sum(own) == gap_bytes else [gap_bytes / len(run)] * len(run)


def _own(entry: Entry) -> int:
    if entry.mtime_ns % _SECOND_NS or entry.mtime_ns < 0 or max(entry.uid, entry.gid) > _LARGEST_ID:
        return _WITH_RECORDS_BYTES
    parent, slash, name = entry.path.rpartition("/")
    path = f"{parent}{slash}.wh.{name}" if entry.kind is Kind.WHITEOUT else entry.path
    return bytes_needed(entry, path, entry.link_target)


def bytes_needed(entry: Entry, path: str, link: str | None) -> int:
    """What an entry needs under a name: one block, and two more or several where there are records."""
    name = path.encode("utf-8", "surrogateescape") + b"/" * (entry.kind is Kind.DIRECTORY)
    target = (link or "").encode("utf-8", "surrogateescape")
    records_bytes = sum(
        len(text) + _RECORD_BYTES
        for text, field in ((name, split_name(name)[1]), (target, target))
        if len(field) > _FIELD_BYTES or not field.isascii()
    )
    if not (records_bytes or entry.xattrs):
        return TAR_BLOCK_BYTES
    return max(_WITH_RECORDS_BYTES, 2 * TAR_BLOCK_BYTES + padded(records_bytes))


def made_bytes(path: str) -> int:
    """What a marker or a directory takes that no archive held."""
    name = path.encode("utf-8", "surrogateescape")
    return TAR_BLOCK_BYTES if len(name) < _SHORT_BYTES and name.isascii() else len(whiteout_header(name))


def padded(size_bytes: int) -> int:
    """Content with what fills its last block."""
    return size_bytes + -size_bytes % TAR_BLOCK_BYTES
