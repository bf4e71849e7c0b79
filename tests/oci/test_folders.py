"""Layouts in folders, and layers and documents that descriptors hold (LAYER_CASES 91)."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerscope.errors import (
    BlobMismatch,
)
from tests.oci.build import (
    BASE,
    LAYER,
    LAYERS,
    MANIFEST,
    TOP,
    Files,
    Link,
    as_folder,
    as_tar,
    blob_path,
    built,
    changesets,
    descriptor,
    encoded,
    image_blobs,
    inline,
    layout,
    layout_of,
    manifest,
    manifest_of,
    open_folder,
    open_tar,
)
from tests.oci.refusal import error_of


def layer_names(files: Files) -> list[str]:
    """The files that are layers, in order."""
    return [name for name, content in files.items() if content in LAYERS]


@pytest.mark.parametrize(
    "name",
    [
        "a" * 300,
        "a\0b",
        "/etc/passwd",
        "../../../../etc/passwd",
        "blobs",
        "\ud800".encode("utf-8", "surrogatepass").hex(),
    ],
)
def test_a_name_that_no_file_can_have_is_a_missing_layer(name: str, tmp_path: Path) -> None:
    """Nor is anything outside the folder read."""
    image = built(BASE)
    files: Files = {"manifest.json": encoded([{"Config": "config.json", "Layers": [name]}])}
    folder = as_folder(files | {"config.json": image.config}, tmp_path)

    opened = open_folder(folder)

    assert [bool(layer.missing) for layer in opened.image.layers] == [True]


def test_a_link_that_leads_nowhere_or_to_a_folder_is_missing(tmp_path: Path) -> None:
    files = layout(built())
    names = layer_names(files)
    files |= {names[0]: Link("nowhere"), names[1]: Link("."), names[2]: Link("/dev/null")}

    opened = open_folder(as_folder(files, tmp_path))

    assert [bool(layer.missing) for layer in opened.image.layers] == [True] * 3


def test_an_inline_document_of_another_size_is_an_error(tmp_path: Path) -> None:
    blobs = image_blobs(built(BASE))
    entry = inline(manifest_of(blobs), MANIFEST) | {"size": 7}

    assert isinstance(error_of(as_tar(layout_of(blobs, entry)), tmp_path), BlobMismatch)


def test_a_layer_that_its_descriptor_holds_is_there(tmp_path: Path) -> None:
    """image-spec, descriptor.md: data is the blob itself, of any descriptor."""
    image = built(BASE, TOP)
    document = manifest(image, layers=[inline(BASE, LAYER), descriptor(TOP, LAYER)])
    files: Files = {blob_path(blob): blob for blob in (TOP, image.config, document)}

    opened = open_tar(as_tar(layout_of(files, descriptor(document, MANIFEST))), tmp_path)

    assert [len(changeset.entries) for changeset in changesets(opened)] == [4, 2]
