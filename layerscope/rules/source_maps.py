"""P19: source maps."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover
from layerscope.model.suggestion import Priority

RULE = leftover(
    id="source-maps",
    title="source maps",
    family="node",
    patterns=(
        "*.js.map",
        "*.css.map",
        "*.mjs.map",
        "*.cjs.map",
        "*.ts.map",
    ),
    remedy=Remedy(
        instead="Or build without them, and upload them to where errors are tracked",
    ),
    help="""Source maps are for debuggers. Upload them to an error tracker, and ship none.""",
    priority=Priority.GENERIC,
    confidence="medium",
    profiles=frozenset(("runtime",)),
    risk="Stack traces show compiled code.",
)
