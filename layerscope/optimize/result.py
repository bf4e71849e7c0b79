"""The image that is to be written: copied layers from the source, new ones from the temporary data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial

import msgspec

from layerscope.errors import ImageError
from layerscope.extensions import LayerJob, Opened, Progress, Stored
from layerscope.model.changeset import Changeset
from layerscope.model.image import Image, Layer
from layerscope.oci.compression import Decompressed
from layerscope.oci.read_ahead import read_ahead
from layerscope.oci.write.compressing import Algorithm, Codec, usual
from layerscope.oci.write.content import CheckedImage, CheckedLayer, sha256
from layerscope.optimize.documents import described, digest_of, new_config, new_manifest
from layerscope.optimize.layer_file import LayerFile
from layerscope.optimize.layer_tar import Put, write_layer_tar
from layerscope.optimize.plan import NewLayer, Plan
from layerscope.optimize.sorting import Sorted
from layerscope.optimize.steps import Steps
from layerscope.spool import Spool

_GZIPPED = frozenset(("gzip", "bzip2", "xz"))


class Result:
    """A `layerscope.extensions.Opened` of the image that is made; its layers can only be opened."""

    streams = 1

    def __init__(self, image: Image, source: Opened, keeper: Spool, origins: dict[str, Layer]) -> None:
        self.image = image
        self._source = source
        self._keeper = keeper
        self._origins = origins

    def job(self, layer: Layer) -> LayerJob | None:  # noqa: ARG002
        """None: nothing of it is scanned before it is written."""
        return None

    def read_layer(self, layer: Layer) -> Changeset:
        """Not before it is written."""
        raise NotImplementedError(layer.blob)

    def open_layer(self, layer: Layer) -> Stored:
        """The blob, from where it is."""
        origin = self._origins.get(layer.blob)
        return self._keeper.open(layer.blob) if origin is None else self._source.open_layer(origin)


def make_result(
    source: CheckedImage,
    changesets: Sequence[Changeset],
    plan: Plan,
    keeper: Spool,
    *,
    compress: bool,
    steps: Steps,
    progress: Progress | None = None,
) -> CheckedImage:
    """Write the new layers into the temporary data, and the documents that go with them.

    With ``compress`` new layers are stored as those were that they are made of, where the plan says
    nothing else. The source itself comes back where nothing came out another. Raises ImageError and
    WriteError, and what ``progress`` raises.
    """
    making = _Making(source, changesets, keeper, compress=compress, progress=progress)
    layers = [making.layer(new, number) for number, new in enumerate(plan.layers)]
    image = source.opened.image
    groups, diff_ids = [new.group for new in plan.layers], [layer.diff_id for layer in layers]
    config = source.config
    if plan.retimed is not None or diff_ids != [layer.diff_id for layer in source.layers]:
        config = new_config(config, groups, diff_ids, len(source.layers), plan.retimed)
    if config == source.config and [layer.digest for layer in layers] == [
        _numbered(layer, 0).digest for layer in source.layers
    ]:
        return source
    manifest = new_manifest(image, config, layers, steps)
    changed = msgspec.structs.replace(
        image,
        layers=tuple(layer.layer for layer in layers),
        config_bytes=config,
        manifest_bytes=manifest,
        digest=digest_of(manifest),
    )
    opened = Result(changed, source.opened, keeper, making.origins)
    return CheckedImage(opened=opened, config=config, layers=tuple(layers))


class _Making:
    """Layers of the result, one after another; ``origins`` are those of the source by their blobs."""

    def __init__(
        self,
        source: CheckedImage,
        changesets: Sequence[Changeset],
        keeper: Spool,
        *,
        compress: bool,
        progress: Progress | None,
    ) -> None:
        self.origins: dict[str, Layer] = {}
        self._source = source
        self._changesets = changesets
        self._keeper = keeper
        self._compress = compress
        self._progress = progress
        self._image = sha256(source.config)  # several images may share the temporary data

    def layer(self, new: NewLayer, number: int) -> CheckedLayer:
        """One layer; what comes out with the same diff ID as before stays the blob that it was."""
        first = self._source.layers[new.group.first]
        if not new.group.copied:
            made = self._made(new, number)
            if new.group.first != new.group.last or made.diff_id != first.diff_id:
                return made
            self._keeper.drop(made.layer.blob)
        if new.codec is not None:
            again = self._recompressed(first, number, new.codec)
            if again is not None:
                return again
        self.origins[first.layer.blob] = first.layer
        return _numbered(first, number)

    def _made(self, new: NewLayer, number: int) -> CheckedLayer:
        below = self._source.layers[new.group.first : new.group.last + 1]
        codec = new.codec or usual(_compression([one.compression for one in below]))
        if not self._compress and new.codec is None:
            codec = usual("none")

        def write(file: LayerFile) -> None:
            blob = f"members of layer {number} of {self._image}"
            write_members(new, self._source.opened, self._changesets, self._keeper, blob, file.put)

        return self._stored(number, codec, write)

    def _recompressed(self, checked: CheckedLayer, number: int, codec: Codec) -> CheckedLayer | None:
        """The same tar in another blob; None where that is no smaller (or is what it was)."""
        if codec.algorithm == "none" and (checked.compression == "none" or not self._compress):
            return None

        def write(file: LayerFile) -> None:
            try:
                with closing(self._source.opened.open_layer(checked.layer)) as raw:
                    source = Decompressed(raw)
                    with closing(read_ahead(source) if source.compressed else iter(source)) as blocks:
                        for block in blocks:
                            file.put(block)
            except OSError as error:
                raise ImageError(f"{checked.layer.blob}: {error.strerror}") from error

        made = self._stored(number, codec, write)
        if made.diff_id != checked.diff_id:
            raise ImageError(f"{checked.layer.blob}: changed while it was read")
        before_bytes = checked.stored_bytes if self._compress else checked.unpacked_bytes
        if codec.algorithm != "none" and made.stored_bytes >= before_bytes:
            self._keeper.drop(made.layer.blob)
            return None
        return made

    def _stored(self, number: int, codec: Codec, write: Callable[[LayerFile], None]) -> CheckedLayer:
        blob = f"new layer {number} of {self._image}"
        with self._keeper.begin(blob) as kept:
            # It is no part of a pass, but whoever watches may have stopped waiting.
            progress = self._progress
            file = LayerFile(kept, codec, partial(progress.advance, blob, 0) if progress else lambda: None)
            write(file)
            file.finish()
        checked = CheckedLayer(
            layer=Layer(number=number, blob=blob, diff_id=file.diff_id),
            digest=file.digest,
            diff_id=file.diff_id,
            stored_bytes=file.stored_bytes,
            unpacked_bytes=file.unpacked_bytes,
            compression=codec.algorithm,
            stays_compressed=codec.algorithm != "none",
        )
        layer = msgspec.structs.replace(checked.layer, descriptor=described(checked))
        return msgspec.structs.replace(checked, layer=layer)


def write_members(
    new: NewLayer, opened: Opened, changesets: Sequence[Changeset], keeper: Spool, blob: str, put: Put
) -> None:
    """Hand a new layer's tar to ``put``; a canonical one is kept as ``blob`` until all members are there."""
    if new.latest_ns is None:
        write_layer_tar(new, opened, changesets, put)
        return
    with Sorted(keeper, blob) as members:
        write_layer_tar(new, opened, changesets, members.put, members.begin)
        members.hand_over(put)


def _numbered(checked: CheckedLayer, number: int) -> CheckedLayer:
    """A copied layer at its new place; the manifest says its computed digest where it had none."""
    layer = checked.layer
    descriptor = layer.descriptor or described(checked)
    layer = msgspec.structs.replace(layer, number=number, descriptor=descriptor)
    return msgspec.structs.replace(checked, layer=layer, digest=descriptor.digest)


def _compression(used: Sequence[str]) -> Algorithm:
    """The best of theirs: zstd where any has it, else gzip where any is compressed at all."""
    if "zstd" in used:
        return "zstd"
    return "gzip" if _GZIPPED & set(used) else "none"
