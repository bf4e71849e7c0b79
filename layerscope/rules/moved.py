"""L07: files that a later layer moves, so that they are stored at both places."""

from __future__ import annotations

from collections.abc import Iterator

from layerscope.advice.evidence import Evidence, Lost
from layerscope.advice.fixing import absolute, joined, step
from layerscope.advice.waste_claims import items_of, layers_of, pairs
from layerscope.extensions import Rule
from layerscope.model.entry import Kind
from layerscope.model.suggestion import Claim, Priority
from layerscope.model.waste import Cause


def _detect(evidence: Evidence) -> Iterator[Claim]:
    deleted = evidence.lost_of(Cause.DELETED)
    arrivals = {layer: _arrivals(evidence, layer) for layer in {lost.waste.hidden_by for lost in deleted}}
    targets: dict[int, str] = {}
    for lost in deleted:
        target = _target(evidence, lost, arrivals[lost.waste.hidden_by])
        if target is not None:
            targets[lost.item.key] = target
    for (shipped_by, hidden_by), records in pairs(lost for lost in deleted if lost.item.key in targets):
        example = records[0]
        source, target = absolute(example.waste.path), absolute(targets[example.item.key])
        yield Claim(
            title=f"layer {hidden_by} moves what layer {shipped_by} ships",
            items=items_of(records),
            layers=layers_of(shipped_by, hidden_by),
            blamed=shipped_by,
            fix=f"Put it where it belongs in {step(evidence, shipped_by)}: {source} becomes {target} "
            f"in layer {hidden_by}.",
            rewrite=joined(evidence, shipped_by, hidden_by),
        )


def _arrivals(evidence: Evidence, layer: int) -> dict[bytes, str]:
    """The files that a layer brings, by their content."""
    return {
        entry.content_hash: entry.path
        for entry in reversed(evidence.changesets[layer].entries)
        if entry.kind is Kind.FILE and entry.stored_bytes and entry.content_hash is not None
    }


def _target(evidence: Evidence, lost: Lost, arrivals: dict[bytes, str]) -> str | None:
    """Where a deleted file's content came up in the layer that deleted it."""
    if not arrivals or lost.waste.shipped_by == lost.waste.hidden_by:
        return None
    version = evidence.version_in(lost.waste.shipped_by, lost.waste.path)
    source = version.source if version is not None else None
    if source is None or source.content_hash is None:
        return None
    target = arrivals.get(source.content_hash)
    return target if target != lost.waste.path else None


RULE = Rule(
    id="moved",
    title="A layer moves what a lower one ships",
    family="layers",
    help="""mv in a later RUN stores the file at its new place and keeps shipping the old one. Write or COPY
it to its final path, or move it in the RUN that makes it.""",
    detect=_detect,
    priority=Priority.WASTE_EXPLAINED,
)

WASTE_RULE = RULE
