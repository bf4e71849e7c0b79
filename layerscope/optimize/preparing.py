"""Steps and an image to a plan, and to what the result may differ in."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from layerscope.advice.squashing import saved_by
from layerscope.model.changeset import Changeset
from layerscope.oci.write.content import CheckedImage
from layerscope.optimize.deduping import has_copies
from layerscope.optimize.documents import Retimed
from layerscope.optimize.dropping import Removed, leave_out
from layerscope.optimize.estimating import as_if
from layerscope.optimize.losing import Losing, losing_packages
from layerscope.optimize.naming_dropped import find_dropped
from layerscope.optimize.plan import Forms, NewLayer, Plan, make_plan
from layerscope.optimize.sameness import Allowed
from layerscope.optimize.steps import Steps, groups_of, open_layers
from layerscope.union.apply import build_index
from layerscope.union.index import PathIndex
from layerscope.union.waste import find_waste

_SECOND_NS = 1_000_000_000


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done to an image.

    ``likely`` are the changesets as if layers were compressed anew, to predict by. ``removed`` are the
    paths that are dropped, ``losing`` the packages that they belong to; ``unmatched`` named nothing.
    ``prunable_bytes`` is the content of own layers that later ones hide.
    """

    plan: Plan
    likely: Sequence[Changeset]
    allowed: Allowed
    prunable_bytes: int
    removed: tuple[Removed, ...] = ()
    losing: tuple[Losing, ...] = ()
    unmatched: tuple[str, ...] = ()


def prepare(
    image: CheckedImage, changesets: Sequence[Changeset], index: PathIndex, steps: Steps, own: int
) -> Work:
    """The plan; ``index`` is that of the changesets and may be changed. Raises UsageError, ImageError."""
    changing = open_layers(steps, len(changesets), own)
    prunable_bytes = saved_by(find_waste(index)[0], own, len(changesets))
    dropped, unmatched = find_dropped(steps.drop, image.opened.image, changesets, index)
    losing = losing_packages(dropped, index, changesets)
    dropping = leave_out(index, dropped, changesets, changing)
    rewritten = dropping.rewritten
    if steps.latest_s is not None:
        rewritten = changing
    elif steps.dedupe:
        rewritten |= {layer for layer in changing if has_copies(changesets[layer])}
    groups = groups_of(steps, len(changesets), own, rewritten)
    latest_ns = None if steps.latest_s is None else steps.latest_s * _SECOND_NS
    forms = Forms(dedupe=steps.dedupe, latest_ns=latest_ns)
    plan = make_plan(index, changesets, groups, prune=steps.prune, rewritten=rewritten, forms=forms)
    plan = _with_codecs(plan, steps, changing)
    if steps.latest_s is not None:
        retimed = Retimed(latest_s=steps.latest_s, own=0 if steps.include_base or steps.flatten else own)
        plan = msgspec.structs.replace(plan, retimed=retimed)
    likely = changesets
    if steps.recompress is not None:
        layers = [
            layer
            for new in plan.layers
            if new.codec is not None
            for layer in range(new.group.first, new.group.last + 1)
        ]
        likely = as_if(steps.recompress, image.opened, layers, changesets)
    return Work(
        plan=plan,
        likely=likely,
        allowed=Allowed(dropped=dropping.visible, linked=steps.dedupe, latest_ns=latest_ns),
        prunable_bytes=prunable_bytes,
        removed=dropping.removed,
        losing=losing,
        unmatched=tuple(unmatched),
    )


def original(work: Work, index: PathIndex, changesets: Sequence[Changeset]) -> PathIndex:
    """The index of the changesets as they are: ``index`` itself, where nothing was taken out of it."""
    return build_index(changesets) if work.removed else index


def _with_codecs(plan: Plan, steps: Steps, changing: frozenset[int]) -> Plan:
    def with_codec(new: NewLayer) -> NewLayer:
        if steps.recompress is None or (new.group.copied and new.group.first not in changing):
            return new
        return msgspec.structs.replace(new, codec=steps.recompress)

    return msgspec.structs.replace(plan, layers=tuple(map(with_codec, plan.layers)))
