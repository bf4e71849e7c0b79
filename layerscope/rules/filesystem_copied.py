"""L20: a whole filesystem copied over what is there already."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from math import floor

from layerscope.advice.evidence import Evidence, grouped
from layerscope.advice.waste_claims import items_of
from layerscope.extensions import Rule
from layerscope.model.suggestion import Claim, Priority
from layerscope.model.waste import Cause

_MOST = 0.8
_FEWEST_FILES = 100


def _detect(evidence: Evidence) -> Iterator[Claim]:
    again = evidence.lost_of(Cause.METADATA_ONLY)
    for layer, lost in sorted(grouped(again, lambda one: one.waste.hidden_by).items()):
        unchanged = [one for one in lost if not {"owner", "mode", "xattrs"} & set(one.waste.differs)]
        if len(unchanged) >= _FEWEST_FILES and _are_most(len(unchanged), evidence, layer):
            yield Claim(
                title=f"layer {layer} copies a whole filesystem over the same one",
                items=items_of(unchanged),
                layers=(*sorted({one.waste.shipped_by for one in unchanged}), layer),
                blamed=layer,
                fix="Begin the last stage FROM the stage that is copied, or copy only what it has made.",
            )


def _are_most(count: int, evidence: Evidence, layer: int) -> bool:
    """Whether so many are most of the files with content that were visible below a layer."""
    versions = (node.at(layer - 1) for node in evidence.analysis.index.nodes)
    below = (1 for one in versions if one and one.entry is not None and one.entry.stored_bytes)
    return next(islice(below, floor(count / _MOST), None), None) is None


RULE = Rule(
    id="filesystem-copied",
    title="A whole filesystem copied over the same one",
    family="layers",
    help="""COPY --from=build / / brings again every file that is there. Build FROM that stage, or copy only
the paths that it has made.""",
    detect=_detect,
    priority=Priority.WASTE_EXPLAINED,
)

WASTE_RULE = RULE
