"""``--csv-waste``: what nobody can see any more, one entry a row, the largest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO

from layerscope.extensions import Report, Verdict

if TYPE_CHECKING:  # every run reads this file, not every one an image
    from layerscope.inspection import Inspection

_TITLES = ("path", "cause", "differs", "shipped_by", "hidden_by", "size_bytes")


def waste_rows(inspection: Inspection) -> Iterator[tuple[str | int | None, ...]]:
    """The waste records; what differs for a copy-up is separated by blanks."""
    from layerscope.model.names import shown

    for waste in inspection.analysis.waste:
        yield (
            "/" + shown(waste.path),
            waste.cause.value,
            " ".join(waste.differs),
            waste.shipped_by,
            waste.hidden_by,
            waste.size_bytes,
        )


def _write(inspection: Inspection, verdicts: Sequence[Verdict], stream: BinaryIO) -> None:
    from layerscope.reports.rows import write_rows

    write_rows(_TITLES, waste_rows(inspection), stream)


REPORT = Report(id="csv-waste", help="Write the wasted entries as CSV.", write=_write)
