"""What a pull costs: the bytes that come, and how long that and the unpacking take.

Layers come several at a time and share the line; each is unpacked on top of those below it, so in
order and one after the other, as soon as it is there. Waiting for answers and writing files to a disk are not
counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from layerscope.model.changeset import Changeset
from layerscope.model.image import Image, Layer

DOWNLOADS = 3
"""How many layers come at once: what docker does unless told otherwise."""

SPEEDS_MBIT_PER_S = (50, 100, 1000)

USUAL_RATIO = 0.4
"""What gzip leaves of the layers of ordinary images."""

USUAL_RATES: Mapping[str, int] = {
    "gzip": 200_000_000,
    "zstd": 600_000_000,
    "bzip2": 30_000_000,
    "xz": 80_000_000,
}
"""Uncompressed bytes in a second that one processor gets out of each codec, where nothing was measured."""

_LEAST_MEASURED_BYTES = 20_000_000
"""What has to be inflated before the time that it took tells anything."""


class PullTime(msgspec.Struct, frozen=True, kw_only=True):
    """How long a pull takes over a line of one speed, in seconds.

    ``download_s`` is until the last byte is there, ``largest_layer_s`` what the largest layer alone takes
    of the whole line, ``total_s`` until the last layer is unpacked.
    """

    mbit_per_s: int
    download_s: float
    largest_layer_s: float
    total_s: float


class Pull(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody who has nothing of the image yet has to fetch and to unpack.

    ``transfer_bytes`` counts a blob once, however many layers it is. It is ``estimated`` where layers lie
    here uncompressed: then it is what gzip usually leaves of them. ``unpack_s`` is the time on one
    processor that getting ``unpacked_bytes`` out of them takes; by the usual rates of the codecs, or
    ``measured``. ``largest_layer`` is None for an image without layers.
    """

    transfer_bytes: int
    estimated: bool
    largest_layer: int | None
    largest_layer_bytes: int
    parallel_downloads: int
    unpacked_bytes: int
    unpack_s: float
    measured: bool
    times: tuple[PullTime, ...]


class _Blob(msgspec.Struct, frozen=True):
    """A layer as it comes: what tells its blob from others, its bytes on the line, how long it unpacks."""

    identity: str
    size_bytes: int
    unpack_s: float


def pull_of(image: Image, changesets: Sequence[Changeset], *, measured: bool) -> Pull:
    """What pulling an image costs; ``measured`` takes the rates at which it was decompressed just now."""
    rates = _measured(changesets) if measured else {}
    stored = _is_as_pushed(image, changesets)
    blobs = [
        _blob(layer, changeset, {**USUAL_RATES, **rates}, stored=stored)
        for layer, changeset in zip(image.layers, changesets, strict=True)
    ]
    sizes = {blob.identity: blob.size_bytes for blob in blobs}
    largest = max(range(len(blobs)), key=lambda number: (blobs[number].size_bytes, -number), default=None)
    largest_bytes = 0 if largest is None else blobs[largest].size_bytes
    return Pull(
        transfer_bytes=sum(sizes.values()),
        estimated=not stored
        and any(changeset.compression == "none" and changeset.tar_bytes for changeset in changesets),
        largest_layer=largest,
        largest_layer_bytes=largest_bytes,
        parallel_downloads=DOWNLOADS,
        unpacked_bytes=sum(changeset.tar_bytes for changeset in changesets),
        unpack_s=round(sum(blob.unpack_s for blob in blobs), 6),
        measured=bool(rates),
        times=tuple(_time(blobs, sizes, largest_bytes, speed) for speed in SPEEDS_MBIT_PER_S),
    )


def _is_as_pushed(image: Image, changesets: Sequence[Changeset]) -> bool:
    """Whether what is not compressed here is not compressed in a registry either.

    Where nothing is, it comes from an engine that keeps layers unpacked: that tells nothing of a registry.
    """
    return image.digest is not None and any(changeset.compression != "none" for changeset in changesets)


def _blob(layer: Layer, changeset: Changeset, rates: Mapping[str, float], *, stored: bool) -> _Blob:
    digest = layer.descriptor.digest if layer.descriptor else None
    size_bytes, codec = changeset.compressed_bytes, changeset.compression
    if codec == "none" and stored:
        return _Blob(digest or layer.blob, size_bytes, 0.0)
    if codec == "none":
        size_bytes, codec = round(changeset.tar_bytes * USUAL_RATIO), "gzip"
    return _Blob(digest or layer.diff_id or layer.blob, size_bytes, changeset.tar_bytes / rates[codec])


def _measured(changesets: Sequence[Changeset]) -> dict[str, float]:
    """The rates of those codecs of which there was enough to tell."""
    rates = {}
    for codec in USUAL_RATES:
        inflated = [one for one in changesets if one.compression == codec and one.decompressing.nanoseconds]
        tar_bytes = sum(one.tar_bytes for one in inflated)
        if tar_bytes >= _LEAST_MEASURED_BYTES:
            rates[codec] = tar_bytes / (sum(one.decompressing.nanoseconds for one in inflated) / 1e9)
    return rates


def _time(blobs: Sequence[_Blob], sizes: Mapping[str, int], largest_bytes: int, speed: int) -> PullTime:
    bytes_per_s = speed * 1_000_000 / 8
    arrivals = dict(zip(sizes, arrivals_s(list(sizes.values()), bytes_per_s), strict=True))
    unpacked_s = 0.0
    for blob in blobs:
        unpacked_s = max(unpacked_s, arrivals[blob.identity]) + blob.unpack_s
    return PullTime(
        mbit_per_s=speed,
        download_s=round(max(arrivals.values(), default=0.0), 6),
        largest_layer_s=round(largest_bytes / bytes_per_s, 6),
        total_s=round(unpacked_s, 6),
    )


def arrivals_s(sizes: Sequence[int], bytes_per_s: float) -> list[float]:
    """When each of some blobs has come, asked for in this order, `DOWNLOADS` of them sharing the line."""
    arrived = [0.0] * len(sizes)
    coming: dict[int, int] = {}
    waiting = iter(range(len(sizes)))
    now = 0.0
    while True:
        while len(coming) < DOWNLOADS and (number := next(waiting, None)) is not None:
            coming[number] = sizes[number]
        if not coming:
            return arrived
        least = min(coming.values())
        now += least * len(coming) / bytes_per_s
        for number in [number for number, left in coming.items() if left == least]:
            arrived[number] = now
            del coming[number]
        coming = {number: left - least for number, left in coming.items()}
