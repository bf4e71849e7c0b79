"""P12: npm's cache."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover

RULE = leftover(
    id="npm-cache",
    title="npm's cache",
    family="node",
    patterns=(
        ".npm/_cacache/",
        ".npm/_logs/",
        ".npm/_npx/",
    ),
    remedy=Remedy(mount="/root/.npm", filled_by=r"\bnpm (?:install|i|ci|exec)\b|\bnpx\b"),
    help="""npm keeps every package that it downloads. Clean in the RUN that installs, or mount a cache.""",
)
