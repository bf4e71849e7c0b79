"""What installing Debian's packages brings along, by what they depend on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from layerscope.packages.present import Present

_STATUS = "var/lib/dpkg/status"
_NAME = re.compile(r"\s*([a-z0-9][a-z0-9+.-]*)")

Depends = Mapping[str, frozenset[str]]
"""Names by the name of what depends on them."""


def depends_of(present: Present) -> Depends:
    """What each installed package depends on: of alternatives the first, which apt takes."""
    packages: list[dict[str, str]] = next(
        (fact.value for fact in present.facts("dpkg") if fact.path == _STATUS), []
    )
    given: dict[str, set[str]] = {}
    for package in packages:
        for provided in (package["name"], *_first_names(package.get("Provides", ""))):
            given.setdefault(provided, set()).add(package["name"])
    return {
        package["name"]: frozenset(
            found
            for field in ("Depends", "Pre-Depends")
            for name in _first_names(package.get(field, ""))
            for found in ([name] if name in given.get(name, ()) else given.get(name, ()))
        )
        for package in packages
    }


def brought_along(depends: Depends, names: Iterable[str]) -> set[str]:
    """These packages and all that they depend on."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += depends.get(name, ())
    return found


def asked_for(depends: Depends, names: Iterable[str]) -> list[str]:
    """The least of these names that bring all of them along, sorted."""
    kept = set(names)
    for name in sorted(kept):
        if name in brought_along(depends, kept - {name}):
            kept.discard(name)
    return sorted(kept)


def _first_names(relations: str) -> list[str]:
    return [match[1] for part in relations.split(",") if (match := _NAME.match(part)) is not None]
