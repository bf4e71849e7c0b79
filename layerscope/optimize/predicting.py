"""How large a layer of the result will be, told before it is made."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from layerscope.model.changeset import Changeset
from layerscope.model.entry import Entry
from layerscope.oci.write.tar_headers import END
from layerscope.optimize.copied import Copied
from layerscope.optimize.header_sizes import bytes_needed, header_sizes, made_bytes, padded
from layerscope.optimize.plan import NewLayer
from layerscope.union.compressed import CompressedMap

_HEADER_RATIO = 0.12
"""What becomes of a header that is compressed: most of it is zeros, and what the one before it has."""


class Sizes(msgspec.Struct, frozen=True, kw_only=True):
    """A layer's tar, and its blob as stored."""

    tar_bytes: int
    stored_bytes: int


def sizes_before(layer: NewLayer, changesets: Sequence[Changeset]) -> Sizes:
    """What the layers took that it is made of."""
    some = changesets[layer.group.first : layer.group.last + 1]
    return Sizes(
        tar_bytes=sum(changeset.tar_bytes for changeset in some),
        stored_bytes=sum(changeset.compressed_bytes for changeset in some),
    )


def as_written(sizes: Sizes, *, compress: bool) -> Sizes:
    """The same with the tar as what is stored, where the target stores it uncompressed."""
    return sizes if compress else Sizes(tar_bytes=sizes.tar_bytes, stored_bytes=sizes.tar_bytes)


def predicted(
    layer: NewLayer, changesets: Sequence[Changeset], likely: Sequence[Changeset], *, compress: bool
) -> Sizes:
    """What it will take: each entry its content, padded, and its headers.

    Compressed sizes are estimated from the offset points of the source, or from those that are ``likely``
    where a layer is compressed anew: one that is no smaller then stays as it was.
    """
    if layer.group.copied:
        before = as_written(sizes_before(layer, changesets), compress=compress)
        if layer.codec is None:
            return before
        after = sizes_before(layer, likely)
        gains = after.stored_bytes < before.stored_bytes or layer.codec.algorithm == "none"
        return after if gains else before
    compress = compress or layer.codec is not None
    changesets = likely
    made = (*layer.markers.whiteouts, *layer.markers.opaques, *layer.directories)
    header_bytes: float = len(END) + sum(made_bytes(path) for path in made)
    tar_bytes, stored_bytes = header_bytes, _HEADER_RATIO * header_bytes
    sources: dict[int, _Source] = {}
    plain_bytes = 0.0
    for copied in layer.copies:
        if copied.layer not in sources:
            sources[copied.layer] = _source(changesets[copied.layer])
        source = sources[copied.layer]
        entry = changesets[copied.layer].entries[copied.number]
        canonical = layer.latest_ns is not None
        header_bytes = _copied_bytes(entry, copied, source.headers[copied.number], canonical=canonical)
        header_bytes += padded(copied.stored_bytes) - copied.stored_bytes
        tar_bytes += header_bytes + copied.stored_bytes
        stored_bytes += header_bytes * source.header_ratio
        if copied.stored_bytes:
            estimate = source.blob.estimate(entry.offset, copied.stored_bytes)
            stored_bytes += min(copied.stored_bytes, estimate * source.content_share)
        if source.plain:
            plain_bytes += header_bytes + copied.stored_bytes
    if not compress or all(source.plain for source in sources.values()):
        return Sizes(tar_bytes=round(tar_bytes), stored_bytes=round(tar_bytes))
    # What was not compressed will be: it is taken to shrink as the rest does.
    stored_bytes = (stored_bytes - plain_bytes) * tar_bytes / (tar_bytes - plain_bytes)
    return Sizes(tar_bytes=round(tar_bytes), stored_bytes=round(stored_bytes))


class _Source(msgspec.Struct, frozen=True):
    """A layer that entries come from: its headers, how they are compressed, and how its content is.

    Padding counts as headers, since both are nearly all zeros. The points of ``blob`` know of neither;
    ``content_share`` makes good for it.
    """

    headers: Sequence[float]
    header_ratio: float
    content_share: float
    blob: CompressedMap
    plain: bool = False


def _source(changeset: Changeset) -> _Source:
    blob, headers = CompressedMap(changeset), header_sizes(changeset)
    if changeset.compression == "none" or not changeset.tar_bytes:
        return _Source(headers, 1.0, 1.0, blob, plain=True)
    ratio = changeset.compressed_bytes / changeset.tar_bytes
    header_ratio = min(_HEADER_RATIO, ratio)
    files = [entry for entry in changeset.entries if entry.stored_bytes]
    header_bytes = changeset.tar_bytes - sum(entry.stored_bytes for entry in files)
    estimate = sum(blob.estimate(entry.offset, entry.stored_bytes) for entry in files)
    share = (changeset.compressed_bytes - header_ratio * header_bytes) / estimate if estimate else 1.0
    return _Source(headers, header_ratio, share, blob)


def _copied_bytes(entry: Entry, copied: Copied, known_bytes: float, *, canonical: bool) -> float:
    """What the headers of an entry take in the result; ``known_bytes`` is what they took."""
    renamed = (copied.path, copied.link) != (None, None)
    if not (canonical or renamed):
        return known_bytes
    needed = bytes_needed(
        entry, entry.path if copied.path is None else copied.path, copied.link or entry.link_target
    )
    return needed if canonical else max(known_bytes, needed)
