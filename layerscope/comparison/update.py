"""What a node that has the old image must pull for the new one, and how much of that it had already."""

from __future__ import annotations

import msgspec

from layerscope.comparison.pairing import same_blob
from layerscope.comparison.subject import LayerFacts, Subject
from layerscope.model.entry import Kind
from layerscope.union.compressed import CompressedMap


class Pulled(msgspec.Struct, frozen=True, kw_only=True):
    """A layer of the new image whose blob the node lacks.

    ``again_bytes`` is the content in it that some layer of the old image has as well, by its hash;
    ``again_compressed_bytes`` what this takes of the blob, an estimate. Both are None where a report
    stands for one of the images.
    """

    number: int
    compressed_bytes: int
    content_bytes: int
    again_bytes: int | None
    again_compressed_bytes: int | None


class Update(msgspec.Struct, frozen=True, kw_only=True):
    """What has to be pulled, in bytes as stored.

    ``pull_bytes`` are the blobs of layers, ``total_bytes`` those of the whole new image; a blob that
    several layers share counts once. ``uncompressed_bytes`` of what is pulled are stored uncompressed,
    which a registry hardly ever does. ``config_bytes`` is the config, 0 where it is the same, None where its
    size is unknown; ``pull_bytes`` does not hold it.
    """

    pulled: tuple[Pulled, ...]
    pull_bytes: int
    total_bytes: int
    uncompressed_bytes: int
    config_bytes: int | None
    content_bytes: int
    again_bytes: int | None
    again_compressed_bytes: int | None

    @property
    def numbers(self) -> frozenset[int]:
        """The layers of the new image that are pulled."""
        return frozenset(layer.number for layer in self.pulled)


def update_between(old: Subject, new: Subject) -> Update:
    """The update from one image to the other."""
    known = {name: layer for layer in old.layers for name in (layer.digest, layer.diff_id) if name}
    seen: set[str] = set()
    total_bytes = uncompressed_bytes = 0
    missing: list[LayerFacts] = []
    for layer in new.layers:
        name = layer.digest or layer.diff_id or f"layer {layer.number}"
        if name in seen:
            continue
        seen.add(name)
        total_bytes += layer.compressed_bytes
        there = (known.get(one) for one in (layer.digest, layer.diff_id) if one)
        if not any(one is not None and same_blob(one, layer) for one in there):
            missing.append(layer)
            uncompressed_bytes += layer.compressed_bytes if layer.compression == "none" else 0
    hashes = _content_of(old) if missing else None
    pulled = tuple(_pulled(new, layer, hashes) for layer in missing)
    return Update(
        pulled=pulled,
        pull_bytes=sum(layer.compressed_bytes for layer in pulled),
        total_bytes=total_bytes,
        uncompressed_bytes=uncompressed_bytes,
        config_bytes=0 if new.image_id is not None and new.image_id == old.image_id else new.config_bytes,
        content_bytes=sum(layer.content_bytes for layer in pulled),
        again_bytes=_sum([layer.again_bytes for layer in pulled]),
        again_compressed_bytes=_sum([layer.again_compressed_bytes for layer in pulled]),
    )


def _content_of(old: Subject) -> set[bytes] | None:
    """The identity of every content that the old image ships, hidden by later layers or not."""
    if old.inspection is None:
        return None
    return {
        entry.content_hash
        for changeset in old.inspection.changesets
        for entry in changeset.entries
        if entry.content_hash is not None and entry.stored_bytes
    }


def _pulled(new: Subject, layer: LayerFacts, hashes: set[bytes] | None) -> Pulled:
    again_bytes = again_compressed_bytes = None
    if new.inspection is not None and hashes is not None:
        changeset = new.inspection.changesets[layer.number]
        again = [one for one in changeset.entries if one.kind is Kind.FILE and one.content_hash in hashes]
        again_bytes = sum(entry.stored_bytes for entry in again)
        if changeset.points:
            blob = CompressedMap(changeset)
            again_compressed_bytes = round(sum(blob.estimate(one.offset, one.stored_bytes) for one in again))
        elif changeset.tar_bytes:  # stored as it is, or too small for any point to be noted
            again_compressed_bytes = again_bytes * changeset.compressed_bytes // changeset.tar_bytes
        else:
            again_compressed_bytes = 0
    return Pulled(
        number=layer.number,
        compressed_bytes=layer.compressed_bytes,
        content_bytes=layer.content_bytes,
        again_bytes=again_bytes,
        again_compressed_bytes=again_compressed_bytes,
    )


def _sum(counts: list[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None
