"""What to change, how much it saves, and the lines to write; ticks add up to the image that could be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from layerscope.advice.potential import counted, potential
from layerscope.model.names import shown
from layerscope.model.people import path as path_text
from layerscope.model.people import percent, size
from layerscope.model.suggestion import Suggestion
from layerscope.tui.glyphs import Glyphs
from layerscope.tui.material import Material
from layerscope.tui.panes.pane import GoTo, Pane
from layerscope.tui.selection import Selection
from layerscope.tui.widgets.row_list import Part, RowList

_BAR = 8
_PATHS = 12
_MARKS = {"high": "+++", "medium": "++", "low": "+"}


class SuggestionList(RowList):
    """One row a suggestion."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "tick", "Tick")]

    def __init__(self, glyphs: Glyphs, suggestions: Sequence[Suggestion], assume: Sequence[str] = ()) -> None:
        super().__init__()
        self._glyphs = glyphs
        self._all = suggestions
        self._seen = list(suggestions)
        self._scale = max((found.net_bytes for found in suggestions), default=0)
        self.ticked = {id(found) for found in counted(suggestions, assume)}

    @property
    def current(self) -> Suggestion | None:
        """The suggestion under the cursor."""
        return self._seen[self.cursor] if self._seen else None

    @property
    def followed(self) -> list[Suggestion]:
        """All that is ticked."""
        return [found for found in self._all if id(found) in self.ticked]

    def narrow(self, words: Sequence[str]) -> int:
        """Show those that speak of all these words."""
        self._seen = [found for found in self._all if all(word in _text_of(found) for word in words)]
        self.rows_changed(0)
        return len(self._seen)

    def row_count(self) -> int:
        """As many as pass the filter."""
        return len(self._seen)

    def empty(self) -> str:
        """What it means that there are none."""
        return " nothing to suggest: this image is lean"

    def title(self, width: int) -> str | None:
        """The columns' names."""
        sure = "sure  " if width >= 60 else ""
        return f"     {'saves':>8} {'':{_BAR}}  {sure}{'layer':<6} what to change"

    def parts(self, index: int, width: int) -> Iterable[Part]:
        """One suggestion."""
        found = self._seen[index]
        ticked = id(found) in self.ticked
        box = self._glyphs.ticked if ticked else self._glyphs.unticked
        yield f" {box:<3} ", "accent" if ticked else "dim"
        yield (
            f"{size(found.net_bytes) if found.net_bytes else self._glyphs.dot:>8} ",
            "strong" if ticked else "",
        )
        yield self._glyphs.bar(found.net_bytes, self._scale, _BAR), "bar" if ticked else "faint"
        used = 5 + 9 + _BAR + 9
        if width >= 60:
            yield f"  {_MARKS[found.confidence]:<4}", "dim"
            used += 6
        else:
            used += 2
            yield "  ", ""
        yield f"{_layers(found):<6} ", "dim"
        yield self._glyphs.fit(shown(found.title), max(4, width - used)).rstrip(), "" if ticked else "dim"

    def action_tick(self) -> None:
        """Tick, or untick."""
        if self.current is not None:
            self.ticked.symmetric_difference_update((id(self.current),))
            self.refresh()
            self.post_message(self.Moved(self, self.cursor))

    def clicked(self, index: int, x: int) -> None:  # noqa: ARG002 - the row is the current one
        """Tick where the box is clicked."""
        if x < 5:
            self.action_tick()


