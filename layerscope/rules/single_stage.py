"""D11: what was built and what built it, in one image."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.advice.building import ENOUGH_BYTES, building_items, split_worth_it
from layerscope.advice.evidence import Evidence
from layerscope.extensions import Rule
from layerscope.model.people import size
from layerscope.model.suggestion import Claim, Priority


def _detect(evidence: Evidence) -> Iterator[Claim]:
    items = building_items(evidence)
    gross_bytes = sum(item.size_bytes for item in items)
    if gross_bytes < ENOUGH_BYTES or split_worth_it(evidence) is not None:
        return
    layers = tuple(sorted({item.origin for item in items}))
    yield Claim(
        title=f"{size(gross_bytes)} of the image is there to build, not to run",
        items=tuple(items),
        layers=layers,
        confidence="medium",
        fix="Build in a first stage (FROM … AS build), begin a second one from a lean base, and "
        "COPY --from=build what was built.",
        rewrite="FROM … AS build\n…\nFROM …\nCOPY --from=build … …",
        risk="What the program loads at run time (libraries, data) must be copied as well.",
    )


RULE = Rule(
    id="single-stage",
    title="Built and run in one stage",
    family="distribution",
    help="""Compilers, SDKs, headers and caches of builds stay in an image of one stage. With a second stage,
only what was built is shipped; stage-split tells it instead where it can say what to copy. The bytes are
those of other findings, told here once more as a whole.""",
    detect=_detect,
    priority=Priority.ADVICE,
    profiles=frozenset(("runtime", "ml")),
)
