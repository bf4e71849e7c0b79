"""``--csv-layers``: the layers, one a row, with their instruction and accounts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO

from layerscope.extensions import Report, Verdict

if TYPE_CHECKING:  # every run reads this file, not every one an image
    from layerscope.inspection import Inspection

_TITLES = (
    *("layer", "instruction", "diff_id", "compression", "entries", "content_bytes", "tar_bytes"),
    *("compressed_bytes", "waste_shipped_bytes", "waste_caused_bytes"),
)


def layer_rows(inspection: Inspection) -> Iterator[tuple[str | int | None, ...]]:
    """The layers, the base first."""
    from layerscope.model.instruction import instruction_of
    from layerscope.model.names import shown

    for layer, totals in zip(inspection.image.layers, inspection.analysis.layers, strict=True):
        instruction = instruction_of(layer.history)
        yield (
            layer.number,
            shown(str(instruction)) if instruction is not None else None,
            layer.diff_id,
            totals.compression,
            totals.entries,
            totals.content_bytes,
            totals.tar_bytes,
            totals.compressed_bytes,
            totals.waste_shipped_bytes,
            totals.waste_caused_bytes,
        )


def _write(inspection: Inspection, verdicts: Sequence[Verdict], stream: BinaryIO) -> None:
    from layerscope.reports.rows import write_rows

    write_rows(_TITLES, layer_rows(inspection), stream)


REPORT = Report(id="csv-layers", help="Write the layers as CSV.", write=_write)
