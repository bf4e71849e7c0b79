"""``--max-update``: how much a node that has the baseline may have to pull, layers as stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerscope.extensions import Gate, Verdict
from layerscope.model.people import apart, exact_percent, exact_size, fit, percent, size
from layerscope.model.quantity import Share, parse_size_or_share

if TYPE_CHECKING:  # every run reads this file, not every one an image
    from layerscope.gates.baseline import Against
    from layerscope.inspection import Inspection


def _judge(inspection: Inspection | None, limit: Against) -> Verdict:
    update = limit.comparison.update
    pull_bytes, total_bytes = update.pull_bytes, update.total_bytes
    if isinstance(limit.limit, Share):
        ratio = pull_bytes / total_bytes if total_bytes else 0.0
        measured, allowed = apart(ratio, limit.limit, percent, exact_percent)
        passed = ratio <= limit.limit
    else:
        measured, allowed = apart(pull_bytes, limit.limit, size, exact_size)
        passed = pull_bytes <= limit.limit
    return Verdict(
        gate="max-update", measured=measured, limit=allowed, passed=passed, because=_because(limit)
    )


def _because(limit: Against) -> str:
    """How much of it are layers that nobody has yet, since when, and the first layer that made it so."""
    comparison = limit.comparison
    update, blamed = comparison.update, comparison.to_blame
    said = f"{len(update.pulled)} of {len(comparison.new.layers)} layers, {size(update.pull_bytes)}"
    said += f", since {fit(comparison.old.reference, 40, end=True)}"
    if blamed is None:
        return said
    where = f"layer {blamed.new.number}" if blamed.new is not None else "a layer that is gone"
    return f"{said}, from {where} on"


GATE = Gate(
    id="max-update",
    help="What a node that has the baseline must pull, as stored: a share of all layers, or bytes.",
    metavar="PERCENT|SIZE",
    parse=parse_size_or_share,
    judge=_judge,
    example="50MB",
    against_baseline=True,
)
