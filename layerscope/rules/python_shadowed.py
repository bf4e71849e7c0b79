"""P05: a distribution's Python packages that pip's stand in front of."""

from __future__ import annotations

import re
from collections.abc import Iterator

from layerscope.advice.evidence import Evidence
from layerscope.advice.fixing import step
from layerscope.advice.installed import Installed, named
from layerscope.advice.unwanted_packages import SYSTEM, unwanted_packages

_FRONT = re.compile(r"usr/local/lib/python3\.\d+/dist-packages/[^/]+")
_BEHIND = re.compile(r"usr/lib/python3(?:\.\d+)?/dist-packages/[^/]+")


def _pick(evidence: Evidence) -> Iterator[Installed]:
    """Debian's Python looks into /usr/local first."""
    front: set[str] = set()
    behind: dict[str, str] = {}
    for fact in evidence.present.facts("python-packages"):
        folder, _, record = fact.path.rpartition("/")
        if record in ("METADATA", "PKG-INFO"):
            name = re.sub(r"[-_.]+", "-", fact.value["name"]).lower()
            if _FRONT.fullmatch(folder):
                front.add(name)
            elif _BEHIND.fullmatch(folder):
                behind[fact.path] = name
    shadowed = {path for path, name in behind.items() if name in front}
    for one in evidence.installed:
        if one.kind in SYSTEM and shadowed and any(item.path in shadowed for item in one.items):
            yield one


def _fix(evidence: Evidence, layer: int, packages: list[Installed]) -> str:
    return (
        f"Install one of both: {named(packages)} of {step(evidence, layer)} is not imported, because pip's "
        "packages of the same names come first. Leave the distribution's out, or pip's."
    )


RULE = unwanted_packages(
    id="python-shadowed",
    title="Python packages that others stand in front of",
    family="python",
    pick=_pick,
    fix=_fix,
    help="""Debian's Python looks for packages of pip (/usr/local/lib) before those of the distribution
(/usr/lib/python3). What is installed by both is there twice, and the distribution's is never imported.""",
    risk="Programs of the distribution that start with python3 -S or -I may import theirs.",
    at_least_bytes=100_000,
)
