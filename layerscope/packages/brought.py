"""Which layer brought a package whose database is one file for all of them."""

from __future__ import annotations

from typing import Any

from layerscope.packages.present import Present

Key = tuple[str, str, str]
"""A package's name, version and architecture."""


def brought_by(present: Present, probe: str, path: str) -> dict[Key, int]:
    """The layer with which each package came in each version; the last one where it came again."""
    since: dict[Key, int] = {}
    before: set[Key] = set()
    for layer, changeset in enumerate(present.changesets):
        packages = changeset.facts.get(probe, {}).get(path)
        if not isinstance(packages, list):
            continue
        now = {key_of(one) for one in packages}
        since.update((key, layer) for key in now - before)
        before = now
    return since


def key_of(package: dict[str, Any]) -> Key:
    """What tells a package from others."""
    return package["name"], package["version"], package["architecture"]
