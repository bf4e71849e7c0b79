"""The archive that ``docker load`` has always taken: manifest.json, the config, layers uncompressed."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from layerscope.extensions import Opened
from layerscope.oci.write.content import (
    CheckedImage,
    CheckedLayer,
    Member,
    document,
    sha256,
    stored,
    unpacked,
)


def docker_archive(image: CheckedImage, names: Sequence[str]) -> tuple[Member, ...]:
    """The archive's files; a layer that stands in the stack twice is stored once."""
    layer_names = [_layer_name(checked) for checked in image.layers]
    distinct = dict(zip(layer_names, image.layers, strict=True))
    config_name = f"{_hex(sha256(image.config))}.json"
    return (
        document(config_name, image.config),
        manifest_json(config_name, names, layer_names),
        *(_layer(name, image.opened, checked) for name, checked in distinct.items()),
    )


def _layer_name(checked: CheckedLayer) -> str:
    return f"{_hex(checked.digest if checked.stays_compressed else checked.diff_id)}.tar"


def _layer(name: str, opened: Opened, checked: CheckedLayer) -> Member:
    return (stored if checked.stays_compressed else unpacked)(name, opened, checked)


def manifest_json(config_name: str, names: Sequence[str], layer_names: Sequence[str]) -> Member:
    """The document that names an image's parts."""
    image = {"Config": config_name, "RepoTags": list(names) or None, "Layers": list(layer_names)}
    return document("manifest.json", msgspec.json.encode([image]))


def _hex(digest: str) -> str:
    return digest.partition(":")[2]
