"""O04: packages that are only recommended."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.advice.evidence import Evidence
from layerscope.advice.fixing import step, with_option
from layerscope.advice.installed import Installed, named
from layerscope.advice.unwanted_packages import unwanted_packages

_OPTION = "--no-install-recommends"


def _pick(evidence: Evidence) -> Iterator[Installed]:
    from layerscope.packages.dpkg_needs import needs_of

    needs = needs_of(evidence.present)
    names = needs.recommended if needs is not None else ()
    return (one for one in evidence.installed if one.kind == "dpkg" and one.name in names)


def _fix(evidence: Evidence, layer: int, packages: list[Installed]) -> str:
    return f"Give {_OPTION} in {step(evidence, layer)}, and name what is needed of: {named(packages)}."


def _rewrite(evidence: Evidence, layer: int) -> str | None:
    return with_option(evidence.instructions[layer], r"(?:apt-get|apt)(?:\s+-\S+)*\s+install", _OPTION)


RULE = unwanted_packages(
    id="apt-recommends",
    title="packages that are only recommended",
    family="packages",
    pick=_pick,
    fix=_fix,
    rewrite=_rewrite,
    help="""apt installs what packages recommend, besides what they need. apt-get install
--no-install-recommends leaves it out; name those that you use.""",
    risk="Something may use one of them when it is there; ca-certificates is often among them.",
)
