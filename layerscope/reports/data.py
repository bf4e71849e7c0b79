"""An inspection as plain data, before any rendering; names escaped, order fixed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

import layerscope
from layerscope.extensions import Verdict
from layerscope.model.credentials import redacted, without_secrets
from layerscope.model.diagnostic import Diagnostic
from layerscope.model.digest import ChainID
from layerscope.model.image import HistoryEntry, Layer
from layerscope.model.instruction import instruction_of
from layerscope.model.names import shown
from layerscope.reports.packages import packages_data
from layerscope.reports.pull import pull_data
from layerscope.reports.suggestions import suggestions_data
from layerscope.union.directories import directory_totals
from layerscope.union.duplicates import find_duplicates
from layerscope.union.index import is_directory
from layerscope.union.pull import pull_of

if TYPE_CHECKING:  # every run reads this file, not every one an image
    from layerscope.inspection import Inspection

SCHEMA_VERSION = 1


def report_data(inspection: Inspection, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """The whole report in values that JSON knows; described by ``report.schema.json``."""
    analysis = inspection.analysis
    return {
        "schema_version": SCHEMA_VERSION,
        "layerscope_version": layerscope.__version__,
        "image": _image(inspection),
        "totals": msgspec.structs.asdict(analysis.totals) | {"wasted_ratio": analysis.totals.wasted_ratio},
        "pull": pull_data(pull_of(inspection.image, inspection.changesets, measured=inspection.measured)),
        "layers": [
            _layer(inspection, layer, chain_id)
            for layer, chain_id in zip(inspection.image.layers, inspection.image.chain_ids, strict=True)
        ],
        "waste": [
            {
                "path": shown(waste.path),
                "cause": waste.cause.value,
                "differs": list(waste.differs),
                "shipped_by": waste.shipped_by,
                "hidden_by": waste.hidden_by,
                "size_bytes": waste.size_bytes,
            }
            for waste in analysis.waste
        ],
        "duplicates": [
            {
                "size_bytes": group.size_bytes,
                "duplicate_bytes": group.duplicate_bytes,
                "files": [{"path": shown(file.path), "layer": file.layer} for file in group.files],
            }
            for group in find_duplicates(analysis.index)
        ],
        "directories": _directories(inspection),
        **suggestions_data(inspection),
        "packages": packages_data(inspection.packages),
        "diagnostics": [_diagnostic(remark) for remark in inspection.diagnostics],
        "gates": [msgspec.structs.asdict(verdict) for verdict in verdicts],
    }


def _image(inspection: Inspection) -> dict[str, Any]:
    image = inspection.image
    platform = image.platform
    return {
        "reference": shown(image.reference),
        "names": [shown(name) for name in image.names],
        "digest": image.digest,
        "image_id": image.image_id,
        "platform": str(platform) if platform else None,
        "created": image.config.created,
        "author": image.config.author,
        "complete": image.complete,
        "base_layers": image.base_layers,
        "os_release": _os_release(inspection),
        "config": without_secrets(image.config.runtime),
        "annotations": without_secrets(dict(sorted(image.annotations.items()))),
        "trailing_steps": [_step(step) for step in image.trailing_steps],
    }


def _os_release(inspection: Inspection) -> dict[str, str]:
    """What the file that is visible in the end says of the distribution."""
    for path in ("etc/os-release", "usr/lib/os-release"):
        node = inspection.analysis.index.find(path)
        version = node.top if node is not None else None
        if version is not None:
            found = inspection.changesets[version.layer].facts.get("os-release", {}).get(path)
            if found:
                return dict(found)
    return {}


def _layer(inspection: Inspection, layer: Layer, chain_id: ChainID | None) -> dict[str, Any]:
    totals = inspection.analysis.layers[layer.number]
    base = inspection.image.base_layers
    descriptor = layer.descriptor
    return {
        "number": layer.number,
        "digest": descriptor.digest if descriptor else inspection.changesets[layer.number].digest,
        "media_type": descriptor.media_type if descriptor else None,
        "diff_id": layer.diff_id,
        "chain_id": chain_id,
        "blob": shown(layer.blob),
        "missing": None if layer.missing is None else shown(layer.missing),
        "verified": inspection.verified[layer.number].value,
        "base": None if base is None else layer.number < base,
        **_step(layer.history),
        "empty_steps": [_step(step) for step in layer.empty_steps],
        "compression": totals.compression,
        "entries": totals.entries,
        "content_bytes": totals.content_bytes,
        "tar_bytes": totals.tar_bytes,
        "compressed_bytes": totals.compressed_bytes,
        "waste_shipped_bytes": totals.waste_shipped_bytes,
        "waste_caused_bytes": totals.waste_caused_bytes,
    }


def _step(step: HistoryEntry | None) -> dict[str, Any]:
    instruction = instruction_of(step)
    return {
        "instruction": str(instruction) if instruction else None,
        "created_by": redacted(step.created_by) if step else None,
        "created": step.created if step else None,
        "comment": (redacted(step.comment) or None) if step else None,
    }


def _directories(inspection: Inspection) -> list[dict[str, Any]]:
    """Every directory that is visible in the end, with what is visible below it."""
    index = inspection.analysis.index
    last = index.layer_count - 1
    rows = []
    for path, totals in sorted(directory_totals(index).items()):
        node = index.find(path)
        version = node.at(last) if node is not None else None
        if version is not None and is_directory(version):
            total = totals.at(last)
            rows.append(
                {
                    "path": shown(path),
                    "size_bytes": total.size_bytes,
                    "file_count": total.file_count,
                }
            )
    return rows


def _diagnostic(remark: Diagnostic) -> dict[str, Any]:
    data = msgspec.structs.asdict(remark)
    path = None if remark.path is None else shown(remark.path)
    return data | {"message": shown(remark.message), "path": path}
