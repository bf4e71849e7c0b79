"""``--max-size``: what the uncompressed layers may take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerscope.extensions import Gate, Verdict
from layerscope.model.people import apart, exact_size, size
from layerscope.model.quantity import parse_size

if TYPE_CHECKING:  # every run reads this file, not every one an image
    from layerscope.inspection import Inspection


def _judge(inspection: Inspection, limit: int) -> Verdict:
    tar_bytes = inspection.analysis.totals.tar_bytes
    measured, allowed = apart(tar_bytes, limit, size, exact_size)
    return Verdict(gate="max-size", measured=measured, limit=allowed, passed=tar_bytes <= limit)


GATE = Gate(
    id="max-size",
    help="Size of the image, all layers uncompressed: 500MB, 1.5GiB.",
    metavar="SIZE",
    parse=parse_size,
    judge=_judge,
    example="500MB",
)
