"""L14: a layer that does nothing but delete what lower ones ship."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.advice.evidence import Evidence, grouped
from layerscope.advice.fixing import step
from layerscope.advice.waste_claims import deletion_fix, items_of
from layerscope.extensions import Rule
from layerscope.model.entry import Kind
from layerscope.model.suggestion import Claim, Priority
from layerscope.model.waste import Cause

_MARKERS = (Kind.WHITEOUT, Kind.OPAQUE)
_HARMLESS = (*_MARKERS, Kind.DIRECTORY)


def _only_deletes(evidence: Evidence, layer: int) -> bool:
    entries = evidence.changesets[layer].entries
    return all(entry.kind in _HARMLESS for entry in entries) and any(
        entry.kind in _MARKERS for entry in entries
    )


def _detect(evidence: Evidence) -> Iterator[Claim]:
    cleaning = {layer for layer in range(len(evidence.changesets)) if _only_deletes(evidence, layer)}
    deleted = [
        lost
        for lost in evidence.lost_of(Cause.DELETED)
        if lost.waste.hidden_by in cleaning and lost.waste.shipped_by < lost.waste.hidden_by
    ]
    for layer, lost in sorted(grouped(deleted, lambda one: one.waste.hidden_by).items()):
        shipping = sorted({one.waste.shipped_by for one in lost})
        fix, rewrite = deletion_fix(evidence, (shipping[0], layer), lost)
        if len(shipping) > 1:
            where = " and ".join(step(evidence, number) for number in shipping)
            fix, rewrite = f"Move what {step(evidence, layer)} deletes to the end of {where}.", None
        yield Claim(
            title=f"layer {layer} only deletes, and saves nothing",
            items=items_of(lost),
            layers=(*shipping, layer),
            blamed=layer,
            fix=fix,
            rewrite=rewrite,
        )


RULE = Rule(
    id="cleanup-layer",
    title="A layer only deletes, and saves nothing",
    family="layers",
    help="""A RUN that only cleans up hides files of lower layers; they are shipped all the same, and so is
its own layer. Clean up in the RUN that makes the files.""",
    detect=_detect,
    priority=Priority.WASTE_EXPLAINED,
)

WASTE_RULE = RULE
