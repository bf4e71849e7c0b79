"""``--html``: one page to hand over, that needs nothing but a browser and asks no network for anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, BinaryIO

from layerscope.extensions import Report, Verdict

if TYPE_CHECKING:  # every run reads this file, not every one an image
    from layerscope.inspection import Inspection


def _write(inspection: Inspection, verdicts: Sequence[Verdict], stream: BinaryIO) -> None:
    from layerscope.reports.page.rendering import render

    stream.write(render(inspection, verdicts))


REPORT = Report(id="html", help="Write a page for a browser: pictures, tables, what to change.", write=_write)
