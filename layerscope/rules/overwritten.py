"""L02: files that one layer ships and a later one replaces by other content."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.advice.evidence import Evidence
from layerscope.advice.fixing import joined, some, step
from layerscope.advice.waste_claims import items_of, layers_of, pairs, replacing_confidence
from layerscope.extensions import Rule
from layerscope.model.suggestion import Claim, Priority
from layerscope.model.waste import Cause


def _detect(evidence: Evidence) -> Iterator[Claim]:
    for pair, lost in pairs(evidence.lost_of(Cause.OVERWRITTEN)):
        shipped_by, hidden_by = pair
        largest = some([record.waste.path for record in lost])
        yield Claim(
            title=f"layer {hidden_by} writes over what layer {shipped_by} ships",
            items=items_of(lost),
            layers=layers_of(*pair),
            blamed=shipped_by,
            confidence=replacing_confidence(evidence, pair),
            fix=f"Write {largest} once: do in {step(evidence, shipped_by)} what layer {hidden_by} does, "
            "or bring in only the final files.",
            rewrite=joined(evidence, shipped_by, hidden_by),
        )


RULE = Rule(
    id="overwritten",
    title="A layer writes over what a lower one ships",
    family="layers",
    help="""A file that a later instruction changes is stored again as a whole, and the old one is still
shipped. Change it in the RUN that makes it, join the installs that rewrite the same files, or COPY only the
final file.""",
    detect=_detect,
    priority=Priority.WASTE,
)

WASTE_RULE = RULE
