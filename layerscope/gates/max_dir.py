"""``--max-dir``: what a directory may hold in the final image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerscope.extensions import Gate, Verdict
from layerscope.gates.named_limit import NamedLimit, parse_sized
from layerscope.model.names import shown
from layerscope.model.people import apart, exact_size, size

if TYPE_CHECKING:  # every run reads this file, not every one an image
    from layerscope.inspection import Inspection


def _parse(text: str) -> NamedLimit:
    return NamedLimit(*parse_sized(text, "/usr/share=50MB"))


def _judge(inspection: Inspection, limit: NamedLimit) -> Verdict:
    from layerscope.union.directories import directory_totals
    from layerscope.union.index import is_directory
    from layerscope.union.places import find_place

    index = inspection.analysis.index
    last = index.layer_count - 1
    place = find_place(index, limit.subject, last, last=True) if index.layer_count else None
    held_bytes = 0
    if place is not None and is_directory(place.version):
        held_bytes = directory_totals(index)[place.node.path].at(last).size_bytes
    elif place is not None and place.version.source is not None:
        held_bytes = place.version.source.stored_bytes
    measured, allowed = apart(held_bytes, limit.limit, size, exact_size)
    return Verdict(
        gate="max-dir",
        subject=shown(limit.subject),
        measured=measured,
        limit=allowed,
        passed=held_bytes <= limit.limit,
        because="" if place is not None else "not in the image",
    )


GATE = Gate(
    id="max-dir",
    help="What a directory of the final image holds: /usr/share=50MB.",
    metavar="PATH=SIZE",
    parse=_parse,
    judge=_judge,
    example="/usr/share=50MB",
    repeated=True,
)
