"""D01: layers that a registry stores uncompressed."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.advice.evidence import Evidence
from layerscope.extensions import Rule
from layerscope.model.people import size
from layerscope.model.suggestion import Claim, Priority
from layerscope.union.pull import USUAL_RATIO

_LEAST_BYTES = 1_000_000


def _detect(evidence: Evidence) -> Iterator[Claim]:
    # In the archive of docker save nothing is compressed: that tells nothing of the registry.
    if evidence.image.digest is None:
        return
    plain = [
        layer.number
        for layer, changeset in zip(evidence.image.layers, evidence.changesets, strict=True)
        if changeset.compression == "none"
        and changeset.tar_bytes >= _LEAST_BYTES
        and layer.descriptor is not None
        and layer.descriptor.media_type.endswith(("+gzip", "+zstd"))
    ]
    compressed = any(changeset.compression != "none" for changeset in evidence.changesets)
    if not plain and compressed:
        plain = [
            layer
            for layer, changeset in enumerate(evidence.changesets)
            if changeset.compression == "none" and changeset.tar_bytes >= _LEAST_BYTES
        ]
    if plain:
        tar_bytes = sum(evidence.changesets[layer].tar_bytes for layer in plain)
        yield Claim(
            title=f"{size(tar_bytes)} of layers are stored uncompressed",
            layers=tuple(plain),
            confidence="medium",
            compressed_bytes=round(tar_bytes * (1 - USUAL_RATIO)),
            fix="Push with compression: buildx build --output type=image,compression=zstd,push=true, or "
            "skopeo copy --dest-compress.",
        )


RULE = Rule(
    id="uncompressed-layers",
    title="Layers that are stored uncompressed",
    family="distribution",
    help="""Uncompressed layers take two to three times as long to push and pull. The saving is an estimate
from what gzip usually leaves (40 %).""",
    detect=_detect,
    priority=Priority.ADVICE,
)
