"""O20: large sets of fonts."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover
from layerscope.model.suggestion import Priority

RULE = leftover(
    id="fonts",
    title="large sets of fonts",
    family="packages",
    patterns=("/usr/share/fonts/",),
    remedy=Remedy(cleanup=None, instead="Install the one family that is used"),
    help="""Full sets of fonts, such as those for Chinese, Japanese and Korean, take hundreds of MB.""",
    priority=Priority.GENERIC,
    confidence="low",
    at_least_bytes=20_000_000,
)
