"""The layers as a row of little columns, for screens too narrow for the list of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from layerscope.model.people import size
from layerscope.tui.material import Material
from layerscope.tui.selection import Selection

_LEVELS = "▁▂▃▄▅▆▇█"
_PLAIN_LEVELS = "_.:-=+*#"


class LayerStrip(Widget):
    """One line: each layer as high as it is large, in red where it causes waste, the selected one marked."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *("strip--layer", "strip--waste", "strip--selected", "strip--text", "strip--key"),
    }

    class Picked(Message):
        """A layer was clicked."""

        def __init__(self, layer: int) -> None:
            super().__init__()
            self.layer = layer

    def __init__(self, material: Material) -> None:
        super().__init__()
        self._material = material
        self._selection: Selection | None = None
        self._start = 0
        totals = material.inspection.analysis.layers
        self._scale = max((layer.content_bytes for layer in totals), default=0)

    def show(self, selection: Selection) -> None:
        """Mark other layers."""
        self._selection = selection
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """The line."""
        width = self.size.width
        return Strip(list(self._segments(width)) if y == 0 else []).adjust_cell_length(width, self.rich_style)

    def _segments(self, width: int) -> Iterator[Segment]:
        selection = self._selection
        totals = self._material.inspection.analysis.layers
        if selection is None or not totals:
            return
        room = max(1, min(len(totals), width - 56))
        self._start = max(0, min(selection.last - room // 2, len(totals) - room))
        levels = _LEVELS if self._material.glyphs.eighths else _PLAIN_LEVELS
        yield Segment(" ", self.rich_style)
        for layer in totals[self._start : self._start + room]:
            level = round(layer.content_bytes / self._scale * 7) if self._scale else 0
            name = "waste" if layer.waste_caused_bytes else "layer"
            if selection.first <= layer.number <= selection.last:
                name = "selected"
            yield Segment(levels[level], self._style(name))
        yield Segment(f"  {selection.title} of {len(totals)}", self._style("text"))
        layer = totals[selection.last]
        causes = f", causes {size(layer.waste_caused_bytes)}" if layer.waste_caused_bytes else ""
        yield Segment(f": {size(layer.content_bytes)}{causes}  ", self._style("text"))
        for key, what in ((", .", "change"), ("0", "list")):
            yield Segment(f" {key}", self._style("key"))
            yield Segment(f" {what}", self._style("text"))

    def _style(self, name: str) -> Style:
        return self.rich_style + self.get_component_rich_style(f"strip--{name}")

    def on_click(self, event: events.Click) -> None:
        """Select the layer under the mouse."""
        layer = self._start + event.x - 1
        if event.x >= 1 and layer < len(self._material.inspection.analysis.layers):
            self.post_message(self.Picked(layer))
