"""L15: more layers than a registry and an engine handle well."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.advice.evidence import Evidence
from layerscope.extensions import Rule
from layerscope.model.suggestion import Claim, Priority

_MANY = 40
_SMALL_BYTES = 100_000
_HARD_LIMIT = 127


def _detect(evidence: Evidence) -> Iterator[Claim]:
    layers = [layer for layer, changeset in enumerate(evidence.changesets) if changeset.entries]
    if len(layers) <= _MANY:
        return
    small = [layer for layer in layers if evidence.changesets[layer].tar_bytes < _SMALL_BYTES]
    yield Claim(
        title=f"{len(layers)} layers, {len(small)} of them below 100 kB",
        layers=tuple(small),
        confidence="medium",
        fix="Join neighbouring RUNs with && (or a here-document), and COPY several sources at once; "
        f"some engines refuse more than {_HARD_LIMIT} layers.",
        risk="Fewer layers means that less of the build's cache is used again after a change.",
    )


RULE = Rule(
    id="many-layers",
    title="Very many layers",
    family="layers",
    help="Each layer is a request to the registry and a mount on the host. Join small neighbouring steps.",
    detect=_detect,
    priority=Priority.ADVICE,
)
