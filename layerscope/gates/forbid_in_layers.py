"""``--forbid-in-layers``: paths that no layer may hold, not even where a later one deletes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerscope.extensions import Gate, Verdict
from layerscope.gates.named_limit import named
from layerscope.model.names import shown
from layerscope.model.path_pattern import PathPattern, parse_pattern

if TYPE_CHECKING:  # every run reads this file, not every one an image
    from layerscope.inspection import Inspection


def _judge(inspection: Inspection, limit: PathPattern) -> Verdict:
    from layerscope.gates.matching_paths import shipped_paths

    shipped = shipped_paths(inspection.analysis.index, limit)
    found = [f"/{path} (layer {layer})" for path, layer in shipped]
    return Verdict(
        gate="forbid-in-layers",
        subject=shown(limit.text),
        measured=f"{len(found)} path{'s' if len(found) != 1 else ''}",
        limit="none",
        passed=not found,
        because=named(found),
    )


GATE = Gate(
    id="forbid-in-layers",
    help="No such path in any layer, deleted ones included: /root/.ssh/, *.pem.",
    metavar="PATTERN",
    parse=parse_pattern,
    judge=_judge,
    example="*.pem",
    repeated=True,
)
