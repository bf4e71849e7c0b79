"""O04: packages that came for others which are gone."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.advice.evidence import Evidence
from layerscope.advice.fixing import appended, step
from layerscope.advice.installed import Installed, named
from layerscope.advice.unwanted_packages import unwanted_packages

_COMMAND = "apt-get autoremove --purge -y"


def _pick(evidence: Evidence) -> Iterator[Installed]:
    from layerscope.packages.dpkg_needs import needs_of

    needs = needs_of(evidence.present)
    names = needs.unneeded if needs is not None else ()
    return (one for one in evidence.installed if one.kind == "dpkg" and one.name in names)


def _fix(evidence: Evidence, layer: int, packages: list[Installed]) -> str:
    return f"End {step(evidence, layer)} with: && {_COMMAND}. It removes {named(packages)}."


def _rewrite(evidence: Evidence, layer: int) -> str | None:
    return appended(evidence.instructions[layer], _COMMAND)


RULE = unwanted_packages(
    id="unneeded-packages",
    title="packages that nothing needs any more",
    family="packages",
    pick=_pick,
    fix=_fix,
    rewrite=_rewrite,
    help="""apt-get purge leaves what the package needed. apt-get autoremove takes away the packages that came
for others and that nothing needs or recommends; in the same RUN, or the layer keeps them.""",
    risk="Something that is no package may use them.",
)
