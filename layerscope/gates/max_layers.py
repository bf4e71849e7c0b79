"""``--max-layers``: how many layers the image may have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerscope.extensions import Gate, Verdict
from layerscope.model.quantity import parse_count

if TYPE_CHECKING:  # every run reads this file, not every one an image
    from layerscope.inspection import Inspection


def _judge(inspection: Inspection, limit: int) -> Verdict:
    count = len(inspection.image.layers)
    return Verdict(gate="max-layers", measured=str(count), limit=str(limit), passed=count <= limit)


GATE = Gate(
    id="max-layers",
    help="Number of layers.",
    metavar="COUNT",
    parse=parse_count,
    judge=_judge,
    example="40",
)
