"""How large a layer of the result will be, told before it is made."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from layerscope.model.changeset import Changeset
from layerscope.model.entry import Entry
from layerscope.oci.stream import TAR_BLOCK_BYTES
from layerscope.oci.write.tar_headers import split_name
from layerscope.optimize.copied import Copied
from layerscope.optimize.plan import NewLayer
from layerscope.union.compressed import CompressedMap

_FIELD_BYTES = 100


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
    """What it will take: each entry its content, padded, and what headers take on average there.

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
    made = len(layer.markers.whiteouts) + len(layer.markers.opaques) + len(layer.directories)
    tar_bytes = (made + 2.0) * TAR_BLOCK_BYTES
    stored_bytes = 0.0
    sources: dict[int, _Source] = {}
    for copied in layer.copies:
        if copied.layer not in sources:
            sources[copied.layer] = _source(changesets[copied.layer])
        source = sources[copied.layer]
        content_bytes = _padded(copied.stored_bytes)
        header_bytes = source.header_bytes
        if layer.latest_ns is not None:
            header_bytes = _canonical_bytes(changesets[copied.layer].entries[copied.number], copied)
        tar_bytes += header_bytes + content_bytes
        stored_bytes += header_bytes * source.ratio
        if content_bytes:
            offset = changesets[copied.layer].entries[copied.number].offset
            stored_bytes += source.blob.estimate(offset, content_bytes)
    plain = not compress or all(source.ratio == 1.0 for source in sources.values())
    return Sizes(tar_bytes=round(tar_bytes), stored_bytes=round(tar_bytes if plain else stored_bytes))


class _Source(msgspec.Struct, frozen=True):
    """A layer that entries come from: what their headers take on average, and how it is compressed."""

    header_bytes: float
    ratio: float
    blob: CompressedMap


def _source(changeset: Changeset) -> _Source:
    plain = changeset.compression == "none" or not changeset.tar_bytes
    ratio = 1.0 if plain else changeset.compressed_bytes / changeset.tar_bytes
    return _Source(_header_bytes(changeset), ratio, CompressedMap(changeset))


def _header_bytes(changeset: Changeset) -> float:
    """What the headers of an entry take on average."""
    content = sum(_padded(entry.stored_bytes) for entry in changeset.entries)
    entries = max(1, len(changeset.entries))
    return max(TAR_BLOCK_BYTES, (changeset.tar_bytes - content - 2 * TAR_BLOCK_BYTES) / entries)


def _canonical_bytes(entry: Entry, copied: Copied) -> int:
    """What canonical headers take: one block, and two more where there are records."""
    name = (copied.path or entry.path).encode("utf-8", "surrogateescape")
    link = copied.link or entry.link_target or ""
    fits = all(
        text.isascii() and len(text) <= _FIELD_BYTES
        for text in (split_name(name)[1], link.encode("utf-8", "surrogateescape"))
    )
    return TAR_BLOCK_BYTES * (1 if fits and not entry.xattrs else 3)


def _padded(size_bytes: int) -> int:
    return size_bytes + -size_bytes % TAR_BLOCK_BYTES
