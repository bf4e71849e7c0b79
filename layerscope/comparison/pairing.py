"""The layers of two images side by side: which are the same, rebuilt, changed, new or gone, and why."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import zip_longest

import msgspec

from layerscope.comparison.layer_entries import Effect, LayerDifference, layer_difference
from layerscope.comparison.subject import LayerFacts, Subject
from layerscope.model.image import HistoryEntry
from layerscope.model.instruction import instruction_of

_MOST_COUPLES = 250_000
"""No engine runs an image of more than some 127 layers; what is far beyond is paired by place."""
_CHECKSUM = re.compile(r"^(ADD|COPY) [0-9a-f]{8}… ")


class Status(StrEnum):
    """What became of a layer."""

    SAME = "same"
    RECOMPRESSED = "recompressed"
    """The same tar in another blob."""
    REBUILT = "rebuilt"
    """Another tar of the same entries: only times differ, or how it is written."""
    CHANGED = "changed"
    NEW = "new"
    GONE = "gone"


class Cause(StrEnum):
    """Why a layer was made anew, as far as the history and the layers tell."""

    INSTRUCTION = "instruction"
    """The instruction is new, or another than before."""
    ARGUMENTS = "arguments"
    """Build arguments that were in force differ."""
    STEP = "step"
    """A step without a layer in front of it differs (ENV, WORKDIR, …)."""
    BELOW = "below"
    """A layer below it is not the same any more, which breaks the cache for all above."""
    INPUT = "input"
    """Nothing of the above: what the instruction reads is not what it was."""


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """A layer of the old image and one of the new, or one of them alone.

    ``cause`` is None where nothing was made anew, ``difference`` where the layers need not or cannot be
    compared entry by entry.
    """

    status: Status
    old: LayerFacts | None
    new: LayerFacts | None
    cause: Cause | None = None
    difference: LayerDifference | None = None


def pair_layers(old: Subject, new: Subject) -> tuple[Pair, ...]:
    """All layers of both, in order; what is gone stands before what came in its place."""
    pairs: list[Pair] = []
    broken = False
    for before, after in _aligned(old.layers, new.layers):
        pair = _pair(before, after, old, new, broken=broken)
        broken = broken or pair.status not in (Status.SAME, Status.RECOMPRESSED)
        pairs.append(pair)
    return tuple(pairs)


def same_tar(old: LayerFacts, new: LayerFacts) -> bool:
    """Whether two layers unpack to the same bytes."""
    if old.diff_id is not None and new.diff_id is not None:
        return old.diff_id == new.diff_id
    return old.digest is not None and old.digest == new.digest


def same_blob(old: LayerFacts, new: LayerFacts) -> bool:
    """Whether whoever has the one need not fetch the other.

    A layer as an engine saves it, uncompressed, is told by its diff ID: nothing is known of its blob.
    """
    if _is_stored_blob(old) and _is_stored_blob(new):
        return old.digest == new.digest
    return same_tar(old, new)


def _is_stored_blob(layer: LayerFacts) -> bool:
    return layer.digest is not None and layer.compression != "none"


_Couple = tuple[LayerFacts | None, LayerFacts | None]
_Key = Callable[[LayerFacts], Hashable]


def _aligned(old: Sequence[LayerFacts], new: Sequence[LayerFacts]) -> Iterator[_Couple]:
    """By what they are, between these by their instructions, between these by being much alike."""
    if len(old) * len(new) > _MOST_COUPLES:
        yield from zip_longest(old, new)
        return
    for left, right in _matched(old, new, _identity):
        for lower, upper in _matched(left, right, _instruction) if left and right else [(left, right)]:
            yield from _resembling(lower, upper)


_Run = tuple[Sequence[LayerFacts], Sequence[LayerFacts]]


def _matched(old: Sequence[LayerFacts], new: Sequence[LayerFacts], key: _Key) -> Iterator[_Run]:
    """Runs of layers that may belong together: what has one key is alone with its twin."""
    matcher = SequenceMatcher(None, list(map(key, old)), list(map(key, new)), autojunk=False)
    first_old = first_new = 0
    for block in matcher.get_matching_blocks():
        if first_old < block.a or first_new < block.b:
            yield old[first_old : block.a], new[first_new : block.b]
        for place in range(block.size):
            yield old[block.a + place :][:1], new[block.b + place :][:1]
        first_old, first_new = block.a + block.size, block.b + block.size


def _resembling(old: Sequence[LayerFacts], new: Sequence[LayerFacts]) -> Iterator[_Couple]:
    """Couples in order; two that are alone in their place belong together if their keywords agree."""
    if len(old) == len(new) == 1 and (same_tar(old[0], new[0]) or _keyword(old[0]) == _keyword(new[0])):
        yield old[0], new[0]
        return
    waiting, fresh = list(old), list[LayerFacts]()
    for layer in new:
        place = next((place for place, one in enumerate(waiting) if _resemble(one, layer)), None)
        if place is None:
            fresh.append(layer)
            continue
        yield from _alone(waiting[:place], fresh)
        yield waiting[place], layer
        fresh.clear()
        del waiting[: place + 1]
    yield from _alone(waiting, fresh)


def _alone(old: Sequence[LayerFacts], new: Sequence[LayerFacts]) -> Iterator[_Couple]:
    yield from ((one, None) for one in old)
    yield from ((None, one) for one in new)


def _resemble(old: LayerFacts, new: LayerFacts) -> bool:
    """Whether the keywords agree, and at least half of all words are in both."""
    before, after = set(_instruction(old).split()), set(_instruction(new).split())
    return _keyword(old) == _keyword(new) and 2 * len(before & after) >= len(before | after)


def _keyword(layer: LayerFacts) -> str:
    return _instruction(layer).partition(" ")[0]


def _identity(layer: LayerFacts) -> Hashable:
    return layer.diff_id or layer.digest or layer.number


def _instruction(layer: LayerFacts) -> str:
    """The instruction without the checksum that old builders put into it."""
    return _CHECKSUM.sub(r"\1 ", layer.instruction or "")


def _pair(
    before: LayerFacts | None, after: LayerFacts | None, old: Subject, new: Subject, *, broken: bool
) -> Pair:
    if before is None or after is None:
        status = Status.NEW if before is None else Status.GONE
        return Pair(status=status, old=before, new=after, cause=Cause.INSTRUCTION)
    if same_tar(before, after):
        status = Status.SAME if same_blob(before, after) else Status.RECOMPRESSED
        return Pair(status=status, old=before, new=after)
    difference = None
    if old.inspection is not None and new.inspection is not None:
        difference = layer_difference(
            old.inspection.changesets[before.number], new.inspection.changesets[after.number]
        )
    rebuilt = difference is not None and difference.effect is Effect.TIMES
    return Pair(
        status=Status.REBUILT if rebuilt else Status.CHANGED,
        old=before,
        new=after,
        cause=_cause(before, after, broken=broken),
        difference=difference,
    )


def _cause(before: LayerFacts, after: LayerFacts, *, broken: bool) -> Cause:
    if _instruction(before) != _instruction(after):
        return Cause.INSTRUCTION
    if _arguments(before) != _arguments(after):
        return Cause.ARGUMENTS
    if before.steps != after.steps:
        return Cause.STEP
    return Cause.BELOW if broken else Cause.INPUT


def _arguments(layer: LayerFacts) -> tuple[str, ...]:
    """The build arguments that the builder recorded."""
    instruction = instruction_of(HistoryEntry(created_by=layer.created_by or ""))
    return instruction.arguments if instruction else ()
