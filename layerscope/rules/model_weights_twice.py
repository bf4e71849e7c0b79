"""P33: a model's weights in several formats."""

from __future__ import annotations

from layerscope.advice.evidence import Evidence
from layerscope.advice.leftover import Remedy, leftover
from layerscope.model.suggestion import Item, Priority

_TRAINING = ("optimizer.pt", "scheduler.pt")


def _has_safetensors(evidence: Evidence, item: Item) -> bool:
    folder, _, name = item.path.rpartition("/")
    node = evidence.analysis.index.find(folder)
    beside = (node.live or {}) if node is not None else {}
    return name in _TRAINING or any(other.endswith(".safetensors") for other in beside)


RULE = leftover(
    id="model-weights-twice",
    title="a model's weights in several formats",
    family="ml",
    patterns=(
        "pytorch_model*.bin",
        "flax_model.msgpack",
        "tf_model.h5",
        "rust_model.ot",
        "optimizer.pt",
        "scheduler.pt",
    ),
    remedy=Remedy(
        cleanup="rm -f {paths}",
        instead=("Download one format: snapshot_download(allow_patterns=['*.safetensors', '*.json'])"),
    ),
    help="""Repositories of models hold the same weights for several frameworks. One is enough.""",
    priority=Priority.GENERIC,
    confidence="low",
    only=_has_safetensors,
)
