"""Where the base may end, by what histories look like: for people to judge, and not to count with.

Every base image that a shell can be run in ends with a CMD, and few Dockerfiles have one that instructions
with layers follow. Some do, so this is told and never taken for the truth.
"""

from __future__ import annotations

from layerscope.model.image import Image
from layerscope.model.instruction import instruction_of


def likely_base_layers(image: Image) -> int | None:
    """How many layers stand below the last CMD that layers follow; None where there is no such CMD."""
    for layer in reversed(image.layers):
        steps = map(instruction_of, layer.empty_steps)
        if any(step is not None and step.keyword == "CMD" for step in steps):
            return layer.number or None
    return None
