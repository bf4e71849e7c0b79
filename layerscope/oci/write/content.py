"""What is to be written: files by name, and the layers they come from, already read and checked."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from functools import partial

import msgspec

from layerscope.errors import BlobMismatch, ImageError
from layerscope.extensions import Opened, Progress
from layerscope.model.digest import DiffID, Digest
from layerscope.model.image import Layer
from layerscope.oci.compression import BLOCK_BYTES, Decompressed
from layerscope.oci.read_ahead import read_ahead
from layerscope.oci.write.names import Names


class CheckedLayer(msgspec.Struct, frozen=True, kw_only=True):
    """A layer that has been read once: both its hashes and both its sizes, as computed.

    One that ``stays_compressed`` does so in an archive of uncompressed layers too.
    """

    layer: Layer
    digest: Digest
    diff_id: DiffID
    stored_bytes: int
    unpacked_bytes: int
    compression: str
    stays_compressed: bool = False


class CheckedImage(msgspec.Struct, frozen=True, kw_only=True):
    """An open image whose layers have all been read and held against what it declares."""

    opened: Opened
    config: bytes
    layers: tuple[CheckedLayer, ...]


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be put somewhere: one image, or the same for several platforms, and its names.

    ``notes`` say what of the source is not in it.
    """

    images: tuple[CheckedImage, ...]
    names: Names
    notes: tuple[str, ...] = ()


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A file of an archive or layout: its name, what is in it, and what that must hash to."""

    name: str
    size_bytes: int
    digest: Digest | DiffID
    blocks: Callable[[], Iterable[bytes]]


def sha256(data: bytes) -> Digest:
    """The digest of a document."""
    return Digest(f"sha256:{hashlib.sha256(data).hexdigest()}")


def blob_path(digest: str) -> str:
    """Where a layout has a blob (image-spec, image-layout.md)."""
    return "blobs/" + digest.replace(":", "/", 1)


def document(name: str, data: bytes) -> Member:
    """A file that is at hand."""
    return Member(name=name, size_bytes=len(data), digest=sha256(data), blocks=lambda: [data])


def stored(name: str, opened: Opened, checked: CheckedLayer) -> Member:
    """A layer's blob as it is."""
    return Member(
        name=name,
        size_bytes=checked.stored_bytes,
        digest=checked.digest,
        blocks=partial(_stored_blocks, opened, checked.layer),
    )


def unpacked(name: str, opened: Opened, checked: CheckedLayer) -> Member:
    """A layer's tar, decompressed."""
    return Member(
        name=name,
        size_bytes=checked.unpacked_bytes,
        digest=checked.diff_id,
        blocks=partial(_unpacked_blocks, opened, checked.layer),
    )


def _stored_blocks(opened: Opened, layer: Layer) -> Iterator[bytes]:
    try:
        with closing(opened.open_layer(layer)) as raw:
            while block := raw.read(BLOCK_BYTES):
                yield block
    except OSError as error:
        raise ImageError(f"{layer.blob}: {error.strerror}") from error


def _unpacked_blocks(opened: Opened, layer: Layer) -> Iterator[bytes]:
    try:
        with closing(opened.open_layer(layer)) as raw:
            source = Decompressed(raw)
            with closing(read_ahead(source) if source.compressed else iter(source)) as blocks:
                yield from blocks
    except OSError as error:
        raise ImageError(f"{layer.blob}: {error.strerror}") from error


def hash_stored(opened: Opened, layer: Layer, like: str, progress: Progress | None) -> str:
    """What a layer's blob hashes to, by the algorithm of the digest that it should have."""
    algorithm = like.partition(":")[0]
    hasher = hashlib.new(algorithm)
    if progress is not None:
        progress.begin(layer.blob, None)
    for block in _stored_blocks(opened, layer):
        hasher.update(block)
        if progress is not None:
            progress.advance(layer.blob, len(block))
    if progress is not None:
        progress.end(layer.blob)
    return f"{algorithm}:{hasher.hexdigest()}"


def blocks_of(member: Member, *, hashed: bool) -> Iterator[bytes]:
    """A file's content, block by block; raises ImageError where it is not what was read before.

    The size is always compared, the hash (``hashed``) where nobody reads the output again.
    """
    algorithm = member.digest.partition(":")[0]
    hasher = hashlib.new(algorithm) if hashed else None
    count = 0
    for block in member.blocks():
        count += len(block)
        if hasher is not None:
            hasher.update(block)
        yield block
    if count != member.size_bytes:
        raise ImageError(f"{member.name}: changed while it was read: {count}, not {member.size_bytes} bytes")
    if hasher is not None and f"{algorithm}:{hasher.hexdigest()}" != member.digest:
        raise BlobMismatch(f"{member.name}: changed while it was read: it no longer is {member.digest}")
