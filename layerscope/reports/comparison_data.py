"""A comparison as plain data, before any rendering; names escaped, secrets left out, order fixed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

import layerscope
from layerscope.extensions import Verdict
from layerscope.model.credentials import redacted
from layerscope.model.names import shown

if TYPE_CHECKING:  # most runs compare nothing
    from layerscope.comparison.comparing import Comparison
    from layerscope.comparison.pairing import Pair
    from layerscope.comparison.subject import LayerFacts, Subject

SCHEMA_VERSION = 2
MOST_ROWS = 1000
"""How many rows a table has where nobody asks for all of them: more than anybody reads, below a megabyte."""
_EXAMPLES = 20


def comparison_data(
    comparison: Comparison, verdicts: Sequence[Verdict], *, most_rows: int | None = MOST_ROWS
) -> dict[str, Any]:
    """Everything in values that JSON knows; described by ``comparison.schema.json``.

    ``most_rows`` bounds the tables of what differs inside, None does not.
    """
    from layerscope.reports.comparison_contents import contents_data

    return {
        "comparison_version": SCHEMA_VERSION,
        "layerscope_version": layerscope.__version__,
        **overview_data(comparison, verdicts),
        **contents_data(comparison, most_rows),
        "config": [msgspec.structs.asdict(one) for one in comparison.settings],
    }


def overview_data(comparison: Comparison, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """The images, their sums, their layers and the update: what costs little to find out."""
    old, new = comparison.old, comparison.new
    sums = zip(
        msgspec.structs.asdict(old.sums).items(), msgspec.structs.asdict(new.sums).items(), strict=True
    )
    totals = {name: _delta(before, after) for (name, before), (_, after) in sums}
    return {
        "old": _subject(old),
        "new": _subject(new),
        "totals": totals | {"layers": _delta(len(old.layers), len(new.layers))},
        "update": _update(comparison),
        "layers": [_pair(comparison, pair) for pair in comparison.pairs],
        "gates": [msgspec.structs.asdict(verdict) for verdict in verdicts],
    }


def _delta(old: int, new: int) -> dict[str, int]:
    return {"old": old, "new": new, "delta": new - old}


def _subject(subject: Subject) -> dict[str, Any]:
    return {
        "source": "report" if subject.inspection is None else "image",
        "reference": subject.reference,
        "names": list(subject.names),
        "digest": subject.digest,
        "image_id": subject.image_id,
        "platform": None if subject.platform is None else shown(subject.platform),
        "complete": subject.complete,
        "base_layers": subject.base_layers,
    }


def _update(comparison: Comparison) -> dict[str, Any]:
    update, blamed = comparison.update, comparison.to_blame
    data = msgspec.structs.asdict(update)
    del data["pulled"]
    because = None
    if blamed is not None:
        above = comparison.above_blamed
        because = {
            "old_layer": None if blamed.old is None else blamed.old.number,
            "new_layer": None if blamed.new is None else blamed.new.number,
            "cause": blamed.cause,
            "above_bytes": sum(layer.compressed_bytes for layer in above),
            "above_layers": len(above),
        }
    return data | {
        "layers": [msgspec.structs.asdict(layer) for layer in update.pulled],
        "rebuilt_bytes": comparison.rebuilt_bytes,
        "because": because,
    }


def _pair(comparison: Comparison, pair: Pair) -> dict[str, Any]:
    difference = pair.difference
    changes = difference.changes if difference is not None else ()
    return {
        "status": pair.status.value,
        "cause": pair.cause.value if pair.cause is not None else None,
        "effect": difference.effect.value if difference is not None else None,
        "pulled": pair.new is not None and pair.new.number in comparison.update.numbers,
        "old": None if pair.old is None else _layer(pair.old),
        "new": None if pair.new is None else _layer(pair.new),
        "changed_entries": len(changes) if difference is not None else None,
        "largest_changes": [msgspec.structs.asdict(change) for change in changes[:_EXAMPLES]],
    }


def _layer(layer: LayerFacts) -> dict[str, Any]:
    return {
        "number": layer.number,
        "digest": layer.digest,
        "diff_id": layer.diff_id,
        "base": layer.base,
        "instruction": _harmless(layer.instruction),
        "steps": [_harmless(step) for step in layer.steps],
        "compression": layer.compression,
        "content_bytes": layer.content_bytes,
        "tar_bytes": layer.tar_bytes,
        "compressed_bytes": layer.compressed_bytes,
    }


def _harmless(text: str | None) -> str | None:
    return None if text is None else shown(redacted(text))
