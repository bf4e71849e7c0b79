"""The stack of layers as the page tells of it: instructions as one would write them, bars on one scale."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from layerscope.inspection import Inspection
from layerscope.model.credentials import redacted
from layerscope.model.image import HistoryEntry, Layer
from layerscope.model.instruction import Instruction, instruction_of
from layerscope.model.names import shown
from layerscope.model.people import fit
from layerscope.model.waste import Cause
from layerscope.reports.page.segments import segments

_JOINT = re.compile(r" (?=(?:&&|\|\|) )")
_SHORT = 160
_LONGEST = 6000


def instructions(inspection: Inspection) -> list[dict[str, str]]:
    """Each layer's instruction on one line, and as one would write it: ``short``, ``keyword``, ``text``."""
    return [_told(layer) for layer in inspection.image.layers]


def _told(layer: Layer) -> dict[str, str]:
    instruction = instruction_of(layer.history)
    if instruction is None:
        return {
            "short": "(no history)",
            "keyword": "",
            "text": "the history does not tell what made this layer",
        }
    return {
        "short": fit(shown(str(instruction)), _SHORT),
        "keyword": shown(instruction.keyword),
        "text": written(instruction),
    }


def written(instruction: Instruction) -> str:
    """What follows the keyword, a command a line."""
    text = fit(shown(redacted(" ".join(instruction.text.split()))), _LONGEST)
    return _JOINT.sub(" \\\n  ", text)


def stack(inspection: Inspection, told: Sequence[dict[str, str]]) -> list[dict[str, Any]]:
    """The layers from the base up, the steps without one between them, where the base ends."""
    image, analysis = inspection.image, inspection.analysis
    largest = max((layer.content_bytes for layer in analysis.layers), default=0)
    caused: list[dict[str, int]] = [{} for _ in image.layers]
    shipped: list[dict[str, int]] = [{} for _ in image.layers]
    for record in analysis.waste:
        for sums, number in ((caused, record.hidden_by), (shipped, record.shipped_by)):
            sums[number][record.cause.value] = sums[number].get(record.cause.value, 0) + record.size_bytes
    rows = []
    for layer, totals in zip(image.layers, analysis.layers, strict=True):
        in_base = image.base_layers is not None and layer.number < image.base_layers
        wasted = shipped[layer.number]
        parts = [
            ("base" if in_base else "visible", "visible", totals.content_bytes - totals.waste_shipped_bytes),
            *((cause.value, cause.value, wasted.get(cause.value, 0)) for cause in Cause),
        ]
        rows.append(
            {
                "layer": layer,
                "totals": totals,
                "told": told[layer.number],
                "in_base": in_base,
                "bar": segments(parts, largest),
                "caused": caused[layer.number],
                "shipped": wasted,
                "digest": layer.descriptor.digest if layer.descriptor else None,
                "created": layer.history.created if layer.history else None,
                "missing": shown(layer.missing) if layer.missing is not None else None,
                "verified": inspection.verified[layer.number].value.replace("_", " "),
                "before": _steps(layer.empty_steps),
            }
        )
    return rows


def _steps(steps: Sequence[HistoryEntry]) -> list[str]:
    """Steps that made no layer, each on one line."""
    found = (instruction_of(step) for step in steps)
    return [fit(shown(str(one)), _SHORT) for one in found if one is not None]


def trailing(inspection: Inspection) -> list[str]:
    """The steps after the last layer."""
    return _steps(inspection.image.trailing_steps)
