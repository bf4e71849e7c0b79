"""Images with a history, and what rules say of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from layerscope.advice.suggest import suggest
from layerscope.extensions import Profile, Rule
from layerscope.model.changeset import Changeset
from layerscope.model.digest import Digest
from layerscope.model.entry import Entry, Kind
from layerscope.model.image import Descriptor, HistoryEntry, Image, ImageConfig, Layer
from layerscope.model.suggestion import Suggestion
from layerscope.union.analysis import Analysis, analyze
from tests.union.dsl import layer

DIGEST = Digest("sha256:" + "0" * 64)


class Case(msgspec.Struct, frozen=True):
    """An image built in code, understood."""

    image: Image
    changesets: tuple[Changeset, ...]
    analysis: Analysis

    def advice(self, *rules: Rule, profile: Profile = "runtime") -> tuple[Suggestion, ...]:
        """What these rules suggest; all that there are where none is given."""
        return suggest(self.image, self.changesets, self.analysis, profile=profile, rules=rules or None)


def _laid_out(entries: Sequence[Entry]) -> Iterator[Entry]:
    """The entries with their contents one behind the other, as in a tar."""
    offset = 0
    for entry in entries:
        offset += 512
        yield msgspec.structs.replace(entry, offset=offset) if entry.kind is Kind.FILE else entry
        offset += entry.stored_bytes + -entry.stored_bytes % 512


def step(created_by: str, *entries: Any, facts: dict[str, dict[str, Any]] | None = None) -> Any:
    """One layer and the history entry that made it."""
    changeset = layer(*_laid_out(entries))
    return created_by, msgspec.structs.replace(
        changeset, facts=facts or {}, tar_bytes=changeset.content_bytes + 512 * len(entries)
    )


def case(
    *steps: Any, base: int | None = None, empty: Mapping[int, Sequence[str]] | None = None, **runtime: Any
) -> Case:
    """An image of these steps; ``empty`` are the steps without a layer before a layer."""
    changesets = tuple(changeset for _, changeset in steps)
    layers = tuple(
        Layer(
            number=number,
            blob=f"layer-{number}",
            history=HistoryEntry(created_by=created_by) if created_by else None,
            empty_steps=tuple(
                HistoryEntry(created_by=text, empty_layer=True) for text in (empty or {}).get(number, ())
            ),
        )
        for number, (created_by, _) in enumerate(steps)
    )
    image = Image(reference="case", config=ImageConfig(runtime=runtime), layers=layers, base_layers=base)
    return Case(image, changesets, analyze(image, changesets))


def stored(case_: Case, *, media_type: str = "", digest: bool = False, **changes: Any) -> Case:
    """The same image as a registry holds it: its layers compressed like this."""
    changesets = tuple(msgspec.structs.replace(one, **changes) for one in case_.changesets)
    layers = tuple(
        msgspec.structs.replace(
            one,
            descriptor=Descriptor(media_type=media_type, digest=DIGEST, size_bytes=1) if media_type else None,
        )
        for one in case_.image.layers
    )
    image = msgspec.structs.replace(case_.image, layers=layers, digest=DIGEST if digest else None)
    return Case(image, changesets, analyze(image, changesets))


def one(suggestions: Sequence[Suggestion]) -> Suggestion:
    """The only suggestion."""
    assert len(suggestions) == 1, [suggestion.title for suggestion in suggestions]
    return suggestions[0]
