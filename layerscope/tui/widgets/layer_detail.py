"""The selected layer: its figures, and its whole instruction as one would write it."""

from __future__ import annotations

from datetime import UTC, datetime

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from layerscope.model.names import shown
from layerscope.model.people import size
from layerscope.tui.material import Material
from layerscope.tui.selection import Selection
from layerscope.tui.words import shell_lines
from layerscope.union.compare import Change


class LayerDetail(VerticalScroll, can_focus=False):
    """Follows the selection of layers."""

    def __init__(self, material: Material) -> None:
        super().__init__()
        self._material = material
        self._text = Static("", markup=False)
        self._selection: Selection | None = None

    def on_mount(self) -> None:
        """Take on the colours of another theme."""
        self.app.theme_changed_signal.subscribe(self, lambda _: self._draw())

    def compose(self) -> ComposeResult:
        """One text."""
        yield self._text

    def show(self, selection: Selection) -> None:
        """Tell of these layers."""
        self._selection = selection
        self._draw()
        self.scroll_home(animate=False)

    def _draw(self) -> None:
        if self._selection is not None:
            self._text.update(self._written(self._selection))

    def _style(self, name: str) -> str:
        # Rich calls the terminal's own colours by other names than Textual.
        return self.app.theme_variables.get(name, "").removeprefix("ansi_")

    def _written(self, selection: Selection) -> Text:
        material = self._material
        image = material.inspection.image
        if not image.layers:
            return Text("an image without layers", style="dim")
        text = Text()
        text.append(f"{selection.title}  ", style="bold")
        text.append_text(self._figures(selection))
        text.append("\n")
        text.append_text(self._counts(selection))
        for number in range(selection.first, min(selection.last, selection.first + 9) + 1):
            text.append("\n\n" if number == selection.first else "\n")
            text.append_text(self._instruction(number, numbered=selection.first != selection.last))
        return text

    def _figures(self, selection: Selection) -> Text:
        layers = self._material.inspection.analysis.layers[selection.first : selection.last + 1]
        content = sum(layer.content_bytes for layer in layers)
        packed = sum(layer.compressed_bytes for layer in layers)
        kinds = " ".join(dict.fromkeys(layer.compression for layer in layers if layer.compression != "none"))
        text = Text(size(content))
        text.append(f"  {size(packed)} packed{f' ({kinds})' if kinds else ''}", style="dim")
        age = self._age(selection.last)
        if age:
            text.append(f"  {age}", style="dim")
        return text

    def _age(self, number: int) -> str:
        step = self._material.inspection.image.layers[number].history
        if step is None or not step.created:
            return ""
        try:
            created = datetime.fromisoformat(step.created)
        except ValueError:
            return ""
        if created.tzinfo is None or created.year < 1990:  # reproducible builds say 1970 or 1980
            return ""
        import humanize

        return str(humanize.naturaltime(datetime.now(UTC) - created))

    def _counts(self, selection: Selection) -> Text:
        tree, marks = self._material.tree, self._material.glyphs.marks
        text = Text()
        numbers = range(selection.first, selection.last + 1)
        found = [tree.layer(number) for number in numbers]
        counts = {
            Change.ADDED: (sum(item.added for item in found), "text-success"),
            Change.MODIFIED: (sum(item.modified for item in found), "text-warning"),
            Change.METADATA_ONLY: (sum(item.metadata_only for item in found), "copied-up"),
            Change.DELETED: (sum(item.deleted for item in found), "text-error"),
        }
        for change, (count, colour) in counts.items():
            if count:
                text.append(f"{marks[change]}{count:,} ", style=self._style(colour))
        layers = self._material.inspection.analysis.layers[selection.first : selection.last + 1]
        shipped = sum(layer.waste_shipped_bytes for layer in layers)
        caused = sum(layer.waste_caused_bytes for layer in layers)
        if shipped:
            text.append(f" ships {size(shipped)} that nobody sees", style="dim")
        if caused:
            text.append(f"  causes {size(caused)} of waste", style=self._style("text-error"))
        return text

    def _instruction(self, number: int, *, numbered: bool) -> Text:
        text = Text()
        text.append(f"{number:>3}  " if numbered else "", style="dim")
        found = self._material.instructions[number]
        missing = self._material.inspection.image.layers[number].missing
        if missing:
            text.append(shown(missing), style=self._style("text-error"))
        elif found is None:
            text.append("the history does not tell what made this layer", style="dim")
        else:
            for argument in found.arguments:
                text.append(f"ARG {shown(argument)}\n", style="dim")
            if found.keyword:
                text.append(f"{found.keyword} ", style=f"bold {self._style('text-primary')}")
            text.append(" \\\n  ".join(shell_lines(found)))
        return text
