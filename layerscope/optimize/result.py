"""The image that is to be written: copied layers from the source, new ones from the temporary data."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from layerscope.extensions import Keeper, LayerJob, Opened, Stored
from layerscope.model.changeset import Changeset
from layerscope.model.image import Image, Layer
from layerscope.oci.write.content import CheckedImage, CheckedLayer
from layerscope.optimize.documents import described, digest_of, new_config, new_manifest
from layerscope.optimize.layer_file import LayerFile
from layerscope.optimize.layer_tar import write_layer_tar
from layerscope.optimize.plan import NewLayer, Plan

_GZIPPED = frozenset(("gzip", "bzip2", "xz"))


class Result:
    """A `layerscope.extensions.Opened` of the image that is made; its layers can only be opened."""

    streams = 1

    def __init__(self, image: Image, source: Opened, keeper: Keeper, origins: dict[str, Layer]) -> None:
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
    keeper: Keeper,
    *,
    compress: bool,
    done: str,
) -> CheckedImage:
    """Write the new layers into the temporary data, and the documents that go with them.

    With ``compress`` new layers are stored as those were that they are made of. Raises ImageError
    and WriteError.
    """
    origins: dict[str, Layer] = {}
    layers: list[CheckedLayer] = []
    for number, new in enumerate(plan.layers):
        if new.group.copied:
            checked = source.layers[new.group.first]
            origins[checked.layer.blob] = checked.layer
            layers.append(_numbered(checked, number))
        else:
            layers.append(_made(new, number, source, changesets, keeper, compress=compress))
    image = source.opened.image
    groups, diff_ids = [new.group for new in plan.layers], [layer.diff_id for layer in layers]
    config = new_config(source.config, groups, diff_ids, len(source.layers))
    manifest = new_manifest(image, config, layers, done)
    changed = msgspec.structs.replace(
        image,
        layers=tuple(layer.layer for layer in layers),
        config_bytes=config,
        manifest_bytes=manifest,
        digest=digest_of(manifest),
    )
    return CheckedImage(
        opened=Result(changed, source.opened, keeper, origins), config=config, layers=tuple(layers)
    )


def _numbered(checked: CheckedLayer, number: int) -> CheckedLayer:
    """A copied layer at its new place; the manifest says its computed digest where it had none."""
    layer = checked.layer
    descriptor = layer.descriptor or described(checked)
    layer = msgspec.structs.replace(layer, number=number, descriptor=descriptor)
    return msgspec.structs.replace(checked, layer=layer, digest=descriptor.digest)


def _made(
    new: NewLayer,
    number: int,
    source: CheckedImage,
    changesets: Sequence[Changeset],
    keeper: Keeper,
    *,
    compress: bool,
) -> CheckedLayer:
    below = source.layers[new.group.first : new.group.last + 1]
    compression = _compression([one.compression for one in below]) if compress else "none"
    blob = f"new layer {number}"
    with keeper.begin(blob) as kept:
        file = LayerFile(kept, compression)
        write_layer_tar(new, source.opened, changesets, file.put)
        file.finish()
    checked = CheckedLayer(
        layer=Layer(number=number, blob=blob, diff_id=file.diff_id),
        digest=file.digest,
        diff_id=file.diff_id,
        stored_bytes=file.stored_bytes,
        unpacked_bytes=file.unpacked_bytes,
        compression=compression,
    )
    layer = msgspec.structs.replace(checked.layer, descriptor=described(checked))
    return msgspec.structs.replace(checked, layer=layer)


def _compression(used: Sequence[str]) -> str:
    """The best of theirs: zstd where any has it, else gzip where any is compressed at all."""
    if "zstd" in used:
        return "zstd"
    return "gzip" if _GZIPPED & set(used) else "none"
