"""Squashing: which layers, and what it saves while the base stays shared."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.advice.evidence import Evidence
from layerscope.advice.squashing import best_range, saved_by
from layerscope.extensions import Rule
from layerscope.model.people import size
from layerscope.model.suggestion import Claim, Priority

_LEAST_BYTES = 1_000_000


def _detect(evidence: Evidence) -> Iterator[Claim]:
    count = len(evidence.image.layers)
    base = evidence.image.base_layers
    # Where nobody knows where the base ends, its lowest layer is the one that others share.
    first = min(1, count - 1) if base is None else base
    waste = evidence.analysis.waste
    best = best_range(waste, first, count)
    if best is None or best.saved_bytes < _LEAST_BYTES:
        return
    items = tuple(
        lost.item
        for lost in evidence.lost
        if best.first <= lost.waste.shipped_by and lost.waste.hidden_by <= best.last
    )
    further = saved_by(waste, 0, count - 1) - saved_by(waste, first, count - 1)
    shared = sum(changeset.content_bytes for changeset in evidence.changesets[:first])
    below = (
        f" Squashing the base as well would save {size(further)} more, and its {size(shared)} would no "
        "longer be shared with other images."
        if further
        else ""
    )
    yield Claim(
        title=f"squashing layers {best.first} to {best.last} saves {size(best.saved_bytes)} at once",
        items=items,
        layers=tuple(range(best.first, best.last + 1)),
        blamed=best.first,
        confidence="medium",
        fix=f"Join layers {best.first} to {best.last} into one: what they hide of each other is then not "
        f"shipped. The files that can be seen stay as they are, and the layers below stay shared.{below}",
        risk="The joined layer is pulled as a whole after any change; changing the instructions is better.",
    )


RULE = Rule(
    id="squash-layers",
    title="Squash adjacent layers",
    family="layers",
    help="""Joining adjacent layers drops what they hide of each other, without touching the Dockerfile, and
leaves the visible files as they are. The bytes are those of other findings, told here once more as what one
step saves. The base is left out: its layers are shared with other images.""",
    detect=_detect,
    priority=Priority.ADVICE,
)
