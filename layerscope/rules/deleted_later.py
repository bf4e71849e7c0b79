"""L01: files that one layer ships and a later one deletes."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.advice.evidence import Evidence
from layerscope.advice.waste_claims import deletion_fix, items_of, layers_of, pairs
from layerscope.extensions import Rule
from layerscope.model.suggestion import Claim, Priority
from layerscope.model.waste import Cause


def _detect(evidence: Evidence) -> Iterator[Claim]:
    for pair, lost in pairs(evidence.lost_of(Cause.DELETED)):
        fix, rewrite = deletion_fix(evidence, pair, lost)
        yield Claim(
            title=f"layer {pair[1]} deletes what layer {pair[0]} ships",
            items=items_of(lost),
            layers=layers_of(*pair),
            blamed=pair[0],
            fix=fix,
            rewrite=rewrite,
            risk="What layers in between do with the files, if there are any, must move along.",
        )


RULE = Rule(
    id="deleted-later",
    title="A layer deletes what a lower one ships",
    family="layers",
    help="""A file that a later instruction deletes is hidden and still shipped: layers only ever add.
Delete it in the RUN that makes it, keep it out of the build's context, make it in a build stage, or mount
it for the RUN that needs it (RUN --mount=type=bind, cache or tmpfs).""",
    detect=_detect,
    priority=Priority.WASTE,
)

WASTE_RULE = RULE
