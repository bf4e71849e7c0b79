"""``--forbid``: paths that must not be in the final image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerscope.extensions import Gate, Verdict
from layerscope.gates.named_limit import named
from layerscope.model.names import shown
from layerscope.model.path_pattern import PathPattern, parse_pattern

if TYPE_CHECKING:  # every run reads this file, not every one an image
    from layerscope.inspection import Inspection


def _judge(inspection: Inspection, limit: PathPattern) -> Verdict:
    from layerscope.gates.matching_paths import visible_paths

    found = ["/" + path for path in visible_paths(inspection.analysis.index, limit)]
    return Verdict(
        gate="forbid",
        subject=shown(limit.text),
        measured=f"{len(found)} path{'s' if len(found) != 1 else ''}",
        limit="none",
        passed=not found,
        because=named(found),
    )


GATE = Gate(
    id="forbid",
    help="No such path in the final image: /root/.ssh/, *.pem.",
    metavar="PATTERN",
    parse=parse_pattern,
    judge=_judge,
    example="/root/.ssh/",
    repeated=True,
)
