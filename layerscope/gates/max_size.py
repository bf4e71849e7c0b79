"""``--max-size``: what the uncompressed layers may take."""

from __future__ import annotations

from layerscope.extensions import Gate, Verdict
from layerscope.inspection import Inspection
from layerscope.model.people import size
from layerscope.model.quantity import parse_size


def _judge(inspection: Inspection, limit: int) -> Verdict:
    tar_bytes = inspection.analysis.totals.tar_bytes
    return Verdict(gate="max-size", measured=size(tar_bytes), limit=size(limit), passed=tar_bytes <= limit)


GATE = Gate(
    id="max-size",
    help="Size of the image, all layers uncompressed: 500MB, 1.5GiB.",
    metavar="SIZE",
    parse=parse_size,
    judge=_judge,
)
