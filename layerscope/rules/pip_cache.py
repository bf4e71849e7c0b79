"""P01: pip's cache."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover

RULE = leftover(
    id="pip-cache",
    title="pip's cache",
    family="python",
    patterns=(
        ".cache/pip/",
        "/root/.pip/cache/",
    ),
    remedy=Remedy(
        command="pip3? install",
        option="--no-cache-dir",
        mount="/root/.cache/pip",
        filled_by=r"\bpip3? install(?! --no-cache-dir)\b",
    ),
    help="""pip keeps every wheel that it downloads or builds. pip install --no-cache-dir (or
PIP_NO_CACHE_DIR=1) keeps none; a cache mount keeps them out of the layer.""",
)
