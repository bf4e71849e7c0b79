"""The common form of rules about packages that an image could do without."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from layerscope.advice.evidence import Evidence
from layerscope.advice.installed import Installed, by_layer, named
from layerscope.extensions import EVERY_PROFILE, Profile, Rule
from layerscope.model.suggestion import Claim, Confidence, Priority

Pick = Callable[[Evidence], Iterable[Installed]]
Fix = Callable[[Evidence, int, list[Installed]], str]
"""What to do about packages of a layer."""
Rewrite = Callable[[Evidence, int], str | None]
"""The layer's instruction written better, where it can be."""

SYSTEM = frozenset(("dpkg", "apk", "rpm"))
"""The kinds of package that a distribution has."""


def unwanted_packages(  # noqa: PLR0913 - a rule's fields, all by name
    *,
    id: str,  # noqa: A002 - the name that every plug-in's identity has
    title: str,
    family: str,
    pick: Pick,
    fix: Fix,
    help: str,  # noqa: A002 - likewise
    risk: str,
    profiles: frozenset[Profile] = EVERY_PROFILE,
    at_least_bytes: int = 1_000_000,
    confidence: Confidence = "medium",
    rewrite: Rewrite = lambda evidence, layer: None,  # noqa: ARG005
) -> Rule:
    """A rule that gives one claim for each layer that brought such packages.

    Below ``at_least_bytes`` in all layers there is no claim.
    """

    def detect(evidence: Evidence) -> Iterator[Claim]:
        found = [package for package in pick(evidence) if package.items]
        if sum(package.size_bytes for package in found) < at_least_bytes:
            return
        for layer, packages in by_layer(found):
            items = tuple(item for package in packages for item in package.items)
            yield Claim(
                title=f"{title}, from layer {layer}: {named(packages, 3)}",
                items=items,
                layers=tuple(sorted({layer, *(item.layer for item in items)})),
                blamed=layer,
                confidence=confidence,
                fix=fix(evidence, layer, packages),
                rewrite=rewrite(evidence, layer),
                risk=risk,
            )

    return Rule(
        id=id,
        title=title[:1].upper() + title[1:],
        family=family,
        help=help,
        detect=detect,
        priority=Priority.GENERIC,
        profiles=profiles,
    )
