"""An archive or layout, whatever its format, to one opened image."""

from __future__ import annotations

import io
from collections.abc import Iterable

import msgspec

from layerscope.errors import ImageError, IncompleteImage, NotAnImage
from layerscope.extensions import LayerJob, Stored
from layerscope.model.changeset import Changeset
from layerscope.model.diagnostic import Diagnostic
from layerscope.model.image import Image, Layer, Unused
from layerscope.model.platform import Platform
from layerscope.oci.base import base_layers
from layerscope.oci.blobs import Blobs
from layerscope.oci.candidate import Candidate, choose
from layerscope.oci.layer import Budget, read_changeset

_ROOT_FOLDERS = frozenset(("bin", "etc", "usr", "var", "lib", "proc", "sys"))


class OpenedBlobs:
    """An image in an archive or layout; its layers are read from there."""

    def __init__(self, blobs: Blobs, wanted: str | None, platform: Platform | None, reference: str) -> None:
        self._blobs = blobs
        self.streams = blobs.streams
        self.image = _image(blobs, wanted, platform, reference)

    def job(self, layer: Layer) -> LayerJob | None:
        """The layer as a job for another process, where it lies in a file."""
        held = layer.missing is not None or _inline(layer, self._blobs) is not None
        return None if held else self._blobs.job(layer.blob)

    def read_layer(self, layer: Layer) -> Changeset:
        """One pass over the layer."""
        if layer.missing:
            raise IncompleteImage(f"{self._blobs.where}: {layer.missing}")
        data = _inline(layer, self._blobs)
        if data is None:
            return self._blobs.read_layer(layer.blob)
        options = self._blobs.options
        budget = Budget(options.max_unpacked_bytes)
        return read_changeset(io.BytesIO(data), f"{self._blobs.where}: {layer.blob}", options, budget)

    def open_layer(self, layer: Layer) -> Stored:
        """The layer's blob as stored; raises IncompleteImage where it is missing."""
        if layer.missing:
            raise IncompleteImage(f"{self._blobs.where}: {layer.missing}")
        data = _inline(layer, self._blobs)
        return self._blobs.open(layer.blob) if data is None else io.BytesIO(data)


def _inline(layer: Layer, blobs: Blobs) -> bytes | None:
    """A layer that its descriptor holds (image-spec, descriptor.md, "data"), where no file does."""
    data = layer.descriptor.data if layer.descriptor is not None else None
    return data if data is not None and blobs.find(layer.blob) is None else None


def _image(blobs: Blobs, wanted: str | None, platform: Platform | None, reference: str) -> Image:
    candidates, remarks = _candidates(blobs)
    chosen = choose(candidates, blobs.where, wanted, platform)
    image = chosen.build(reference)
    names = tuple(dict.fromkeys((*image.names, *chosen.names)))
    return msgspec.structs.replace(
        image,
        names=names,
        base_layers=base_layers(image, blobs),
        diagnostics=(*image.diagnostics, *remarks),
        unused=_unused(blobs, image, chosen, candidates),
    )


def _unused(blobs: Blobs, image: Image, chosen: Candidate, candidates: list[Candidate]) -> tuple[Unused, ...]:
    if not blobs.options.probes:  # nobody will ask for suggestions
        return ()
    from layerscope.oci.unused import unused_blobs

    return unused_blobs(blobs, image, chosen, candidates)


def candidates_of(blobs: Blobs) -> list[Candidate]:
    """All that an archive or layout may be asked for."""
    return _candidates(blobs)[0]


def _candidates(blobs: Blobs) -> tuple[list[Candidate], list[Diagnostic]]:
    """All images; of a hybrid archive those of index.json, with the names manifest.json gives them."""
    if blobs.find("index.json") is not None:
        return _layout(blobs)
    if blobs.find("manifest.json") is not None:
        from layerscope.oci.docker_archive import docker_candidates

        return docker_candidates(blobs), []
    from layerscope.oci.docker_v1 import is_v1, v1_candidates

    if is_v1(blobs):
        if not blobs.ended:
            raise ImageError(f"{blobs.where}: truncated: it has no manifest.json, and no end of a tar either")
        return v1_candidates(blobs), []
    raise _not_an_image(blobs)


def _layout(blobs: Blobs) -> tuple[list[Candidate], list[Diagnostic]]:
    from layerscope.oci.layout import layout_candidates

    layout = layout_candidates(blobs)
    if blobs.find("manifest.json") is not None:
        from layerscope.oci.docker_archive import docker_candidates

        try:
            return _joined(layout, docker_candidates(blobs))
        except ImageError as error:
            if not layout:
                raise
            return layout, [Diagnostic(code="manifest-json", message=f"not used: {error.message}")]
    if not layout:
        raise NotAnImage(f"{blobs.where}: index.json lists no manifests")
    return layout, []


def _joined(layout: list[Candidate], docker: list[Candidate]) -> tuple[list[Candidate], list[Diagnostic]]:
    if not any(item.excluded is None and item.error is None for item in layout):
        return docker or layout, []
    joined: list[Candidate] = []
    matched = False
    for item in layout:
        names = list(item.names)
        for twin in docker:
            if twin.digests and twin.digests[0] in item.digests:
                matched = True
                names += twin.names
        joined.append(msgspec.structs.replace(item, names=tuple(dict.fromkeys(names))))
    remark = Diagnostic(
        code="two-manifests",
        message="index.json and manifest.json describe different images; index.json is used",
    )
    return joined, [remark] if docker and not matched else []


def _not_an_image(blobs: Blobs) -> NotAnImage:
    names = list(blobs.names())
    tops = {name.partition("/")[0] for name in names}
    if "refs" in tops and ("oci-layout" in tops or "blobs" in tops):
        why, hint = (
            "an OCI layout of before 1.0, without index.json",
            "convert it with a current tool",
        )
    elif len(_ROOT_FOLDERS & tops) > 1:
        why = "a root filesystem, not an image"
        hint = "docker export and podman export write that; write the image with docker save or podman save"
    else:
        why = "no image: neither index.json nor manifest.json is in it"
        hint = f"it holds {_some(names)}"
    return NotAnImage(f"{blobs.where}: {why}", hint=hint)


def _some(names: Iterable[str]) -> str:
    listed = sorted(names)
    more = f", … {len(listed) - 5} more" if len(listed) > 5 else ""
    return ", ".join(listed[:5]) + more if listed else "nothing"
