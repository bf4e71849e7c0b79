"""L07: files that a later layer moves, so that they are stored at both places."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from layerscope.advice.evidence import Evidence
from layerscope.advice.fixing import absolute, joined, step
from layerscope.advice.waste_claims import items_of, layers_of, pairs
from layerscope.extensions import Rule
from layerscope.model.entry import Kind
from layerscope.model.suggestion import Claim, Priority
from layerscope.model.waste import Cause


def _detect(evidence: Evidence) -> Iterator[Claim]:
    targets = _targets(evidence)
    deleted = evidence.lost_of(Cause.DELETED)
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


def _targets(evidence: Evidence) -> dict[int, str]:
    """Where deleted files' contents came up in the layers that deleted them, by their items' keys."""
    deleted = [one for one in evidence.lost_of(Cause.DELETED) if one.waste.shipped_by != one.waste.hidden_by]
    arrivals = {layer: _arrivals(evidence, layer) for layer in {one.waste.hidden_by for one in deleted}}
    arrived = frozenset(chain.from_iterable(arrivals.values()))
    shipped = {
        layer: _shipped(evidence, layer, arrived) for layer in {one.waste.shipped_by for one in deleted}
    }
    targets = {}
    for lost in deleted:
        content_hash = shipped[lost.waste.shipped_by].get(lost.waste.offset)
        if content_hash is not None:
            target = arrivals[lost.waste.hidden_by].get(content_hash)
            if target is not None and target != lost.waste.path:
                targets[lost.item.key] = target
    return targets


def _shipped(evidence: Evidence, layer: int, arrived: frozenset[bytes]) -> dict[int, bytes]:
    """Those contents that a layer ships and that arrive somewhere, by where they lie in it."""
    return {
        entry.offset: entry.content_hash
        for entry in evidence.changesets[layer].entries
        if entry.content_hash in arrived and entry.content_hash is not None
    }


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
