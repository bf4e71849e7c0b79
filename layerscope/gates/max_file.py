"""``--max-file``: how large any one file of a pattern may be in the final image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerscope.extensions import Gate, Verdict
from layerscope.gates.named_limit import NamedLimit, named, parse_sized
from layerscope.model.names import shown
from layerscope.model.path_pattern import parse_pattern
from layerscope.model.people import apart, exact_size, size

if TYPE_CHECKING:  # every run reads this file, not every one an image
    from layerscope.inspection import Inspection


def _parse(text: str) -> NamedLimit:
    pattern, size_bytes = parse_sized(text, "*.so=10MB")
    return NamedLimit(parse_pattern(pattern), size_bytes)


def _judge(inspection: Inspection, limit: NamedLimit) -> Verdict:
    from layerscope.gates.matching_paths import sizes_of_files

    sizes = sizes_of_files(inspection.analysis.index, limit.subject)
    largest = sorted(sizes, key=lambda path: (-sizes[path], path))
    taken_bytes = sizes[largest[0]] if largest else 0
    measured, allowed = apart(taken_bytes, limit.limit, size, exact_size)
    return Verdict(
        gate="max-file",
        subject=shown(limit.subject.text),
        measured=measured,
        limit=allowed,
        passed=taken_bytes <= limit.limit,
        because=named(
            ["/" + path for path in largest if sizes[path] > limit.limit]
            or ["/" + path for path in largest[:1]]
        ),
    )


GATE = Gate(
    id="max-file",
    help="Size of the largest file of a pattern in the final image: *.so=10MB.",
    metavar="PATTERN=SIZE",
    parse=_parse,
    judge=_judge,
    example="*.so=50MB",
    repeated=True,
)
