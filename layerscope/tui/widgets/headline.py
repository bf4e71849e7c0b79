"""The answer first: what the image is, how large, how much of it is wasted, as a line and as a bar."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from layerscope.model.names import shown
from layerscope.model.people import cells, percent, size
from layerscope.model.waste import Cause
from layerscope.tui.material import Material

Portion = tuple[str, str, int]
"""What it is called, the style it is drawn in, its bytes."""

_SHADES = {"visible": "█", "base": "▓", "deleted": "░", "overwritten": "▒", "metadata_only": "▚"}
_PLAIN = {"visible": "=", "base": "-", "deleted": "D", "overwritten": "M", "metadata_only": "C"}


class Headline(Widget):
    """Three lines at the top of the explorer."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *("headline--name", "headline--dim", "headline--number", "headline--waste"),
        *(f"headline--{name}" for name in _SHADES),
    }

    def __init__(self, material: Material) -> None:
        super().__init__()
        self._material = material
        self._portions = portions(material)

    def render_line(self, y: int) -> Strip:
        """One of the three lines."""
        width = self.size.width
        line = (self._title, self._bar, self._legend)[min(y, 2)]
        return Strip(list(line(width))).crop(0, width)

    def _style(self, name: str) -> Style:
        return self.rich_style + self.get_component_rich_style(f"headline--{name}")

    def _title(self, width: int) -> Iterator[Segment]:
        image, totals = self._material.inspection.image, self._material.inspection.analysis.totals
        count = len(image.layers)
        base = f", {image.base_layers} of them base" if image.base_layers else ""
        platform = shown(str(image.platform or "no platform"))
        facts = f"  {platform}  {count} {'layer' if count == 1 else 'layers'}{base}"
        numbers = f"{size(totals.content_bytes)}  "
        packed = f"{size(totals.compressed_bytes)} packed  " if width >= 100 else ""
        waste = f"{size(totals.wasted_bytes)} wasted"
        share = (
            f", {percent(totals.wasted_ratio)} of content"
            if width >= 120
            else f" {percent(totals.wasted_ratio)}"
        )
        right = len(numbers) + len(packed) + len(waste) + len(share) + 1
        room = max(8, width - right - 2)
        name = self._material.glyphs.fit(
            shown(image.reference), min(cells(shown(image.reference)), room), end=True
        )
        facts = self._material.glyphs.fit(facts, max(0, room - cells(name)))
        yield Segment(" " + name, self._style("name"))
        yield Segment(facts, self._style("dim"))
        yield Segment(" " * max(1, width - 1 - cells(name) - cells(facts) - right), self.rich_style)
        yield Segment(numbers, self._style("number"))
        yield Segment(packed, self._style("dim"))
        yield Segment(waste + share, self._style("waste" if totals.wasted_bytes else "dim"))

    def _bar(self, width: int) -> Iterator[Segment]:
        room = width - 2
        total = sum(count for _, _, count in self._portions)
        shades = _SHADES if self._material.glyphs.eighths else _PLAIN
        yield Segment(" ", self.rich_style)
        drawn = 0
        for number, (_, style, count) in enumerate(self._portions):
            last = number == len(self._portions) - 1
            length = room - drawn if last else max(1, round(count / total * room)) if count else 0
            length = max(0, min(length, room - drawn))
            yield Segment(shades[style] * length, self._style(style))
            drawn += length

    def _legend(self, width: int) -> Iterator[Segment]:
        shades = _SHADES if self._material.glyphs.eighths else _PLAIN
        texts = [f" {name} {size(count)}" for name, _, count in self._portions]
        spare = width - 1 - sum(len(text) + 1 for text in texts)
        gap = " " * max(1, min(3, spare // max(1, len(texts))))
        yield Segment(" ", self.rich_style)
        for text, (_, style, _) in zip(texts, self._portions, strict=True):
            yield Segment(shades[style], self._style(style))
            yield Segment(text + gap, self._style("dim"))


def portions(material: Material) -> list[Portion]:
    """What the content consists of: what is seen, of the base and of the own layers, then waste by cause."""
    totals = material.inspection.analysis.totals
    base = 0
    if totals.base_content_bytes is not None and totals.base_wasted_bytes is not None:
        shipped = material.inspection.analysis.layers[: totals.base_layers or 0]
        base = totals.base_content_bytes - sum(layer.waste_shipped_bytes for layer in shipped)
    found = [("base", "base", base), ("own" if base else "visible", "visible", totals.visible_bytes - base)]
    names = {Cause.DELETED: "deleted", Cause.OVERWRITTEN: "overwritten", Cause.METADATA_ONLY: "copied up"}
    found += [(names[cause], cause.value, totals.wasted_by_cause[cause.value]) for cause in Cause]
    return [portion for portion in found if portion[2]]
