"""``--csv``: the files of the final image, one a row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO

from layerscope.extensions import Report, Verdict

if TYPE_CHECKING:  # every run reads this file, not every one an image
    from layerscope.inspection import Inspection

_TITLES = (
    *("path", "type", "size_bytes", "stored_bytes", "layer", "mode", "uid", "gid", "link_target", "link_of"),
    "instruction",
)


def file_rows(inspection: Inspection) -> Iterator[tuple[str | int | None, ...]]:
    """The merged filesystem; sizes stand once for a hard link group, mode in octal."""
    from layerscope.model.instruction import instruction_of
    from layerscope.model.names import shown
    from layerscope.union.views import merged

    instructions = [
        shown(str(instruction)) if (instruction := instruction_of(layer.history)) else None
        for layer in inspection.image.layers
    ]
    for row in merged(inspection.analysis.index):
        entry = row.entry
        again = row.link_of is not None
        yield (
            "/" + shown(row.path),
            entry.kind.value if entry is not None else "d",
            entry.size_bytes if entry is not None and not again else 0,
            entry.stored_bytes if entry is not None and not again else 0,
            row.layer,
            f"{entry.mode:o}" if entry is not None else "755",
            entry.uid if entry is not None else 0,
            entry.gid if entry is not None else 0,
            shown(entry.link_target) if entry is not None and entry.link_target is not None else None,
            "/" + shown(row.link_of) if row.link_of is not None else None,
            instructions[row.layer],
        )


def _write(inspection: Inspection, verdicts: Sequence[Verdict], stream: BinaryIO) -> None:
    from layerscope.reports.rows import write_rows

    write_rows(_TITLES, file_rows(inspection), stream)


REPORT = Report(id="csv", help="Write the files of the final image as CSV.", write=_write)
