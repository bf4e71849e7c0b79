"""What is in an image to build with, and whether it is worth to split the image for it."""

from __future__ import annotations

from layerscope.advice.evidence import Evidence
from layerscope.advice.likely_base import likely_base_layers
from layerscope.advice.splitting import Split
from layerscope.model.suggestion import Item

_BUILDING = (
    *("build-toolchain", "language-sdk", "headers", "static-libraries", "jdk-at-runtime"),
    *("go-module-cache", "go-build-cache", "cargo-cache", "maven-gradle-caches", "build-intermediates"),
)
ENOUGH_BYTES = 30_000_000
_LEAST_SHARE = 0.25


def building_items(evidence: Evidence) -> list[Item]:
    """The files that rules about compilers, SDKs, headers and caches of builds find, each once.

    What the base brings, or what looks like one, cannot be left in another stage.
    """
    base = evidence.image.base_layers
    first = (likely_base_layers(evidence.image) if base is None else base) or 0
    items = (item for rule in _BUILDING for match in evidence.matches(rule) for item in match.items)
    return list({item.key: item for item in items if item.origin >= first}.values())


def split_worth_it(evidence: Evidence) -> Split | None:
    """How the image could be split, where there is much to build with and much would be left behind."""
    if sum(item.size_bytes for item in building_items(evidence)) < ENOUGH_BYTES:
        return None
    split = evidence.split
    if split is None:
        return None
    whole = split.dropped_bytes + split.needed_bytes
    return split if split.dropped_bytes >= max(ENOUGH_BYTES, _LEAST_SHARE * whole) else None
