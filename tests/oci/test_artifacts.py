"""What stands in an index and is no image (LAYER_CASES 90)."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerscope.errors import (
    LayerscopeError,
    NotAnImage,
)
from tests.oci.build import (
    CONFIG,
    EMPTY_JSON,
    MANIFEST,
    Files,
    Json,
    blob_path,
    descriptor,
    digest,
    encoded,
    image_blobs,
    layout_of,
    manifest_of,
)
from tests.oci.choosing import ONE, opened, refused


def artifact(config_type: str, layer_type: str, **more: str) -> Files:
    """A manifest of something else than an image."""
    config, layer = b"{}", b"anything"
    document = encoded(
        {
            "schemaVersion": 2,
            "config": descriptor(config, config_type),
            "layers": [descriptor(layer, layer_type)],
        }
        | more
    )
    return {blob_path(config): config, blob_path(layer): layer, blob_path(document): document}


ARTIFACTS = {
    "helm": artifact("application/vnd.cncf.helm.config.v1+json", "application/vnd.cncf.helm.chart"),
    "oras": artifact(EMPTY_JSON, "text/plain", artifactType="application/example"),
    "signature": artifact(CONFIG, "application/vnd.dev.cosign.simplesigning.v1+json"),
    "attestation": artifact(CONFIG, "application/vnd.dsse.envelope.v1+json"),
    "provenance": artifact(CONFIG, "application/vnd.in-toto+json"),
}


@pytest.mark.parametrize("kind", ARTIFACTS)
def test_case_90_an_artifact_is_no_image_and_the_message_says_what_it_is(kind: str, tmp_path: Path) -> None:
    blobs = ARTIFACTS[kind]
    error = refused(NotAnImage, layout_of(blobs, descriptor(manifest_of(blobs), MANIFEST)), tmp_path)

    assert error.exit_code == 4
    assert "no runnable image" in error.message
    assert any(word in error.message for word in ("artifact of type", "signature", "attestation"))


@pytest.mark.parametrize("kind", ARTIFACTS)
@pytest.mark.parametrize("order", [1, -1])
def test_case_90_an_artifact_beside_an_image_makes_no_choice_necessary(
    kind: str, order: int, tmp_path: Path
) -> None:
    blobs = [image_blobs(ONE), ARTIFACTS[kind]]
    entries = [descriptor(manifest_of(some), MANIFEST) for some in blobs]

    image = opened(layout_of(blobs[0] | blobs[1], *entries[::order]), tmp_path)

    assert image.image_id == digest(ONE.config)


@pytest.mark.parametrize(
    "said",
    [
        {"platform": {"os": "unknown", "architecture": "unknown"}},
        {"annotations": {"vnd.docker.reference.type": "attestation-manifest"}},
        {"artifactType": "application/spdx+json"},
        {"mediaType": "application/vnd.example.unknown+json"},
    ],
)
def test_case_90_the_descriptor_alone_can_say_that_it_is_no_image(said: Json, tmp_path: Path) -> None:
    """Its manifest is not opened, and need not be there."""
    blobs = image_blobs(ONE)
    other = descriptor(b"absent", MANIFEST) | said
    entry = descriptor(manifest_of(blobs), MANIFEST)

    assert opened(layout_of(blobs, other, entry), tmp_path).image_id == digest(ONE.config)
    refused(NotAnImage, layout_of({}, other), tmp_path)


def test_case_90_an_absent_manifest_is_no_candidate_where_another_is_there(tmp_path: Path) -> None:
    blobs = image_blobs(ONE)
    absent = descriptor(b"absent", MANIFEST, platform={"os": "linux", "architecture": "arm64"})
    there = descriptor(manifest_of(blobs), MANIFEST)

    assert opened(layout_of(blobs, absent, there), tmp_path).image_id == digest(ONE.config)


def test_docker_schema_1_is_named(tmp_path: Path) -> None:
    document = encoded({"schemaVersion": 1, "fsLayers": [], "history": []})
    blobs: Files = {blob_path(document): document}

    with pytest.raises(LayerscopeError, match="schemaVersion 1") as caught:
        opened(layout_of(blobs, descriptor(document, MANIFEST)), tmp_path)

    assert caught.value.exit_code == 4
