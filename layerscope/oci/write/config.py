"""A config for an image that has none: the archives of Docker before 1.10."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from layerscope.model.digest import DiffID
from layerscope.model.image import Image, Layer


def new_config(image: Image, diff_ids: Sequence[DiffID]) -> bytes:
    """The config that says what is known of an image (image-spec, config.md)."""
    # Both must be there, and Docker before 1.10 knew nothing else.
    system, architecture = ("linux", "amd64")
    if image.platform is not None:
        system, architecture = image.platform.os, image.platform.architecture
    document: dict[str, Any] = {"architecture": architecture, "os": system}
    document |= _present(created=image.config.created, author=image.config.author)
    document["config"] = image.config.runtime
    document["rootfs"] = {"type": "layers", "diff_ids": list(diff_ids)}
    document["history"] = [_step(layer) for layer in image.layers]
    return msgspec.json.encode(document)


def _step(layer: Layer) -> dict[str, str]:
    step = layer.history
    return {} if step is None else _present(created=step.created, created_by=step.created_by or None)


def _present(**values: str | None) -> dict[str, str]:
    return {name: value for name, value in values.items() if value is not None}
