"""``--min-efficiency``: the least share of the content that must be visible."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerscope.extensions import Gate, Verdict
from layerscope.model.people import apart, exact_percent, percent
from layerscope.model.quantity import parse_ratio

if TYPE_CHECKING:  # every run reads this file, not every one an image
    from layerscope.inspection import Inspection


def _judge(inspection: Inspection, limit: float) -> Verdict:
    ratio = inspection.analysis.totals.efficiency_ratio
    measured, allowed = apart(ratio, limit, percent, exact_percent)
    return Verdict(gate="min-efficiency", measured=measured, limit=allowed, passed=ratio >= limit)


GATE = Gate(
    id="min-efficiency",
    help="Visible bytes as a share of the content: 95% or 0.95.",
    metavar="PERCENT",
    parse=parse_ratio,
    judge=_judge,
    example="90%",
)
