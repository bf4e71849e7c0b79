"""``--max-waste``: how many bytes may be shipped that nobody can see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerscope.extensions import Gate, Verdict
from layerscope.model.instruction import instruction_of
from layerscope.model.names import shown
from layerscope.model.people import apart, exact_percent, exact_size, fit, percent, size
from layerscope.model.quantity import Share, parse_size_or_share

if TYPE_CHECKING:  # every run reads this file, not every one an image
    from layerscope.inspection import Inspection


def _judge(inspection: Inspection, limit: int | Share) -> Verdict:
    totals = inspection.analysis.totals
    if isinstance(limit, Share):
        measured, allowed = apart(totals.wasted_ratio, limit, percent, exact_percent)
        passed = totals.wasted_ratio <= limit
    else:
        measured, allowed = apart(totals.wasted_bytes, limit, size, exact_size)
        passed = totals.wasted_bytes <= limit
    because = _because(inspection)
    return Verdict(gate="max-waste", measured=measured, limit=allowed, passed=passed, because=because)


def _because(inspection: Inspection) -> str:
    """The layer that causes most of it."""
    worst = max(inspection.analysis.layers, key=lambda layer: layer.waste_caused_bytes, default=None)
    if worst is None or not worst.waste_caused_bytes:
        return ""
    instruction = instruction_of(inspection.image.layers[worst.number].history)
    text = f": {fit(shown(str(instruction)), 48)}" if instruction else ""
    return f"layer {worst.number} causes {size(worst.waste_caused_bytes)}{text}"


GATE = Gate(
    id="max-waste",
    help="Wasted bytes, as a share of the content or in bytes: 10%, 20MB, 1.5GiB.",
    metavar="PERCENT|SIZE",
    parse=parse_size_or_share,
    judge=_judge,
    example="10%",
)
