"""P28: the same library of Java in several versions or builds."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.advice.evidence import Evidence
from layerscope.advice.fixing import some, step
from layerscope.advice.visible_facts import visible_facts
from layerscope.extensions import Rule
from layerscope.model.suggestion import Claim, Item, Priority

_LEAST_BYTES = 1_000_000
_NOT_THE_PROGRAMS = ("usr/share/", "usr/lib/jvm/", "opt/java/")
_CACHES = frozenset((".m2", ".gradle", ".ivy2", ".sbt"))


def _detect(evidence: Evidence) -> Iterator[Claim]:
    equal = {copy.item.key for copy in evidence.copies}
    places: dict[str, list[Item]] = {}
    for item, fact in visible_facts(evidence, "jars"):
        if (
            fact["version"]
            and item.key not in equal
            and not item.path.startswith(_NOT_THE_PROGRAMS)
            and _CACHES.isdisjoint(item.path.split("/"))
        ):
            places.setdefault(fact["name"], []).append(item)
    further: dict[int, list[Item]] = {}
    for items in places.values():
        for item in sorted(items, key=lambda one: (-one.size_bytes, one.path))[1:]:
            further.setdefault(item.origin, []).append(item)
    if sum(item.size_bytes for items in further.values() for item in items) < _LEAST_BYTES:
        return
    for layer, items in sorted(further.items()):
        items.sort(key=lambda item: (-item.size_bytes, item.path))
        yield Claim(
            title=f"libraries of Java that are there several times, from layer {layer}",
            items=tuple(items),
            layers=tuple(sorted({layer, *(item.layer for item in items)})),
            blamed=layer,
            confidence="low",
            fix="Agree on one version (dependencyManagement, a BOM), at one place that all share: "
            f"{some([item.path for item in items])} of {step(evidence, layer)} stand elsewhere too.",
            risk="Plugins that load their own libraries may need the version that they bring.",
        )


RULE = Rule(
    id="jars-twice",
    title="Libraries of Java that are there several times",
    family="java",
    help="""Plugins each bring their libraries, and so one library comes in as many versions as there are
plugins. Agree on one version and one place. (Equal files are told of by duplicate-files and
copied-across-layers.)""",
    detect=_detect,
    priority=Priority.DUPLICATE,
)
