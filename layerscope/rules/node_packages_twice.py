"""P17: several versions of the same package of Node in one application."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.advice.evidence import Evidence
from layerscope.advice.fixing import step
from layerscope.advice.installed import Installed, by_layer
from layerscope.extensions import Rule
from layerscope.model.suggestion import Claim, Priority

_LEAST_BYTES = 1_000_000
_MOST_NAMED = 4
_TREE = "/node_modules/"


def _detect(evidence: Evidence) -> Iterator[Claim]:
    versions = {
        fact.path: fact.value["version"]
        for fact in evidence.present.facts("node-packages")
        if _TREE in fact.path
    }
    copies: dict[tuple[str, str], list[Installed]] = {}
    for package in evidence.installed if versions else ():
        if package.kind == "npm" and package.files:
            tree = f"/{package.record}".partition(_TREE)[0]
            copies.setdefault((tree, package.name), []).append(package)
    further: list[Installed] = []
    for same in copies.values():
        if len({versions.get(one.record, "") for one in same}) > 1:
            same.sort(key=lambda one: (-one.size_bytes, one.record))
            further += same[1:]
    if sum(one.size_bytes for one in further) < _LEAST_BYTES:
        return
    for layer, packages in by_layer(further):
        names = list(dict.fromkeys(one.name for one in packages))
        some = ", ".join(names[:_MOST_NAMED]) + (" …" if len(names) > _MOST_NAMED else "")
        items = tuple(item for package in packages for item in package.items)
        yield Claim(
            title=f"several versions of packages of Node, from layer {layer}: {some}",
            items=items,
            layers=tuple(sorted({layer, *(item.layer for item in items)})),
            blamed=layer,
            confidence="low",
            fix=f"See why with npm ls {' '.join(names[:_MOST_NAMED])}; then npm dedupe, newer versions of "
            "the packages that ask for the old ones, or overrides in package.json (resolutions with yarn), "
            f"before {step(evidence, layer)} installs them.",
            risk="A package may not work with another version than the one that it asks for.",
        )


RULE = Rule(
    id="node-packages-twice",
    title="Several versions of packages of Node",
    family="node",
    help="""Where two packages ask for different versions of a third, npm installs both. npm dedupe, updates
or overrides leave one.""",
    detect=_detect,
    priority=Priority.GENERIC,
)
