"""``--json``: everything, as one JSON document that a published schema describes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from layerscope.extensions import Report, Verdict

if TYPE_CHECKING:  # every run reads this file, not every one an image
    from layerscope.inspection import Inspection


def _write(inspection: Inspection, verdicts: Sequence[Verdict], stream: BinaryIO) -> None:
    from layerscope.reports.data import report_data

    encoded = msgspec.json.encode(report_data(inspection, verdicts))
    stream.write(msgspec.json.format(encoded, indent=2) + b"\n")


REPORT = Report(id="json", help="Write everything as JSON (schema in the documentation).", write=_write)
