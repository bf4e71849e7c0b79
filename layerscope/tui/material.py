"""What the interface draws: an inspection and what is worked out from it once."""

from __future__ import annotations

from functools import cached_property

from layerscope.inspection import Inspection
from layerscope.model.instruction import Instruction, instruction_of
from layerscope.model.names import shown
from layerscope.model.suggestion import Suggestion
from layerscope.packages.found import Packages
from layerscope.packages.view import Files, packages_and_files
from layerscope.tui.glyphs import Glyphs
from layerscope.union.duplicates import Duplicates, find_duplicates
from layerscope.union.finder import Finder
from layerscope.union.tree import Tree


class Material:
    """An inspection, its tree and the signs to draw it with; made in the thread that reads the image."""

    def __init__(self, inspection: Inspection, glyphs: Glyphs) -> None:
        self.inspection = inspection
        self.glyphs = glyphs
        self.tree = Tree(inspection.analysis.index, inspection.analysis.waste)
        self.finder = Finder(self.tree)

    @cached_property
    def duplicates(self) -> list[Duplicates]:
        """Groups of equal files, the costliest first."""
        return find_duplicates(self.inspection.analysis.index)

    @cached_property
    def packages(self) -> tuple[Packages, list[Files]]:
        """What is installed, and the files of each of the packages."""
        return packages_and_files(self.inspection.present)

    @property
    def suggestions(self) -> tuple[Suggestion, ...]:
        """What to change, what saves most first."""
        return self.inspection.suggestions

    @cached_property
    def instructions(self) -> tuple[Instruction | None, ...]:
        """The instruction of each layer, None where the history has none."""
        return tuple(instruction_of(layer.history) for layer in self.inspection.image.layers)

    def instruction(self, layer: int) -> str:
        """A layer's instruction on one line."""
        found = self.instructions[layer]
        return shown(str(found)) if found is not None else "(no history)"

    @property
    def base_layers(self) -> int:
        """How many layers belong to the base, 0 where nobody knows."""
        return self.inspection.image.base_layers or 0
