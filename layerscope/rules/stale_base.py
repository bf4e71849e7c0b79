"""D09: a base image that was old when the image was built on it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from layerscope.advice.evidence import Evidence
from layerscope.advice.waste_claims import installs_packages
from layerscope.extensions import Rule
from layerscope.model.suggestion import Claim, Priority
from layerscope.model.waste import Cause

_OLD_DAYS = 90
_FEWEST_FILES = 50
_FIRST_YEAR = 2013
"""There were no images before; such a date stands for none."""


def _detect(evidence: Evidence) -> Iterator[Claim]:
    layers = evidence.image.layers
    base = evidence.image.base_layers or 1
    if len(layers) <= base:
        return
    history = layers[base - 1].history
    began, ended = _date(history.created if history else None), _date(evidence.image.config.created)
    if began is None or ended is None or (ended - began).days < _OLD_DAYS:
        return
    replaced = [
        lost
        for lost in evidence.lost_of(Cause.OVERWRITTEN)
        if lost.waste.shipped_by < base <= lost.waste.hidden_by
        and installs_packages(evidence, lost.waste.hidden_by)
    ]
    if len(replaced) < _FEWEST_FILES:
        return
    yield Claim(
        title=f"the base was {(ended - began).days} days old when the image was built",
        items=tuple(lost.item for lost in replaced),
        layers=tuple(sorted({base - 1, *(lost.waste.hidden_by for lost in replaced)})),
        confidence="medium",
        fix=f"Build FROM a newer tag of the base (docker build --pull): {len(replaced)} of its files are "
        "replaced by packages that are installed above it.",
        risk="A newer base may bring newer versions of what the application uses.",
    )


def _date(text: str | None) -> date | None:
    try:
        found = date.fromisoformat((text or "")[:10])
    except ValueError:
        return None
    return found if found.year >= _FIRST_YEAR else None


RULE = Rule(
    id="stale-base",
    title="A base image that was old already",
    family="distribution",
    help="""The older the base, the more of its packages are replaced by newer ones when something is
installed, and are then shipped twice. Take a newer tag, and build with --pull. The dates are those of the
history; the bytes are those of other findings.""",
    detect=_detect,
    priority=Priority.ADVICE,
)
