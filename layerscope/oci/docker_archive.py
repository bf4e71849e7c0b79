"""What ``docker save`` writes: manifest.json, one config and a list of layers for each image."""

from __future__ import annotations

import posixpath
import re

from layerscope.errors import ImageError, NotAnImage
from layerscope.model.digest import Digest
from layerscope.model.image import Image
from layerscope.model.paths import normalise
from layerscope.oci.assemble import Draft, StoredLayer, assemble
from layerscope.oci.blobs import Blobs
from layerscope.oci.candidate import Candidate
from layerscope.oci.documents import parse_config
from layerscope.oci.fields import Fields, decode_any, wrong

_HEX = re.compile(r"(?:sha256:)?([0-9a-f]{64})(?:\.json)?")


def docker_candidates(blobs: Blobs) -> list[Candidate]:
    """Every image that manifest.json lists; keys in any case, as Go reads them."""
    where = f"{blobs.where}: manifest.json"
    items = decode_any(blobs.read("manifest.json"), where)
    if not isinstance(items, list):
        hint = "an image manifest, as skopeo's dir: transport writes it, is not supported"
        raise ImageError(
            wrong(where, "an array of images", items).message,
            hint=hint if isinstance(items, dict) else None,
        )
    if not items:
        raise NotAnImage(f"{where}: it lists no images")
    return [
        _candidate(blobs, Fields(item, f"{where}: [{number}]", any_case=True), number)
        for number, item in enumerate(items)
    ]


def _candidate(blobs: Blobs, item: Fields, number: int) -> Candidate:
    names = tuple(item.texts("RepoTags"))
    config_name = item.text("Config")
    if config_name is None:
        raise wrong(item.place("Config"), "a file's name", None)
    layers = item.texts("Layers")
    match = _HEX.fullmatch(posixpath.basename(config_name))
    image_id = Digest(f"sha256:{match[1]}") if match else None
    file = normalise(config_name)
    raw, config, error = None, None, None
    try:
        if blobs.find(file) is not None:
            raw = blobs.read(file)
            config = parse_config(raw, f"{blobs.where}: {file}")
    except ImageError as raised:  # it matters where this image is the one that is meant
        error = raised

    def build(reference: str) -> Image:
        return assemble(
            Draft(
                reference=reference,
                names=names,
                digest=None,
                image_id=image_id,
                config=config,
                layers=tuple(StoredLayer(blob=normalise(layer)) for layer in layers),
                config_bytes=raw,
            ),
            blobs,
        )

    return Candidate(
        names=names,
        digests=(image_id,) if image_id else (),
        platform=config.platform if config else None,
        group=str(number),
        build=build,
        error=error,
    )
