"""How small a layer gets with another compression, found out by compressing some of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing

import msgspec

from layerscope.errors import ImageError
from layerscope.extensions import Opened
from layerscope.model.changeset import Changeset, OffsetPoint
from layerscope.oci.compression import Decompressed
from layerscope.oci.read_ahead import read_ahead
from layerscope.oci.write.compressing import BLOCK_BYTES, Codec, compressor

_WHOLE_BLOCKS = 32
"""A layer of so many blocks is compressed as a whole."""
_SAMPLES = 12
_SAMPLE_BLOCKS = 2
"""Of a larger one so many parts are, each of so many blocks: the first has nothing before it to refer to."""


def as_if(
    codec: Codec, opened: Opened, layers: Sequence[int], changesets: Sequence[Changeset]
) -> list[Changeset]:
    """The changesets as if these layers were compressed in this way: their sizes and offset points."""
    made = list(changesets)
    for layer in layers:
        made[layer] = _as_if(codec, opened, layer, changesets[layer])
    return made


def _as_if(codec: Codec, opened: Opened, layer: int, changeset: Changeset) -> Changeset:
    if codec.algorithm == "none":
        points: list[OffsetPoint] = []
        compressed_bytes = changeset.tar_bytes
    else:
        points = _points(codec, opened, layer, changeset.tar_bytes)
        compressed_bytes = points[-1].compressed if points else 0
    return msgspec.structs.replace(
        changeset, compression=codec.algorithm, compressed_bytes=compressed_bytes, points=points
    )


def _points(codec: Codec, opened: Opened, layer: int, tar_bytes: int) -> list[OffsetPoint]:
    """How much so many bytes become, at some places of the layer."""
    count = -(-tar_bytes // BLOCK_BYTES)
    stride = 1 if count <= _WHOLE_BLOCKS else count // _SAMPLES
    points: list[OffsetPoint] = []
    stream = compressor(codec)
    compressed = taken = 0
    for number, block in enumerate(_blocks(opened, layer)):
        if stride == 1:
            compressed += len(stream.compress(block))
            points.append(OffsetPoint(compressed, min(tar_bytes, (number + 1) * BLOCK_BYTES)))
            continue
        place = number % stride
        if place < _SAMPLE_BLOCKS:
            taken += len(stream.compress(block))
        if place == _SAMPLE_BLOCKS - 1:
            taken += len(stream.flush())
            end = min(tar_bytes, (number - place + stride) * BLOCK_BYTES)
            share = taken / (_SAMPLE_BLOCKS * BLOCK_BYTES)
            before = points[-1] if points else OffsetPoint(0, 0)
            points.append(OffsetPoint(before.compressed + round(share * (end - before.uncompressed)), end))
            stream, taken = compressor(codec), 0
    rest = len(stream.flush())
    if stride == 1 and points:
        points[-1] = OffsetPoint(compressed + rest, tar_bytes)
    elif points and points[-1].uncompressed < tar_bytes:
        last = points[-1]
        points.append(OffsetPoint(round(last.compressed * tar_bytes / last.uncompressed), tar_bytes))
    return points


def _blocks(opened: Opened, layer: int) -> Iterator[bytes]:
    """The tar of a layer in blocks of one size."""
    source = opened.image.layers[layer]
    held = bytearray()
    try:
        with closing(opened.open_layer(source)) as raw:
            plain = Decompressed(raw)
            with closing(read_ahead(plain) if plain.compressed else iter(plain)) as pieces:
                for piece in pieces:
                    held += piece
                    while len(held) >= BLOCK_BYTES:
                        yield bytes(memoryview(held)[:BLOCK_BYTES])
                        del held[:BLOCK_BYTES]
    except OSError as error:
        raise ImageError(f"{source.blob}: {error.strerror}") from error
    if held:
        yield bytes(held)
