"""Choosing an image of an archive that was built in code."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerscope.errors import (
    LayerscopeError,
)
from layerscope.model.image import Image
from layerscope.model.platform import parse_platform
from tests.oci.build import (
    BASE,
    INDEX,
    MANIFEST,
    TOP,
    Files,
    Json,
    as_tar,
    blob_path,
    built,
    descriptor,
    image_blobs,
    index,
    layout_of,
    manifest_of,
    named,
    open_pipe,
    open_tar,
)

ONE = built(BASE, names=("one:1", "one:latest"))
TWO = built(TOP, names=("registry.example/Two/App:2",))


def opened(files: Files, folder: Path, wanted: str | None = None, platform: str | None = None) -> Image:
    """The image that is chosen, the same from a file and from a pipe."""
    parsed = parse_platform(platform) if platform else None
    tar = as_tar(files)
    image = open_tar(tar, folder, wanted, parsed).image
    assert open_pipe(tar, wanted, parsed).image == image
    return image


def refused(error: type[LayerscopeError], files: Files, folder: Path, *choice: str | None) -> LayerscopeError:
    """The error of such a choice."""
    with pytest.raises(error) as caught:
        opened(files, folder, *choice)
    return caught.value


def platforms(*names: str, each: Json | None = None) -> Files:
    """One image for several platforms under one name; their only layers are the platforms' names."""
    files: Files = {}
    inner: list[Json] = []
    for number, name in enumerate(names):
        platform = parse_platform(name)
        image = built(BASE, os=platform.os, cpu=platform.architecture, author=str(number))
        blobs = image_blobs(image)
        files |= blobs
        said = {"os": platform.os, "architecture": platform.architecture, "variant": platform.variant}
        said = {key: value for key, value in said.items() if value}
        inner.append(descriptor(manifest_of(blobs), MANIFEST, platform=said) | (each or {}))
    document = index(*inner)
    return layout_of(files | {blob_path(document): document}, descriptor(document, INDEX) | named("app:1"))
