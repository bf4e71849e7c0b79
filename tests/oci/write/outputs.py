"""What was written, read by Python's own tarfile and hashlib, never by our readers."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

from layerscope.exporter import Exported, ExportOptions, Format, export
from tests.oci.build import Built, Files, blob_path, descriptor, encoded, layout_of, named

Content = dict[str, bytes]

DOCKER = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar"
NAMES: dict[Format, str] = {
    "docker-archive": "out.tar",
    "oci-archive": "out.oci.tar",
    "oci": "out",
}


def exported(image: Path, form: Format, folder: Path, **how: Any) -> tuple[Exported, Content]:
    """Export an image, and read what was written."""
    destination = folder / NAMES[form]
    said = export(str(image), destination, how=ExportOptions(format=form, **how))
    return said, content_of(destination)


def content_of(path: Path) -> Content:
    """Every file of an archive or a folder by its name."""
    if path.is_dir():
        files = [file for file in path.rglob("*") if file.is_file()]
        return {file.relative_to(path).as_posix(): file.read_bytes() for file in files}
    content: Content = {}
    with tarfile.open(path) as tar:
        for member in tar:
            file = tar.extractfile(member)
            assert file is not None
            assert member.name not in content
            content[member.name] = file.read()
    return content


def docker_image(content: Content) -> tuple[Any, bytes, list[bytes]]:
    """The entry of manifest.json, the config and the layers that it names."""
    [entry] = json.loads(content["manifest.json"])
    return entry, content[entry["Config"]], [content[name] for name in entry["Layers"]]


def oci_image(content: Content) -> tuple[bytes, bytes, list[bytes]]:
    """The manifest that all of index.json leads to, its config and its layers."""
    [place] = {blob_of(item) for item in json.loads(content["index.json"])["manifests"]}
    manifest = json.loads(content[place])
    layers = [content[blob_of(layer)] for layer in manifest["layers"]]
    return content[place], content[blob_of(manifest["config"])], layers


def blob_of(item: Any) -> str:
    """The file that a descriptor means."""
    place: str = "blobs/" + item["digest"].replace(":", "/")
    return place


def docker_layout(image: Built, stored: list[tuple[bytes, str]]) -> Files:
    """A layout with a manifest of Docker's; layers as stored, each with the end of its media type."""
    manifest = encoded(
        {
            "schemaVersion": 2,
            "mediaType": DOCKER,
            "config": descriptor(image.config, DOCKER_CONFIG),
            "layers": [descriptor(blob, DOCKER_LAYER + ending) for blob, ending in stored],
        }
    )
    blobs = [manifest, image.config, *(blob for blob, _ in stored)]
    files: Files = {blob_path(blob): blob for blob in blobs}
    return layout_of(files, descriptor(manifest, DOCKER) | named("app:1"))
