"""``--max-growth``: how much larger than the baseline the image may be, all layers uncompressed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from layerscope.extensions import Gate, Verdict
from layerscope.model.names import shown
from layerscope.model.people import apart, exact_percent, exact_size, fit, percent, size
from layerscope.model.quantity import Share, parse_size_or_share

if TYPE_CHECKING:  # every run reads this file, not every one an image
    from layerscope.gates.baseline import Against
    from layerscope.inspection import Inspection


def _judge(inspection: Inspection, limit: Against) -> Verdict:
    before, now = limit.baseline.tar_bytes, inspection.analysis.totals.tar_bytes
    grown_bytes = now - before
    if isinstance(limit.limit, Share):
        ratio = grown_bytes / before if before else float(grown_bytes > 0)
        measured, allowed = apart(ratio, limit.limit, percent, exact_percent)
        passed = ratio <= limit.limit
    else:
        measured, allowed = apart(grown_bytes, limit.limit, _signed(size), _signed(exact_size))
        passed = grown_bytes <= limit.limit
    reference = fit(limit.baseline.reference, 40, end=True)
    return Verdict(
        gate="max-growth",
        measured=measured,
        limit=allowed,
        passed=passed,
        because=f"{size(before)} to {size(now)} since {shown(reference)}",
    )


def _signed(text: Callable[[Any], str]) -> Callable[[Any], str]:
    """Sizes that may be less than nothing."""
    return lambda count: text(count) if count >= 0 else f"-{text(-count)}"


GATE = Gate(
    id="max-growth",
    help="Growth of the uncompressed size since --baseline, as a share of it or in bytes.",
    metavar="PERCENT|SIZE",
    parse=parse_size_or_share,
    judge=_judge,
    example="5%",
    against_baseline=True,
)
