"""All rules over one image, and every byte credited to one finding only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from heapq import nlargest
from typing import TYPE_CHECKING

import msgspec

from layerscope.advice.evidence import Evidence
from layerscope.advice.ignoring import parted
from layerscope.extensions import Profile, Rule
from layerscope.loading import load
from layerscope.model.changeset import Changeset
from layerscope.model.credentials import redacted
from layerscope.model.ignore import Ignore
from layerscope.model.image import Image
from layerscope.model.suggestion import Claim, Item, Priority, Suggestion
from layerscope.union.analysis import Analysis
from layerscope.union.compressed import CompressedMap

if TYPE_CHECKING:  # few rules ask for packages
    from layerscope.dockerfile.beside import Beside
    from layerscope.packages.present import Present

MOST_PATHS = 10
"""How many paths a suggestion names."""
_BASE = (
    "It is part of the base image: take a leaner or newer one, report it there, or squash the base as well."
)


class Ignored(msgspec.Struct, frozen=True, kw_only=True):
    """A suggestion that is not told, and what hides it."""

    suggestion: Suggestion
    by: Ignore


class Advice(msgspec.Struct, frozen=True, kw_only=True):
    """What could be smaller, what saves most first, and apart from it what somebody does not want to see."""

    suggestions: tuple[Suggestion, ...]
    ignored: tuple[Ignored, ...]


def suggest(
    image: Image,
    changesets: Sequence[Changeset],
    analysis: Analysis,
    *,
    profile: Profile = "runtime",
    rules: Iterable[Rule] | None = None,
) -> tuple[Suggestion, ...]:
    """What could be smaller, what saves most first; pure, the same for the same image.

    ``rules`` are all there are unless they are given; those that do not fit the profile are left out.
    """
    return advise(image, changesets, analysis, profile=profile, rules=rules).suggestions


def advise(
    image: Image,
    changesets: Sequence[Changeset],
    analysis: Analysis,
    *,
    present: Present | None = None,
    profile: Profile = "runtime",
    rules: Iterable[Rule] | None = None,
    ignores: Sequence[Ignore] = (),
    beside: Beside | None = None,
) -> Advice:
    """The same with what is ignored kept apart, and each with its lines in the Dockerfile beside the image.

    The bytes of an ignored suggestion stay its own: no other one tells of them instead.
    """
    chosen = sorted(
        (rule for rule in (load("rule").values() if rules is None else rules) if profile in rule.profiles),
        key=lambda rule: (rule.priority, rule.id),
    )
    evidence = Evidence(image, changesets, analysis, chosen, present)
    ledger = _Ledger(evidence, beside)
    told: list[Suggestion] = []
    hidden: list[Ignored] = []
    for rule in chosen:
        hiding = [ignore for ignore in ignores if ignore.rule == rule.id]
        for claim in rule.detect(evidence):
            for part, ignore in parted(claim, hiding, whole=rule.priority is Priority.ADVICE):
                suggestion = ledger.credit(rule, part)
                if suggestion is None:
                    continue
                if ignore is None:
                    told.append(suggestion)
                else:
                    hidden.append(Ignored(suggestion=suggestion, by=ignore))
    told.sort(key=_order)
    hidden.sort(key=lambda one: _order(one.suggestion))
    return Advice(suggestions=tuple(told), ignored=tuple(hidden))


def _order(one: Suggestion) -> tuple[object, ...]:
    return (-one.net_bytes, -one.gross_bytes, one.rule, one.layers, one.title, one.paths)


class _Ledger:
    """Which entries' bytes have been credited."""

    def __init__(self, evidence: Evidence, beside: Beside | None) -> None:
        self._evidence = evidence
        self._beside = beside
        self._maps = [CompressedMap(changeset) for changeset in evidence.changesets]
        self._taken: set[int] = set()
        self._instructions: dict[int | None, str | None] = {None: None}

    def credit(self, rule: Rule, claim: Claim) -> Suggestion | None:
        """The suggestion that is left of a claim; None where other findings tell of all its bytes."""
        advice = rule.priority is Priority.ADVICE
        left = [item for item in claim.items if advice or item.key not in self._taken]
        if not advice:
            self._taken.update(item.key for item in left)
        net_bytes = 0 if advice else sum(item.size_bytes for item in left)
        if claim.items and not net_bytes and not advice and rule.priority is not Priority.SECRET:
            return None
        compressed_bytes = claim.compressed_bytes
        if compressed_bytes is None:
            estimates = (self._maps[item.layer].estimate(item.offset, item.size_bytes) for item in left)
            compressed_bytes = round(sum(estimates))
        gross_bytes = claim.gross_bytes
        if gross_bytes is None:
            gross_bytes = sum(item.size_bytes for item in claim.items) + claim.hidden_bytes
        blame = self._evidence.blame(claim.blamed)
        sizes = _sizes(claim.items)
        return Suggestion(
            rule=rule.id,
            title=claim.title,
            family=rule.family,
            gross_bytes=gross_bytes,
            net_bytes=net_bytes,
            compressed_bytes=compressed_bytes,
            layers=claim.layers,
            instruction=self._instruction(claim.blamed),
            paths=_largest(sizes),
            path_count=len(sizes),
            confidence=claim.confidence,
            blame=blame,
            fix=_BASE if blame == "base" else redacted(claim.fix),
            rewrite=redacted(claim.rewrite) if claim.rewrite is not None and blame != "base" else None,
            edits=tuple(msgspec.structs.replace(edit, text=redacted(edit.text)) for edit in claim.edits)
            if blame != "base"
            else (),
            risk=claim.risk,
            blamed_layer=claim.blamed,
            dockerfile_lines=self._lines(claim.blamed),
        )

    def _lines(self, layer: int | None) -> tuple[int, int] | None:
        return self._beside.lines_of(layer) if self._beside is not None and layer is not None else None

    def _instruction(self, layer: int | None) -> str | None:
        """The instruction that made a layer, without secrets."""
        if layer is not None and layer not in self._instructions:
            instruction = self._evidence.instructions[layer]
            self._instructions[layer] = None if instruction is None else redacted(str(instruction))
        return self._instructions[layer]


def _sizes(items: Iterable[Item]) -> dict[str, int]:
    """The bytes of each path, all layers taken together."""
    sizes: dict[str, int] = {}
    for item in items:
        sizes[item.path] = sizes.get(item.path, 0) + item.size_bytes
    return sizes


def _largest(sizes: dict[str, int]) -> tuple[str, ...]:
    """The paths with most bytes."""
    least = nlargest(MOST_PATHS, sizes.values())[-1] if len(sizes) > MOST_PATHS else 0
    found = [path for path, size_bytes in sizes.items() if size_bytes >= least]
    return tuple(sorted(found, key=lambda path: (-sizes[path], path))[:MOST_PATHS])
