"""D06, D07: what an archive holds beside the image: other platforms, attestations, what nothing refers to."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.advice.evidence import Evidence
from layerscope.extensions import Rule
from layerscope.model.people import size
from layerscope.model.suggestion import Claim, Confidence, Priority

_LEAST_BYTES = 100_000
_KINDS: tuple[tuple[str, str, Confidence, str], ...] = (
    (
        "platform",
        "of the archive are for other platforms",
        "low",
        "Where one platform is enough, export that: docker save --platform, layerscope export --platform.",
    ),
    (
        "attestation",
        "of the archive are attestations",
        "low",
        "Where nobody verifies them, build with --provenance=false --sbom=false, or export the image again.",
    ),
    (
        "unreferenced",
        "of the archive belong to nothing in it",
        "high",
        "Export the image again, or remove them from the layout: umoci gc.",
    ),
)


def _detect(evidence: Evidence) -> Iterator[Claim]:
    for why, title, confidence, fix in _KINDS:
        total_bytes = sum(one.size_bytes for one in evidence.image.unused if one.why == why)
        if total_bytes >= _LEAST_BYTES:
            yield Claim(
                title=f"{size(total_bytes)} {title}",
                confidence=confidence,
                gross_bytes=total_bytes,
                compressed_bytes=total_bytes,
                fix=fix,
            )


RULE = Rule(
    id="unneeded-in-archive",
    title="An archive that holds more than the image",
    family="distribution",
    help="""An archive or layout can hold the image for several platforms, attestations of how it was built,
and blobs that were left behind when an image was replaced. All of it is copied wherever the archive goes.
Images of other names are not counted.""",
    detect=_detect,
    priority=Priority.ADVICE,
)
