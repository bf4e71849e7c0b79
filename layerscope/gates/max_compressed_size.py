"""``--max-compressed-size``: what the layers may take as they are stored, and pulled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerscope.extensions import Gate, Verdict
from layerscope.model.people import apart, exact_size, size
from layerscope.model.quantity import parse_size

if TYPE_CHECKING:  # every run reads this file, not every one an image
    from layerscope.inspection import Inspection


def _judge(inspection: Inspection, limit: int) -> Verdict:
    compressed_bytes = inspection.analysis.totals.compressed_bytes
    measured, allowed = apart(compressed_bytes, limit, size, exact_size)
    return Verdict(
        gate="max-compressed-size", measured=measured, limit=allowed, passed=compressed_bytes <= limit
    )


GATE = Gate(
    id="max-compressed-size",
    help="Size of the image, all layers as stored: what a pull transfers.",
    metavar="SIZE",
    parse=parse_size,
    judge=_judge,
    example="200MB",
)
