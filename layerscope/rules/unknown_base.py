"""D10: an image that does not say which base it is built on."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.advice.evidence import Evidence
from layerscope.advice.likely_base import likely_base_layers
from layerscope.extensions import Rule
from layerscope.model.image import Image
from layerscope.model.suggestion import Claim, Priority

_BASE = "org.opencontainers.image.base."


def _detect(evidence: Evidence) -> Iterator[Claim]:
    image = evidence.image
    labels = image.config.runtime.get("Labels")
    named = (*image.annotations, *(labels if isinstance(labels, dict) else ()))
    # An archive of docker save has no manifest that could say it.
    if image.digest is None or image.base_layers is not None or len(image.layers) < 2:
        return
    if not any(str(name).startswith(_BASE) for name in named):
        yield Claim(
            title="nothing says which base the image is built on",
            confidence="low",
            fix=f"Build with --annotation {_BASE}name=IMAGE --annotation {_BASE}digest=SHA256, so that what "
            "is the base's can be told from what is your own; here --base IMAGE says it." + _guess(image),
        )


def _guess(image: Image) -> str:
    count = likely_base_layers(image)
    if count is None:
        return ""
    layers = f"layers 0 to {count - 1}" if count > 1 else "layer 0"
    return f" The history looks as if the base were {layers}: --base-layers {count}."


RULE = Rule(
    id="unknown-base",
    title="An image that does not name its base",
    family="distribution",
    help="""With the annotations org.opencontainers.image.base.name and .digest, tools can tell the base's
bytes and faults from the image's own, and whether there is a newer base. It saves no bytes by itself.""",
    detect=_detect,
    priority=Priority.ADVICE,
)
