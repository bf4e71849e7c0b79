"""D04: a layer that is compressed in vain."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.advice.evidence import Evidence
from layerscope.advice.fixing import step
from layerscope.extensions import Rule
from layerscope.model.people import percent
from layerscope.model.suggestion import Claim, Priority

_LEAST_BYTES = 50_000_000
_IN_VAIN = 0.95


def _detect(evidence: Evidence) -> Iterator[Claim]:
    for layer, changeset in enumerate(evidence.changesets):
        if changeset.compression == "none" or changeset.tar_bytes < _LEAST_BYTES:
            continue
        ratio = changeset.compressed_bytes / changeset.tar_bytes
        if ratio > _IN_VAIN:
            yield Claim(
                title=f"layer {layer} is {percent(ratio)} of its size after compression",
                layers=(layer,),
                blamed=layer,
                confidence="low",
                gross_bytes=0,
                compressed_bytes=0,
                fix=f"What {step(evidence, layer)} brings (models, archives, media) is compressed already: "
                "give it a layer of its own, and do not spend time on a better compression.",
            )


RULE = Rule(
    id="incompressible-layer",
    title="A layer that does not compress",
    family="distribution",
    help="""Model weights, archives and media are compressed already: gzip and zstd spend time on them, when
pushing and at each pull, and save nothing. In a layer of its own, such data is not sent again with every
change of the code.""",
    detect=_detect,
    priority=Priority.ADVICE,
)
