"""``--max-own-waste``: how much the image's own instructions may waste, the base left aside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerscope.errors import UsageError
from layerscope.extensions import Gate, Verdict
from layerscope.model.people import apart, exact_percent, exact_size, percent, size
from layerscope.model.quantity import Share, parse_size_or_share

if TYPE_CHECKING:  # every run reads this file, not every one an image
    from layerscope.inspection import Inspection


def _judge(inspection: Inspection, limit: int | Share) -> Verdict:
    totals = inspection.analysis.totals
    own, content = totals.own_wasted_bytes, totals.own_content_bytes
    if own is None or content is None:
        raise UsageError(
            "--max-own-waste: it is not known where the base image ends",
            hint="say it with --base IMAGE, or --base-layers N",
        )
    if isinstance(limit, Share):
        ratio = own / content if content else float(own > 0)
        measured, allowed = apart(ratio, limit, percent, exact_percent)
        passed = ratio <= limit
    else:
        measured, allowed = apart(own, limit, size, exact_size)
        passed = own <= limit
    return Verdict(gate="max-own-waste", measured=measured, limit=allowed, passed=passed)


GATE = Gate(
    id="max-own-waste",
    help="Bytes wasted by the image's own instructions, as a share of its own content or in bytes.",
    metavar="PERCENT|SIZE",
    parse=parse_size_or_share,
    judge=_judge,
    example="5%",
)
