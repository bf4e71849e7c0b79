"""L12: packages that one layer installs and a later one removes."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.advice.evidence import Evidence
from layerscope.advice.fixing import joined, step
from layerscope.advice.waste_claims import items_of, layers_of, pairs
from layerscope.extensions import Rule
from layerscope.model.shell import Command
from layerscope.model.suggestion import Claim, Priority
from layerscope.model.waste import Cause

_MANAGERS = frozenset(("apt-get", "apt", "apk", "dnf", "microdnf", "yum", "zypper", "pacman", "pip", "npm"))
_ACTIONS = frozenset(("purge", "remove", "autoremove", "del", "erase", "uninstall", "prune", "-R", "-Rns"))


def _removal(evidence: Evidence, layer: int) -> Command | None:
    """The command of a layer that removes packages."""
    return next((command for command in evidence.commands(layer) if command.does(_MANAGERS, _ACTIONS)), None)


def _detect(evidence: Evidence) -> Iterator[Claim]:
    removals = {layer: _removal(evidence, layer) for layer in range(len(evidence.image.layers))}
    records = [
        lost
        for lost in evidence.lost_of(Cause.DELETED)
        if lost.waste.shipped_by < lost.waste.hidden_by and removals[lost.waste.hidden_by] is not None
    ]
    for (shipped_by, hidden_by), lost in pairs(records):
        removal = removals[hidden_by]
        command = " ".join(removal.words) if removal is not None else ""
        yield Claim(
            title=f"layer {hidden_by} removes packages that layer {shipped_by} installs",
            items=items_of(lost),
            layers=layers_of(shipped_by, hidden_by),
            blamed=shipped_by,
            fix=f"Build what needs them in {step(evidence, shipped_by)} and remove them there, with: "
            f"{command}; or build in a stage of its own, and COPY --from it.",
            rewrite=joined(evidence, shipped_by, hidden_by),
            risk="What is built with the packages must be built in the same RUN.",
        )


RULE = Rule(
    id="purged-later",
    title="A layer removes packages of a lower one",
    family="layers",
    help="""Removing packages in a later RUN hides them and saves nothing. Install, build and remove in one
RUN (apk add --virtual .build … && … && apk del .build), or build in a stage of its own.""",
    detect=_detect,
    priority=Priority.WASTE_EXPLAINED,
)

WASTE_RULE = RULE
