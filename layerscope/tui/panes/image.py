"""The image itself: what it is called, how it runs, its digests, its balance sheet."""

from __future__ import annotations

from typing import Any, ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from layerscope.model.image import Layer
from layerscope.model.names import shown
from layerscope.model.people import percent, size
from layerscope.model.waste import Cause
from layerscope.tui.panes.pane import Pane
from layerscope.tui.panes.waste import LABELS

_RUNTIME = (
    *("Entrypoint", "Cmd", "User", "WorkingDir", "Env", "ExposedPorts"),
    *("Volumes", "StopSignal", "Healthcheck", "Shell", "OnBuild", "Labels"),
)


class ImagePane(Pane):
    """Facts in two columns."""

    NAME: ClassVar[str] = "image"
    TITLE: ClassVar[str] = "Image"

    def compose(self) -> ComposeResult:
        """One text that scrolls."""
        with VerticalScroll(can_focus=True):
            yield Static(self._written())

    def _written(self) -> Table:
        inspection = self.material.inspection
        image, totals = inspection.image, inspection.analysis.totals
        wasted = [
            (LABELS[Cause(cause)], size(count)) for cause, count in totals.wasted_by_cause.items() if count
        ]
        table = Table.grid(padding=(0, 2))
        table.add_column(justify="right", style="dim", no_wrap=True)
        table.add_column(overflow="fold")
        names = "\n".join(shown(name) for name in image.names)
        facts: list[tuple[str, str]] = [
            ("reference", shown(image.reference)),
            ("names", names),
            ("platform", shown(str(image.platform or "unknown"))),
            ("digest", image.digest or ""),
            ("image ID", image.image_id or ""),
            ("created", shown(image.config.created or "")),
            ("author", shown(image.config.author or "")),
            ("", ""),
            ("visible", f"{size(totals.visible_bytes)}  {percent(totals.efficiency_ratio)} of content"),
            *wasted,
            ("content", size(totals.content_bytes)),
            ("tar overhead", size(totals.tar_overhead_bytes)),
            ("layers unpacked", size(totals.tar_bytes)),
            ("layers as stored", size(totals.compressed_bytes)),
            ("waste as stored", f"about {size(totals.compressed_wasted_bytes)}"),
            ("base", "unknown" if image.base_layers is None else f"{image.base_layers} layers"),
            ("", ""),
            *((key, _value(image.config.runtime.get(key))) for key in _RUNTIME),
            *((shown(key), shown(value)) for key, value in sorted(image.annotations.items())),
            *(("remark", shown(remark.message)) for remark in inspection.diagnostics[:50]),
            ("", ""),
            *((f"layer {layer.number}", _digests(layer)) for layer in image.layers),
        ]
        for name, value in facts:
            if value or not name:
                table.add_row(Text(name), Text(value))
        return table


def _digests(layer: Layer) -> str:
    """What a layer is known by: unpacked, and as it is stored where a manifest tells that."""
    known: list[tuple[str, str | None]] = [("diff ID", layer.diff_id)]
    if layer.descriptor is not None:
        known.append(("digest ", layer.descriptor.digest))
    return "\n".join(f"{name} {shown(digest)}" for name, digest in known if digest is not None)


def _value(value: Any) -> str:
    """A value of the config on as many lines as it has parts."""
    if isinstance(value, dict):
        return "\n".join(
            shown(str(key)) if item in ({}, None) else f"{shown(str(key))}={shown(str(item))}"
            for key, item in sorted(value.items())
        )
    if isinstance(value, list):
        return "\n".join(shown(str(item)) for item in value)
    return shown(str(value)) if value else ""
