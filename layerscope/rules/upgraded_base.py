"""L11: the base's packages stored again by an upgrade."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.advice.evidence import Evidence, grouped
from layerscope.advice.fixing import without
from layerscope.advice.waste_claims import items_of
from layerscope.extensions import Rule
from layerscope.model.suggestion import Claim, Priority

_MANAGERS = frozenset(("apt-get", "apt", "aptitude", "apk", "dnf", "microdnf", "yum", "zypper"))
_ACTIONS = frozenset(("upgrade", "dist-upgrade", "full-upgrade", "update-minimal", "distro-sync"))
_RPM = frozenset(("dnf", "microdnf", "yum", "zypper"))
_UPDATES = frozenset(("update", "up"))
_FEWEST_FILES = 50
_UPGRADE = (
    r"(?:(?:apt-get|apt|apk|dnf|microdnf|yum|zypper)(?: -\S+)* (?:dist-|full-)?upgrade(?: -\S+)*\s*(?:&&|;)?)"
)


def upgrades(evidence: Evidence, layer: int) -> bool:
    """Whether a layer's RUN upgrades packages that were there."""
    return any(
        command.does(_MANAGERS, _ACTIONS) or (command.does(_RPM, _UPDATES) and len(command.operands) == 1)
        for command in evidence.commands(layer)
    )


def _detect(evidence: Evidence) -> Iterator[Claim]:
    layers = {layer for layer in range(len(evidence.image.layers)) if upgrades(evidence, layer)}
    base = evidence.image.base_layers
    hidden = [
        lost
        for lost in evidence.lost
        if lost.waste.hidden_by in layers
        and lost.waste.shipped_by < (lost.waste.hidden_by if base is None else base)
    ]
    for layer, lost in sorted(grouped(hidden, lambda one: one.waste.hidden_by).items()):
        if len(lost) >= _FEWEST_FILES:
            yield Claim(
                title=f"layer {layer} upgrades {len(lost)} files that lower layers ship",
                items=items_of(lost),
                layers=(*sorted({one.waste.shipped_by for one in lost}), layer),
                blamed=layer,
                confidence="medium",
                fix="Build on a newer tag of the base image, and drop the upgrade.",
                rewrite=without(evidence.instructions[layer], _UPGRADE),
                risk="A base without a newer tag stays unpatched: then keep the upgrade, and squash.",
            )


RULE = Rule(
    id="upgraded-base",
    title="A layer upgrades the base's packages",
    family="layers",
    help="""An upgrade of the whole distribution stores again what the base ships. A newer tag of the base
brings the same packages once, shared with other images.""",
    detect=_detect,
    priority=Priority.WASTE_EXPLAINED,
)

WASTE_RULE = RULE
