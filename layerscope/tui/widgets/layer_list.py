"""The stack of layers: how large each is, what it wastes, and the instruction that made it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import msgspec
from textual.binding import Binding, BindingType
from textual.message import Message

from layerscope.model.image import HistoryEntry
from layerscope.model.instruction import instruction_of
from layerscope.model.names import shown
from layerscope.model.people import size
from layerscope.tui.material import Material
from layerscope.tui.widgets.row_list import Part, RowList

_BAR = 4


class _Line(msgspec.Struct, frozen=True):
    """A layer, or steps without one that stand before it (``layer`` is None)."""

    layer: int | None
    steps: tuple[HistoryEntry, ...] = ()
    before: int = 0


class LayerList(RowList):
    """One row a layer; steps without a layer are folded into one dimmed row."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "range", "Range"),
        Binding("e", "steps", "Steps", show=False),
    ]

    class Selected(Message):
        """Another layer, or range of layers, was selected."""

        def __init__(self, first: int, last: int) -> None:
            super().__init__()
            self.first = first
            self.last = last

    def __init__(self, material: Material) -> None:
        super().__init__()
        self._material = material
        self._unfolded = False
        self._anchor: int | None = None
        self._lines = self._make_lines()
        totals = material.inspection.analysis.layers
        self._scale = max((layer.content_bytes for layer in totals), default=0)

    def _make_lines(self) -> list[_Line]:
        image = self._material.inspection.image
        lines: list[_Line] = []
        for layer in image.layers:
            lines += self._steps(layer.empty_steps, layer.number)
            lines.append(_Line(layer.number))
        return lines + self._steps(image.trailing_steps, len(image.layers))

    def _steps(self, steps: tuple[HistoryEntry, ...], before: int) -> list[_Line]:
        if not steps:
            return []
        if self._unfolded:
            return [_Line(None, (step,), before) for step in steps]
        return [_Line(None, steps, before)]

    def row_count(self) -> int:
        """Layers and steps."""
        return len(self._lines)

    def empty(self) -> str:
        """What an image without layers shows."""
        return " the image has no layers"

    @property
    def span(self) -> tuple[int, int]:
        """The layers from the anchor to the cursor, the one under the cursor without an anchor."""
        here = self.layer_at(self.cursor)
        other = here if self._anchor is None else self._anchor
        return min(here, other), max(here, other)

    def layer_at(self, index: int) -> int:
        """The layer of a row; of steps the one they stand before, or the last."""
        if not self._lines:
            return 0
        line = self._lines[index]
        last = len(self._material.inspection.image.layers) - 1
        return line.layer if line.layer is not None else max(0, min(line.before, last))

    def select(self, first: int, last: int) -> None:
        """Put the cursor on a layer, or mark a range."""
        self._anchor = None if first == last else first
        for index, line in enumerate(self._lines):
            if line.layer == last:
                self.cursor = index
        self.refresh()

    def watch_cursor(self, old: int, new: int) -> None:
        """Tell of the layer."""
        super().watch_cursor(old, new)
        if self._anchor is not None:
            self.refresh()
        self.post_message(self.Selected(*self.span))

    def action_range(self) -> None:
        """Begin a range at the cursor, or end it."""
        self._anchor = self.layer_at(self.cursor) if self._anchor is None else None
        self.refresh()
        self.post_message(self.Selected(*self.span))

    def action_steps(self) -> None:
        """Unfold the steps without a layer, or fold them."""
        layer = self.layer_at(self.cursor)
        self._unfolded = not self._unfolded
        self._lines = self._make_lines()
        self.rows_changed(next((i for i, line in enumerate(self._lines) if line.layer == layer), 0))

    def title(self, width: int) -> str | None:
        """The columns' names."""
        zipped = f"{'packed':>9}" if self._wide(width) else ""
        return f"  {'#':>3} {'':{_BAR}} {'size':>8}{zipped} {'causes':>8}  instruction"

    def _wide(self, width: int) -> bool:
        return width >= 70

    def parts(self, index: int, width: int) -> Iterable[Part]:
        """A layer or folded steps."""
        line = self._lines[index]
        if line.layer is None:
            yield from self._step_parts(line, width)
            return
        glyphs = self._material.glyphs
        totals = self._material.inspection.analysis.layers[line.layer]
        base = line.layer < self._material.base_layers
        first, last = self.span
        marked = self._anchor is not None and first <= line.layer <= last
        yield ("▌ " if glyphs.eighths else "> ") if marked else "  ", "accent"
        yield f"{line.layer:>3} ", "dim" if base else ""
        yield glyphs.bar(totals.content_bytes, self._scale, _BAR), "bar-base" if base else "bar"
        yield f" {size(totals.content_bytes):>8}", "dim" if base else ""
        if self._wide(width):
            yield f"{size(totals.compressed_bytes):>9}", "dim"
        waste = totals.waste_caused_bytes
        yield f" {size(waste) if waste else glyphs.dot:>8}  ", "deleted" if waste else "faint"
        used = 2 + 4 + _BAR + 9 + (9 if self._wide(width) else 0) + 11
        yield from self._instruction(line.layer, max(1, width - used), base=base)

    def _instruction(self, layer: int, room: int, *, base: bool) -> Iterable[Part]:
        found = self._material.instructions[layer]
        glyphs = self._material.glyphs
        if self._material.inspection.image.layers[layer].missing:
            yield glyphs.fit("(missing)", room), "deleted"
            return
        if found is None:
            yield glyphs.fit("(no history)", room), "faint"
            return
        keyword = f"{found.keyword} " if found.keyword else ""
        yield keyword[:room], "dim" if base else "accent"
        text = " ".join(shown(found.text).split())
        yield glyphs.fit(text, max(0, room - len(keyword))), "dim" if base else ""

    def _step_parts(self, line: _Line, width: int) -> Iterable[Part]:
        used = 2 + 4 + _BAR + 9 + (9 if self._wide(width) else 0) + 11
        texts = [str(found) for step in line.steps if (found := instruction_of(step)) is not None]
        text = shown(texts[0] if texts else "(empty step)")
        if len(line.steps) > 1:
            keywords = dict.fromkeys(step_text.partition(" ")[0] for step_text in texts)
            text = f"{len(line.steps)} steps without a layer: {' '.join(keywords)}"
        yield " " * used, ""
        yield self._material.glyphs.fit(text, max(1, width - used)), "faint"
