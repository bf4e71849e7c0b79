"""O10: static libraries and libtool archives."""

from __future__ import annotations

from layerscope.advice.evidence import Evidence
from layerscope.advice.leftover import Remedy, leftover
from layerscope.model.suggestion import Item, Priority

_LARGE_BYTES = 65_536


def _is_large(evidence: Evidence, item: Item) -> bool:
    return item.size_bytes >= _LARGE_BYTES


RULE = leftover(
    id="static-libraries",
    title="static libraries",
    family="packages",
    patterns=(
        "*.a",
        "*.la",
    ),
    remedy=Remedy(
        cleanup=None, instead=("They are for linking: build in a stage of its own, and copy what was built")
    ),
    help="""Static libraries are needed for linking, not for running. Build in a stage of its own.""",
    priority=Priority.GENERIC,
    confidence="medium",
    profiles=frozenset(("runtime", "ml")),
    risk="A compiler in this image needs them.",
    only=_is_large,
)
