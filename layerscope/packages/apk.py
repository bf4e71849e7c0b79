"""Alpine's packages, by apk's own records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from layerscope.packages.brought import brought_by, key_of
from layerscope.packages.found import Found
from layerscope.packages.present import Present

_WORLD = "etc/apk/world"


def find_apk(present: Present) -> Iterator[Found]:
    """What is installed; a package that came for a virtual one (``apk add --virtual``) was asked for, too."""
    facts = {fact.path: fact for fact in present.facts("apk")}
    world = facts.pop(_WORLD, None)
    for path, fact in facts.items():
        since = brought_by(present, "apk", path)
        asked = set(world.value) if world is not None else set()
        for package in fact.value:
            if package["name"].startswith(".") and package["name"] in asked:
                asked.update(package["needs"])
        for package in fact.value:
            yield Found(
                kind="apk",
                name=package["name"],
                version=package["version"],
                architecture=package["architecture"] or None,
                record=path,
                layer=since.get(key_of(package), fact.layer),
                files=present.files(package["files"].split("\n")),
                manual=_is_asked(package, asked) if world is not None else None,
            )


def _is_asked(package: dict[str, Any], asked: set[str]) -> bool:
    """Whether somebody asked for a package, by its name or another that it stands for."""
    return not asked.isdisjoint((package["name"], *package["provides"]))
