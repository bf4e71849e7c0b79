"""P34: downloads of data and models."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover
from layerscope.model.suggestion import Priority

RULE = leftover(
    id="download-caches",
    title="downloads of data and models",
    family="ml",
    patterns=(
        ".cache/huggingface/",
        ".cache/torch/",
        ".keras/",
        "nltk_data/*/*.zip",
        ".cache/whisper/",
        ".cache/matplotlib/",
        ".cache/kagglehub/",
        ".cache/clip/",
    ),
    remedy=Remedy(
        cleanup=None, instead=("Load only the models that are used, or mount them when the container runs")
    ),
    help="""Models and data that libraries download. Keep those that are used.""",
    priority=Priority.GENERIC,
    confidence="low",
    profiles=frozenset(("runtime", "dev")),
    risk="Models that are loaded from there must stay.",
)
