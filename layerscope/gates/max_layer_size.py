"""``--max-layer-size``: what any one layer may take uncompressed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerscope.extensions import Gate, Verdict
from layerscope.model.instruction import instruction_of
from layerscope.model.names import shown
from layerscope.model.people import apart, exact_size, fit, size
from layerscope.model.quantity import parse_size

if TYPE_CHECKING:  # every run reads this file, not every one an image
    from layerscope.inspection import Inspection


def _judge(inspection: Inspection, limit: int) -> Verdict:

    layers = inspection.analysis.layers
    largest = max(layers, key=lambda layer: layer.tar_bytes, default=None)
    largest_bytes = largest.tar_bytes if largest is not None else 0
    measured, allowed = apart(largest_bytes, limit, size, exact_size)
    because = ""
    if largest is not None:
        instruction = instruction_of(inspection.image.layers[largest.number].history)
        because = f"layer {largest.number}" + (f": {fit(shown(str(instruction)), 48)}" if instruction else "")
    return Verdict(
        gate="max-layer-size",
        measured=measured,
        limit=allowed,
        passed=largest_bytes <= limit,
        because=because,
    )


GATE = Gate(
    id="max-layer-size",
    help="Size of the largest layer, uncompressed.",
    metavar="SIZE",
    parse=parse_size,
    judge=_judge,
    example="250MB",
)
