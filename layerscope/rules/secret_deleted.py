"""A23: a secret that a later layer deletes or replaces, and that is in the image all the same."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.advice.evidence import Evidence
from layerscope.advice.exposed import exposed
from layerscope.advice.fixing import absolute, step
from layerscope.extensions import Rule
from layerscope.model.suggestion import Claim, Priority


def _detect(evidence: Evidence) -> Iterator[Claim]:
    found = exposed(evidence)
    visible = {one.path for one in found if one.hidden_by is None}
    for one in found:
        if one.hidden_by is None or one.path in visible:
            continue
        covered = (
            "nothing can: it is hidden in its own layer"
            if one.hidden_by == one.layer
            else f"squashing layers {one.layer} to {one.hidden_by} (all of them) removes it from the image"
        )
        yield Claim(
            title=f"{one.kind} in {absolute(one.path)}, hidden but still in layer {one.layer}",
            items=one.items,
            layers=tuple(sorted({one.layer, one.hidden_by})),
            blamed=one.layer,
            confidence=one.confidence,
            fix=f"Mount it for the RUN that needs it (RUN --mount=type=secret,id=… …) instead of storing it "
            f"in {step(evidence, one.layer)}. Replace the secret; anybody can unpack the layer; {covered}.",
        )


RULE = Rule(
    id="secret-deleted",
    title="A secret that a later layer hides",
    family="secrets",
    help="""Deleting a secret in a later instruction hides it; the layer that brought it still has it, and
anybody can unpack a layer. A squash removes it only if it covers every layer from the one that brought it to
the one that deletes it. Mount secrets instead, and replace those that were shipped.""",
    detect=_detect,
    priority=Priority.SECRET,
)
