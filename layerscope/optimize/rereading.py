"""What was written, read again: new layers scanned, copied ones held against the digest that they had."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec

from layerscope.config import Options
from layerscope.extensions import LayerJob, Opened, Progress, Stored
from layerscope.model.changeset import Changeset
from layerscope.model.digest import Digest
from layerscope.model.image import Layer
from layerscope.oci.reading import read_image
from layerscope.oci.write.content import hash_stored

_AT_ONCE = 2
"""How many copied blobs are hashed at once, beside the scanning of new ones."""


def reread(opened: Opened, before: Sequence[Changeset], options: Options) -> list[Changeset]:
    """One changeset for each layer; raises ImageError.

    The bytes of every blob are read and hashed. Those that hash to the digest, or the diff ID, that a layer
    ``before`` hashed to are its bytes, or its tar: they hold what was found then, and are not scanned.
    """
    known = _known(before)
    blobs = {layer.blob: layer for layer in opened.image.layers}
    copied = {blob: layer for blob, layer in blobs.items() if _declared(layer) in known}
    new = [layer for blob, layer in blobs.items() if blob not in copied]
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="layerscope-proof") as pool:
        hashed = {
            blob: pool.submit(_copied, opened, layer, known, options.progress)
            for blob, layer in copied.items()
        }
        try:
            scanned = read_image(_Some(opened, new), _without_total(options))
        except BaseException:  # also where nobody waits any more
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        found = dict(zip((layer.blob for layer in new), scanned, strict=True))
        found |= {blob: changeset.result() for blob, changeset in hashed.items()}
    return [found[layer.blob] for layer in opened.image.layers]


def _known(before: Sequence[Changeset]) -> dict[str, Changeset]:
    """What layers hold, by the hashes that were computed of their blobs and tars."""
    return {
        digest: changeset
        for changeset in before
        for digest in (changeset.digest, changeset.diff_id)
        if digest is not None
    }


def _declared(layer: Layer) -> str:
    """What a layer's blob is said to hash to; an archive that tells no digests stores the tars."""
    return layer.diff_id or "" if layer.descriptor is None else layer.descriptor.digest


def _copied(
    opened: Opened, layer: Layer, known: Mapping[str, Changeset], progress: Progress | None
) -> Changeset:
    """What a blob holds that should be a copy; one that is not is scanned like any other."""
    declared = _declared(layer)
    computed = hash_stored(opened, layer, declared, progress)
    if computed != declared:  # wrong, or the same tar compressed where nothing but its diff ID is told
        return opened.read_layer(layer)
    return msgspec.structs.replace(known[declared], digest=Digest(computed))


class _Some:
    """An open image of which some layers are read; a `layerscope.extensions.Opened`."""

    def __init__(self, opened: Opened, layers: Sequence[Layer]) -> None:
        self.image = msgspec.structs.replace(opened.image, layers=tuple(layers))
        self.streams = opened.streams
        self._opened = opened

    def job(self, layer: Layer) -> LayerJob | None:
        """As the whole image has it."""
        return self._opened.job(layer)

    def read_layer(self, layer: Layer) -> Changeset:
        """As the whole image has it."""
        return self._opened.read_layer(layer)

    def open_layer(self, layer: Layer) -> Stored:
        """As the whole image has it."""
        return self._opened.open_layer(layer)


class _Part:
    """A `layerscope.extensions.Progress` of a part of a pass: how long the whole is has been said."""

    def __init__(self, told: Progress) -> None:
        self.begin, self.advance, self.end = told.begin, told.advance, told.end

    def expect(self, total_bytes: int) -> None:
        """Known already."""


def _without_total(options: Options) -> Options:
    if options.progress is None:
        return options
    return msgspec.structs.replace(options, progress=_Part(options.progress))
