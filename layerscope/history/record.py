"""One run as a line of a history has it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from layerscope.extensions import Verdict
from layerscope.model.names import shown

if TYPE_CHECKING:  # a history is read without looking at any image
    from layerscope.inspection import Inspection

RECORD_VERSION = 1


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """The totals worth following, in bytes; as in `layerscope.union.analysis.Totals`."""

    tar_bytes: int
    compressed_bytes: int
    content_bytes: int
    visible_bytes: int
    wasted_bytes: int
    own_wasted_bytes: int | None = None

    @property
    def wasted_ratio(self) -> float:
        """Wasted bytes as a share of the content; 0 for an empty image."""
        return self.wasted_bytes / self.content_bytes if self.content_bytes else 0.0


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What one run said of one image; no time of the run, so that the same image gives the same line.

    ``digest`` is the manifest's, else the image ID. ``verdict`` is None where no gate was judged;
    ``failed`` names the gates that were not met, warnings aside.
    """

    schema_version: int
    layerscope_version: str
    image: str
    digest: str | None
    platform: str | None
    created: str | None
    complete: bool
    layers: int
    totals: Figures
    verdict: str | None
    failed: tuple[str, ...] = ()


def record_of(inspection: Inspection, verdicts: Sequence[Verdict]) -> Record:
    """A run as it is written down; names are harmless."""
    import layerscope

    image, totals = inspection.image, inspection.analysis.totals
    failed = tuple(dict.fromkeys(verdict.gate for verdict in verdicts if verdict.failed))
    return Record(
        schema_version=RECORD_VERSION,
        layerscope_version=layerscope.__version__,
        image=shown(next(iter(image.names), image.reference)),
        digest=image.digest or image.image_id,
        platform=str(image.platform) if image.platform else None,
        created=None if image.config.created is None else shown(image.config.created),
        complete=image.complete,
        layers=len(image.layers),
        totals=Figures(**{name: getattr(totals, name) for name in Figures.__struct_fields__}),
        verdict=("fail" if failed else "pass") if verdicts else None,
        failed=failed,
    )
