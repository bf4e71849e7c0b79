"""An image for several platforms, as BuildKit writes one: an index, attestations beside its manifests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.oci.build import (
    INDEX,
    MANIFEST,
    as_folder,
    blob_path,
    built,
    descriptor,
    encoded,
    image_blobs,
    index,
    layout_of,
    manifest_of,
    named,
)
from tests.oci.tar.raw import END, member

CPUS = ("amd64", "arm64", "s390x")


def several(folder: Path, *, attested: bool = True) -> Path:
    """A layout with layers of which each hides a part of the one before."""
    files: dict[str, Any] = {}
    items = []
    for cpu in CPUS:
        layers = [member(b"f", cpu.encode() * count) + END for count in (100, 200, 300)]
        blobs = image_blobs(built(*layers, cpu=cpu, architecture=cpu, os="linux"))
        files |= blobs
        one = descriptor(manifest_of(blobs), MANIFEST, platform={"os": "linux", "architecture": cpu})
        items.append(one)
        if attested:
            items.append(_attestation(one, files))
    document = index(*items)
    files[blob_path(document)] = document
    return as_folder(layout_of(files, descriptor(document, INDEX) | named("app:1")), folder)


def _attestation(image: Any, files: dict[str, Any]) -> Any:
    statement = encoded({"about": image["digest"]})
    layer = descriptor(statement, "application/vnd.in-toto+json")
    config = descriptor(b"{}", "application/vnd.oci.image.config.v1+json")
    manifest = encoded({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [layer]})
    files |= {blob_path(part): part for part in (statement, b"{}", manifest)}
    notes = {
        "vnd.docker.reference.type": "attestation-manifest",
        "vnd.docker.reference.digest": image["digest"],
    }
    unknown = {"os": "unknown", "architecture": "unknown"}
    return descriptor(manifest, MANIFEST, platform=unknown) | {"annotations": notes}
