"""What the rules look at: an image understood, and views of it that several of them share."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from layerscope.advice.copies import Copy, copies
from layerscope.advice.matching import Match, Walk
from layerscope.advice.patterns import Patterns
from layerscope.extensions import Rule
from layerscope.model.changeset import Changeset
from layerscope.model.image import Image
from layerscope.model.instruction import Instruction, instruction_of
from layerscope.model.shell import Command, commands_of
from layerscope.model.suggestion import Blame, Item
from layerscope.model.waste import Cause, Waste
from layerscope.union.analysis import Analysis
from layerscope.union.index import Version

if TYPE_CHECKING:  # few rules ask for packages
    from layerscope.advice.installed import Installed
    from layerscope.packages.present import Present

if TYPE_CHECKING:  # it looks at an Evidence itself
    from layerscope.advice.splitting import Split

Key = TypeVar("Key", bound=Hashable)


class Lost(msgspec.Struct, frozen=True, gc=False):
    """A waste record and the item that it is."""

    waste: Waste
    item: Item


class Evidence:
    """An image, what its layers mean, and what the probes saw; computed when first asked for, once."""

    def __init__(
        self,
        image: Image,
        changesets: Sequence[Changeset],
        analysis: Analysis,
        rules: Sequence[Rule] = (),
        present: Present | None = None,
    ) -> None:
        self.image = image
        self.changesets = changesets
        self.analysis = analysis
        self._rules = [rule for rule in rules if rule.patterns]
        self._present = present

    @cached_property
    def instructions(self) -> tuple[Instruction | None, ...]:
        """The instruction that made each layer."""
        return tuple(instruction_of(layer.history) for layer in self.image.layers)

    def keyword(self, layer: int) -> str:
        """The keyword of the instruction that made a layer, empty where it is not known."""
        instruction = self.instructions[layer]
        return instruction.keyword if instruction is not None else ""

    def commands(self, layer: int) -> tuple[Command, ...]:
        """The commands that a layer's RUN ran; none for anything but a RUN."""
        instruction = self.instructions[layer]
        if instruction is None or instruction.keyword != "RUN":
            return ()
        return commands_of(instruction.text)

    def blame(self, layer: int | None) -> Blame | None:
        """Whose layer it is; what is no layer's is the image's own."""
        base = self.image.base_layers
        if layer is None:
            return "own"
        if base is None:
            return None
        return "own" if layer >= base else "base"

    @cached_property
    def lost(self) -> tuple[Lost, ...]:
        """Every waste record; the keys of their items are negative, those of visible files are not."""
        return tuple(
            Lost(
                waste,
                Item(
                    key=-1 - number,
                    path=waste.path,
                    layer=waste.shipped_by,
                    origin=waste.shipped_by,
                    size_bytes=waste.size_bytes,
                    offset=waste.offset,
                ),
            )
            for number, waste in enumerate(self.analysis.waste)
        )

    @cached_property
    def _lost_of(self) -> dict[Cause, list[Lost]]:
        return {cause: [lost for lost in self.lost if lost.waste.cause is cause] for cause in Cause}

    def lost_of(self, cause: Cause) -> list[Lost]:
        """The waste records of one cause."""
        return self._lost_of[cause]

    @cached_property
    def _lost_at(self) -> dict[tuple[int, str], list[Lost]]:
        return grouped(self.lost, lambda lost: (lost.waste.shipped_by, lost.waste.path))

    def lost_at(self, layer: int, path: str) -> list[Lost]:
        """The waste records of a path that one layer ships."""
        return self._lost_at.get((layer, path), [])

    @cached_property
    def installed(self) -> tuple[Installed, ...]:
        """The packages of every kind, with the visible files that are theirs."""
        from layerscope.advice.installed import installed_in

        return installed_in(self.present)

    @cached_property
    def present(self) -> Present:
        """The merged filesystem as package databases speak of it."""
        from layerscope.packages.present import Present

        return self._present or Present(self.analysis.index, self.changesets)

    @cached_property
    def copies(self) -> list[Copy]:
        """Second and further copies of the same content at visible paths."""
        return copies(self.analysis.index)

    @cached_property
    def _matches(self) -> dict[str, list[Match]]:
        patterns = Patterns(
            (pattern, number) for number, rule in enumerate(self._rules) for pattern in rule.patterns
        )
        found = Walk(patterns, [frozenset(rule.keep) for rule in self._rules]).run(self.analysis.index)
        return {rule.id: matches for rule, matches in zip(self._rules, found, strict=True)}

    def matches(self, rule: str) -> list[Match]:
        """What the walk found for a rule's patterns, by path."""
        return self._matches.get(rule, [])

    @cached_property
    def split(self) -> Split | None:
        """How the image could be split into what builds and what runs."""
        from layerscope.advice.splitting import split_of

        return split_of(self)

    def facts(self, probe: str) -> list[tuple[int, str, Any]]:
        """What a probe saw: layer, path and fact, in order."""
        return [
            (layer, path, fact)
            for layer, changeset in enumerate(self.changesets)
            for path, fact in sorted(changeset.facts.get(probe, {}).items())
        ]

    def version_in(self, layer: int, path: str) -> Version | None:
        """The last version of a path that a layer brought, visible or not."""
        node = self.analysis.index.find(path)
        if node is None:
            return None
        return next((version for version in reversed(node.versions) if version.layer == layer), None)


def grouped(records: Iterable[Lost], key: Callable[[Lost], Key]) -> dict[Key, list[Lost]]:
    """Records by what they have in common, in the order of their first appearance."""
    groups: dict[Key, list[Lost]] = {}
    for record in records:
        groups.setdefault(key(record), []).append(record)
    return groups
