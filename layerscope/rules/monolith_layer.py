"""L16: one layer that holds nearly everything."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.advice.evidence import Evidence
from layerscope.advice.fixing import step
from layerscope.extensions import Rule
from layerscope.model.people import percent
from layerscope.model.suggestion import Claim, Priority

_HUGE_BYTES = 1 << 30
_MOST = 0.6
_LARGE_BYTES = 256_000_000


def _detect(evidence: Evidence) -> Iterator[Claim]:
    first = evidence.image.base_layers or 0
    sizes = [changeset.content_bytes for changeset in evidence.changesets]
    own = sum(sizes[first:])
    for layer in range(first, len(sizes)):
        share = sizes[layer] / own if own else 0.0
        if sizes[layer] > _HUGE_BYTES or (share > _MOST and sizes[layer] > _LARGE_BYTES and len(sizes) > 1):
            yield Claim(
                title=f"layer {layer} alone is {percent(share)} of the content",
                layers=(layer,),
                blamed=layer,
                confidence="low",
                fix=f"Split {step(evidence, layer)} by how often things change: system packages, "
                "dependencies, models and data, the application.",
                risk="More layers, the same bytes.",
            )


RULE = Rule(
    id="monolith-layer",
    title="One layer holds nearly everything",
    family="layers",
    help="""A single large layer is pulled by one stream and fetched again as a whole after any change.
Split it by how often its parts change.""",
    detect=_detect,
    priority=Priority.ADVICE,
)
