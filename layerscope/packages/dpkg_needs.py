"""Why Debian's packages are there: asked for, needed, only recommended, or for no reason any more."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from layerscope.packages.present import Present

_STATUS = "var/lib/dpkg/status"
_STATES = "var/lib/apt/extended_states"
_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]*")
_NEEDS = ("Depends", "Pre-Depends")
_WISHES = ("Recommends", "Suggests")
_KEPT = ("Essential", "Protected", "Important")


class Needs(msgspec.Struct, frozen=True, kw_only=True):
    """Names of automatic packages: those that nothing needs or recommends, and those only recommended."""

    unneeded: frozenset[str]
    recommended: frozenset[str]


def needs_of(present: Present) -> Needs | None:
    """As ``apt-get autoremove`` understands it; None where apt did not note what was asked for."""
    facts = {fact.path: fact.value for fact in present.facts("dpkg")}
    if _STATUS not in facts or _STATES not in facts:
        return None
    packages = facts[_STATUS]
    automatic = {one["name"] for one in facts[_STATES]} & {one["name"] for one in packages}
    asked = {one["name"] for one in packages if one["name"] not in automatic or "yes" in map(one.get, _KEPT)}
    needed = _reached(packages, asked, _NEEDS)
    wished = _reached(packages, asked, (*_NEEDS, *_WISHES))
    return Needs(unneeded=frozenset(automatic - wished), recommended=frozenset(wished - needed))


def _reached(packages: list[dict[str, str]], start: Iterable[str], fields: tuple[str, ...]) -> set[str]:
    """All that these packages ask for in these fields, and what that asks for; every alternative counts."""
    wants: dict[str, set[str]] = {}
    given: dict[str, set[str]] = {}
    for package in packages:
        name = package["name"]
        wants.setdefault(name, set()).update(*(_names(package.get(field, "")) for field in fields))
        for provided in (name, *_names(package.get("Provides", ""))):
            given.setdefault(provided, set()).add(name)
    reached: set[str] = set()
    todo = list(start)
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            todo += [found for want in wants[name] for found in given.get(want, ())]
    return reached


def _names(relations: str) -> list[str]:
    """The names in a list of packages, without versions, architectures and what tells alternatives apart."""
    found = []
    for part in re.split(r"[,|]", relations):
        match = _NAME.match(part.strip())
        if match is not None:
            found.append(match[0])
    return found
