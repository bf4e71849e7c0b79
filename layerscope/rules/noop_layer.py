"""L13: a layer that changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.advice.evidence import Evidence
from layerscope.advice.fixing import step
from layerscope.extensions import Rule
from layerscope.model.suggestion import Claim, Priority
from layerscope.union.compare import differences, same_content

_MOST_ENTRIES = 1000
"""A layer with more than this changes something, or other rules tell of it."""


def _changes_nothing(evidence: Evidence, layer: int) -> bool:
    """Whether every entry is there already, just like this."""
    for entry in evidence.changesets[layer].entries:
        node = evidence.analysis.index.find(entry.path)
        before, after = (node.at(layer - 1), node.at(layer)) if node is not None else (None, None)
        if before is None or after is None:
            return False
        if not same_content(before.source, after.source) or differences(before.source, after.source):
            return False
    return True


def _detect(evidence: Evidence) -> Iterator[Claim]:
    for layer, changeset in enumerate(evidence.changesets):
        if evidence.image.layers[layer].missing is not None or len(changeset.entries) > _MOST_ENTRIES:
            continue
        if _changes_nothing(evidence, layer):
            yield Claim(
                title=f"layer {layer} changes nothing",
                layers=(layer,),
                blamed=layer,
                fix=f"Drop {step(evidence, layer)}, or join it with the one before.",
            )


RULE = Rule(
    id="no-op-layer",
    title="A layer that changes nothing",
    family="layers",
    help="""RUN true, apt-get clean with nothing to clean, or a repeated mkdir still make a layer: one more
blob to fetch. Drop the instruction or join it with another.""",
    detect=_detect,
    priority=Priority.ADVICE,
)
