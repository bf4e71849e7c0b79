"""``--max-growth``: how much larger than the baseline the image may be, all layers uncompressed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from layerscope.extensions import Gate, Verdict
from layerscope.model.people import apart, exact_percent, exact_size, fit, percent, size
from layerscope.model.quantity import Share, parse_size_or_share

if TYPE_CHECKING:  # every run reads this file, not every one an image
    from layerscope.gates.baseline import Against
    from layerscope.inspection import Inspection

_MOST = 1000
"""An image may become many times what it was."""


def _judge(inspection: Inspection | None, limit: Against) -> Verdict:
    old = limit.comparison.old
    before, now = old.sums.tar_bytes, limit.comparison.new.sums.tar_bytes
    grown_bytes = now - before
    if isinstance(limit.limit, Share):
        ratio = grown_bytes / before if before else float(grown_bytes > 0)
        measured, allowed = apart(ratio, limit.limit, percent, exact_percent)
        passed = ratio <= limit.limit
    else:
        measured, allowed = apart(grown_bytes, limit.limit, _signed(size), _signed(exact_size))
        passed = grown_bytes <= limit.limit
    return Verdict(
        gate="max-growth",
        measured=measured,
        limit=allowed,
        passed=passed,
        because=f"{size(before)} to {size(now)} since {fit(old.reference, 40, end=True)}",
    )


def _signed(text: Callable[[Any], str]) -> Callable[[Any], str]:
    """Sizes that may be less than nothing."""
    return lambda count: text(count) if count >= 0 else f"-{text(-count)}"


GATE = Gate(
    id="max-growth",
    help="Growth of the uncompressed size since the baseline, as a share of it or in bytes.",
    metavar="PERCENT|SIZE",
    parse=partial(parse_size_or_share, most=_MOST),
    judge=_judge,
    example="5%",
    against_baseline=True,
)
