"""Where the base image ends, as far as the image itself says it."""

from __future__ import annotations

from layerscope.errors import ImageError
from layerscope.model.digest import Digest, is_digest
from layerscope.model.image import Image
from layerscope.oci.blobs import Blobs
from layerscope.oci.documents import parse_manifest
from layerscope.oci.fields import decode

_BASE_DIGEST = "org.opencontainers.image.base.digest"
_BUILDPACKS = "io.buildpacks.lifecycle.metadata"


def base_layers(image: Image, blobs: Blobs) -> int | None:
    """How many layers are the base image's, None where nothing says so.

    Told by the annotation that names the base's manifest (image-spec, annotations.md), where that
    manifest is at hand and its layers are the lowest of these, and by the label with which
    buildpacks name the top layer of their run image.
    """
    return _from_annotation(image, blobs) or _from_buildpacks(image)


def _from_annotation(image: Image, blobs: Blobs) -> int | None:
    digest = image.annotations.get(_BASE_DIGEST, "")
    name = "blobs/" + digest.replace(":", "/", 1)
    if not is_digest(digest) or blobs.find(name) is None:
        return None
    try:
        manifest = parse_manifest(blobs.read(name), f"{blobs.where}: {name}")
    except ImageError:
        return None
    lower: list[Digest] = [layer.digest for layer in manifest.layers]
    own = [layer.descriptor.digest for layer in image.layers if layer.descriptor is not None]
    return len(lower) if lower and own[: len(lower)] == lower else None


def _from_buildpacks(image: Image) -> int | None:
    labels = image.config.runtime.get("Labels")
    text = labels.get(_BUILDPACKS) if isinstance(labels, dict) else None
    if not isinstance(text, str):
        return None
    try:
        run_image = decode(text.encode("utf-8", "surrogatepass"), _BUILDPACKS).object("runImage")
        top = run_image.text("topLayer") if run_image else None
    except ImageError:
        return None
    numbers = [layer.number for layer in image.layers if layer.diff_id == top]
    return numbers[-1] + 1 if top and numbers else None