class SuggestionsPane(Pane):
    """The list, and the whole of the one under the cursor."""

    NAME: ClassVar[str] = "suggestions"
    TITLE: ClassVar[str] = "Suggestions"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("s", "write_smaller", "Smaller image")]

    def __init__(self, material: Material, selection: Selection) -> None:
        super().__init__(material, selection)
        self._list = SuggestionList(material.glyphs, material.suggestions, material.inspection.assume)
        self._fix = Static("", markup=False)
        self._sum = Static("", id="sum", markup=False)

    def compose(self) -> ComposeResult:
        """List, fix, sum."""
        yield self._list
        with VerticalScroll(id="fix", can_focus=False):
            yield self._fix
        yield self._sum

    def on_mount(self) -> None:
        """Take on the colours of another theme."""
        self.app.theme_changed_signal.subscribe(self, lambda _: self._tell())

    def count(self) -> int | None:
        """How many."""
        return len(self.material.suggestions)

    def filter(self, text: str) -> str:
        """Suggestions that speak of all the words."""
        return f"{self._list.narrow(text.lower().split()):,} of {len(self.material.suggestions):,}"

    def on_row_list_moved(self) -> None:
        """Show the whole of it."""
        self._tell()

    def _tell(self) -> None:
        found = self._list.current
        self._fix.update(self._written(found) if found is not None else "")
        self.query_one("#fix").scroll_home(animate=False)
        totals = self.material.inspection.analysis.totals
        could = potential(totals, self._list.followed)
        share = f", {percent(could.saved_ratio)} less" if totals.content_bytes else ""
        arrow = self.material.glyphs.arrow
        compressed = (
            f"; compressed {size(totals.compressed_bytes)} {arrow} about {size(could.compressed_bytes)}"
            if totals.compressed_bytes < totals.tar_bytes
            else ""
        )
        self._sum.update(
            f" {size(totals.content_bytes)} {arrow} {size(could.content_bytes)} "
            f"with {could.suggestion_count} ticked{share}{compressed}"
        )

    def action_write_smaller(self) -> None:
        """Write the image without what is ticked."""
        from layerscope.tui.screens.smaller import SmallerDialog

        self.app.push_screen(SmallerDialog(self.material, self._list.followed))

    def reading(self) -> str:
        """The suggestion in a sentence."""
        found = self._list.current
        return f"{found.rule}: {shown(found.title)}" if found is not None else ""

    def _written(self, found: Suggestion) -> Text:
        colours = self.app.theme_variables
        text = Text()
        text.append(shown(found.title), style="bold")
        whose = {"own": "  yours to fix", "base": "  in the base image", None: ""}[found.blame]
        text.append(f"\n{found.rule}  {found.confidence} confidence{whose}", style="dim")
        if found.gross_bytes != found.net_bytes:
            text.append(f"  {size(found.gross_bytes)} in all, the rest is told elsewhere", style="dim")
        beside = self.material.inspection.beside
        if beside is not None and found.dockerfile_lines is not None:
            text.append(f"\n\n{shown(beside.path)}:{found.dockerfile_lines[0]}", style="bold")
        if found.instruction:
            text.append(f"\n\n{shown(found.instruction)}", style="dim")
        text.append(f"\n\n{self._lines(found.fix)}")
        if found.rewrite:
            text.append(f"\n\n{self._lines(found.rewrite)}", style=colours.get("text-success", ""))
        if found.risk:
            text.append(f"\n\n{self._lines(found.risk)}", style=colours.get("text-warning", ""))
        if found.paths:
            text.append("\n")
        for path in found.paths[:_PATHS]:
            text.append(f"\n  {path_text(path)}", style="dim")
        if found.path_count > min(_PATHS, len(found.paths)):
            text.append(f"\n  and {found.path_count - min(_PATHS, len(found.paths)):,} more", style="dim")
        return text

    def _lines(self, text: str) -> str:
        """A text of our own that may quote an image: harmless, its lines and backslashes kept."""
        lines = ("\\".join(map(shown, line.split("\\"))) for line in text.split("\n"))
        return self.material.glyphs.plain("\n".join(lines))

    def on_row_list_chosen(self, event: SuggestionList.Chosen) -> None:
        """Go to the largest of its paths."""
        event.stop()
        found = self._list.current
        if found is not None and found.paths:
            self.post_message(GoTo(found.paths[0], found.layers[0] if found.layers else None))


def _layers(found: Suggestion) -> str:
    if not found.layers:
        return ""
    first, last = min(found.layers), max(found.layers)
    return str(first) if first == last else f"{first}-{last}"


def _text_of(found: Suggestion) -> str:
    return f"{found.rule} {found.title} {found.family} {' '.join(found.paths)}".lower()
