"""``--badge``: what an endpoint badge of shields.io shows: the size, the waste, the verdict as a colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

from layerscope.extensions import Report, Verdict

if TYPE_CHECKING:  # every run reads this file, not every one an image
    from layerscope.inspection import Inspection

_COLOURS = ((0.05, "brightgreen"), (0.1, "green"), (0.2, "yellow"), (0.4, "orange"))
"""Where no gate was judged: the colour of a share of waste that is less."""


def badge(tar_bytes: int, wasted_ratio: float, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """The badge as plain data (shields.io, "Endpoint Badge", schema version 1)."""
    from layerscope.model.people import percent, size

    return {
        "schemaVersion": 1,
        "label": "image",
        "message": f"{size(tar_bytes)}, {percent(wasted_ratio).replace(' ', '')} wasted",
        "color": _colour(wasted_ratio, verdicts),
    }


def _colour(wasted_ratio: float, verdicts: Sequence[Verdict]) -> str:
    if any(verdict.failed for verdict in verdicts):
        return "red"
    if any(not verdict.passed for verdict in verdicts):
        return "yellow"
    if verdicts:
        return "brightgreen"
    return next((colour for bound, colour in _COLOURS if wasted_ratio < bound), "red")


def _write(inspection: Inspection, verdicts: Sequence[Verdict], stream: BinaryIO) -> None:
    import msgspec

    totals = inspection.analysis.totals
    found = badge(totals.tar_bytes, totals.wasted_ratio, verdicts)
    stream.write(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")


REPORT = Report(id="badge", help="Write an endpoint badge for shields.io.", write=_write)
