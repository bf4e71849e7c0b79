"""Files that seem to hold a secret, as the probe saw them in each layer."""

from __future__ import annotations

import msgspec

from layerscope.advice.evidence import Evidence
from layerscope.advice.matching import item_of
from layerscope.model.suggestion import Confidence, Item

_PROBE = "secrets"
_OF_PACKAGES = frozenset(("node_modules", "site-packages", "dist-packages", "vendor", "test", "tests", "doc"))
_OF_PACKAGES |= frozenset(("examples", "testdata", "contrib", "fixtures"))


class Exposed(msgspec.Struct, frozen=True, kw_only=True):
    """A secret in a file of one layer; ``hidden_by`` is the layer that deletes or replaces it, if any."""

    path: str
    layer: int
    kind: str
    confidence: Confidence
    items: tuple[Item, ...]
    hidden_by: int | None


def exposed(evidence: Evidence) -> list[Exposed]:
    """All of them, by layer and path; what was only copied up is told once, in the first layer."""
    found: list[Exposed] = []
    for layer, path, fact in evidence.facts(_PROBE):
        node = evidence.analysis.index.find(path)
        version = evidence.version_in(layer, path)
        source = version.source if version is not None else None
        if node is None or version is None or source is None:
            continue
        hidden_by = version.hidden_by
        if hidden_by is None:
            items: tuple[Item, ...] = (item_of(node, version, source),)
        else:
            items = tuple(lost.item for lost in evidence.lost_at(layer, path))
        found.append(
            Exposed(
                path=path,
                layer=layer,
                kind=fact["kind"],
                confidence=_confidence(path, fact["by"]),
                items=items,
                hidden_by=hidden_by,
            )
        )
    return found


def _confidence(path: str, told_by: str) -> Confidence:
    """Packages ship keys for their own tests; a name alone is a hint."""
    if not _OF_PACKAGES.isdisjoint(path.split("/")) or path.startswith(("usr/share/", "usr/lib/")):
        return "low"
    return "high" if told_by == "content" else "medium"
