"""Two images side by side: their layers, what differs in their files, their packages, their configs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import ContentSwitcher, Static

from layerscope.comparison.change_tree import ChangeNode, ChangeRow, change_tree
from layerscope.comparison.comparing import Comparison
from layerscope.comparison.packages import PackageChange
from layerscope.comparison.picking import SYNTAX, parse_picking
from layerscope.comparison.settings import SettingChange
from layerscope.errors import UsageError
from layerscope.model.names import shown
from layerscope.model.people import percent, size
from layerscope.reports.comparison_data import overview_data
from layerscope.reports.comparison_words import (
    UNKNOWN,
    cause_words,
    counted,
    former_words,
    instruction_of_pair,
    number_of,
    signed,
    signed_share,
)
from layerscope.tui.glyphs import Glyphs
from layerscope.tui.screens.help import Legend
from layerscope.tui.widgets.change_list import ChangeList
from layerscope.tui.widgets.comparison_lists import (
    ComparedList,
    PackageList,
    PairList,
    SettingList,
    sign_of,
)
from layerscope.tui.widgets.filter_line import FilterLine
from layerscope.tui.widgets.key_bar import KeyBar
from layerscope.tui.widgets.row_list import RowList
from layerscope.tui.widgets.view_bar import ViewBar
from layerscope.union.compare import Change

VIEWS = ("layers", "files", "packages", "config")
_CHANGES = 3
_WIDE = 100
_FIGURES = {"tar_bytes": "unpacked", "compressed_bytes": "stored", "wasted_bytes": "wasted"}

_LEGEND = Legend(
    marks=(
        (Change.ADDED, "success", "only in the new image"),
        (Change.MODIFIED, "warning", "in both, with other content or of another version"),
        (
            Change.METADATA_ONLY,
            "copied-up",
            "in both, with the same content: owner, mode, time or size differ",
        ),
        (Change.DELETED, "error", "only in the old image"),
    ),
    filters=(
        ("conf", "conf stands in the path, the instruction, the package, the setting"),
        ("*.so", "a pattern of the name; with a slash in it, of the path"),
        ("/py(c|o)$/", "a regular expression"),
        ("size>10MB", "where it is larger, with > >= < <= ="),
        ("kind:added", "added removed modified metadata changed"),
        ("ext:so", "how the name ends"),
        ("etc -*.bak", "both words, the second one not"),
    ),
    numbers=(
        "to pull: blobs of the new image's layers, as stored, that the old image lacks.",
        "shipped again: content in them that some layer of the old image has too.",
        "old and new: what is visible in the end, below a directory all together.",
    ),
)


class Compared:
    """A comparison and what the screen draws of it, worked out before there is a screen."""

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison
        self.data = overview_data(comparison, [])
        self.tree: ChangeNode = change_tree(comparison)
        self.packages = comparison.packages
        self.settings = comparison.settings


class ComparisonScreen(Screen[None]):
    """One view at a time, each of them with the old image on the left; below it what is under the cursor."""

    LEGEND = _LEGEND
    DEFAULT_CSS = """
    ComparisonScreen #images { height: 3; padding: 0 1; }
    ComparisonScreen ContentSwitcher { height: 1fr; }
    ComparisonScreen #detail { height: 6; background: $panel; padding: 0 1; margin-top: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(str(number), f"view('{name}')", name.capitalize(), key_display=str(number))
            for number, name in enumerate(VIEWS, 1)
        ),
        Binding("slash", "filter", "Filter"),
        Binding("escape", "clear_filter", "Clear filter", show=False),
        Binding("tab", "next_view(1)", "Next view", show=False),
        Binding("shift+tab", "next_view(-1)", "View before", show=False),
        Binding("question_mark", "app.show_help_panel", "Help"),
        Binding("q", "app.quit", "Quit"),
    ]

    def __init__(self, compared: Compared, glyphs: Glyphs) -> None:
        super().__init__()
        self._compared = compared
        self._glyphs = glyphs
        self._lists: dict[str, ChangeList | ComparedList[Any]] = {
            "layers": PairList(compared.data["layers"], glyphs),
            "files": ChangeList(compared.tree, glyphs),
            "packages": PackageList(compared.packages, glyphs),
            "config": SettingList(compared.settings, glyphs),
        }
        for name, rows in self._lists.items():
            rows.id = name
        counts = {
            "layers": len(compared.data["layers"]),
            "files": compared.tree.count if compared.comparison.files is not None else None,
            "packages": None if compared.packages is None else len(compared.packages),
            "config": len(compared.settings),
        }
        self._bar = ViewBar({name: (name.capitalize(), counts[name]) for name in VIEWS}, glyphs.ellipsis)
        self._filter = FilterLine(SYNTAX)
        self._is_behind = False
        self._images = Static(id="images")
        self._detail = Static(id="detail")

    def compose(self) -> ComposeResult:
        """The images, the views, what is under the cursor."""
        yield self._images
        yield self._bar
        yield self._filter
        with ContentSwitcher(initial=VIEWS[0]):
            yield from self._lists.values()
        yield self._detail
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin with the layers."""
        self.action_view(VIEWS[0])

    def on_resize(self) -> None:
        """The lines on top are cut to the width."""
        self._images.update(self._headline())
        self._show_detail()

    def action_view(self, name: str) -> None:
        """Show another view."""
        self.query_one(ContentSwitcher).current = name
        self._bar.active = name
        self._refilter()
        self._lists[name].focus()
        self._show_detail()

    def action_next_view(self, step: int) -> None:
        """The view beside this one."""
        self.action_view(VIEWS[(VIEWS.index(self._bar.active) + step) % len(VIEWS)])

    def on_view_bar_picked(self, event: ViewBar.Picked) -> None:
        """A title was clicked."""
        event.stop()
        self.action_view(event.name)

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        """Tell of what is under the cursor."""
        event.stop()
        if event.rows is self._lists[self._bar.active]:
            self._show_detail()

    # The filter

    def action_filter(self) -> None:
        """Open the line that filters."""
        self._filter.open()
        tree = self._lists["files"]
        if isinstance(tree, ChangeList):
            self.call_after_refresh(tree.prepare)

    def action_clear_filter(self) -> None:
        """Everything again."""
        if self._filter.text:
            self._filter.action_clear()

    @on(FilterLine.Changed)
    def _filter_changed(self) -> None:
        """Of keys that come faster than very many paths are gone through, only the last one counts."""
        if not self._is_behind:
            self._is_behind = True
            self.call_after_refresh(self._refilter)

    def _refilter(self) -> None:
        self._is_behind = False
        if not self._filter.is_mounted:
            return
        text, rows = self._filter.text, self._lists[self._bar.active]
        try:
            self._filter.tell(rows.filter(parse_picking(text) if text.strip() else None))
        except UsageError as error:
            self._filter.tell(shown(error.message), wrong=True)
        self._show_detail()

    @on(FilterLine.Left)
    def _filter_left(self) -> None:
        self._lists[self._bar.active].focus()

    # What is said

    def _headline(self) -> Text:
        data, width = self._compared.data, max(20, self.size.width - 2)
        totals, update = data["totals"], data["update"]
        half = (width - 4) // 2
        old, new = (
            self._glyphs.fit(data[side]["reference"], half, end=True).rstrip() for side in ("old", "new")
        )
        figures = []
        for name, said in _FIGURES.items():
            row = totals[name]
            share = signed_share(row["delta"], row["old"]) if width >= _WIDE else ""
            change = ", ".join(filter(None, (signed(row["delta"]), share)))
            figures.append(f"{said} {size(row['new'])} ({change})")
        count = sum(pair["new"] is not None for pair in data["layers"])
        pull = self._pull(update, count) if update["layers"] else "to pull: nothing, it has all layers"
        text = Text(no_wrap=True, end="")
        text.append(old, "dim")
        text.append(f" {self._glyphs.arrow} ", "dim")
        text.append(new, "bold")
        for line, style in (("   ".join(figures), ""), (pull, "bold")):
            text.append("\n" + self._fit(line, width), style)
        return text

    def _pull(self, update: dict[str, Any], count: int) -> str:
        """What a node that has the old image must pull, in one line of a narrow screen."""
        said = f"to pull: {size(update['pull_bytes'])} of {size(update['total_bytes'])} in "
        said += f"{len(update['layers'])} of {counted(count, 'layer')}"
        if update["again_bytes"] is not None and update["content_bytes"]:
            said += f"; {percent(update['again_bytes'] / update['content_bytes'])} of it shipped again"
        return said + (" (stored uncompressed)" if update["uncompressed_bytes"] else "")

    def _fit(self, line: str, width: int) -> str:
        return self._glyphs.fit(self._glyphs.plain(line), width).rstrip()

    def _show_detail(self) -> None:
        rows = self._lists[self._bar.active or VIEWS[0]]
        lines: Sequence[str] = []
        if isinstance(rows, PairList):
            lines = self._of_pair(rows)
        elif isinstance(rows, ChangeList) and rows.current is not None:
            lines = self._of_change(rows.current)
        elif isinstance(rows, PackageList) and rows.current is not None:
            lines = _of_package(rows.current)
        elif isinstance(rows, SettingList) and rows.current is not None:
            lines = _of_setting(rows.current)
        width = max(20, self.size.width - 2)
        text = Text(no_wrap=True, end="")
        for number, line in enumerate(lines[:6]):
            text.append(("\n" if number else "") + self._fit(line, width), "bold" if not number else "")
        self._detail.update(text)

    def _of_pair(self, rows: PairList) -> list[str]:
        pair = rows.current
        if pair is None:
            return []
        said = f"the {pair['status']}" if pair["status"] == "same" else pair["status"]
        if pair["cause"] is not None:
            alone = pair["old"] is None or pair["new"] is None
            said = cause_words(pair) if alone else f"{said}, {cause_words(pair)}"
        lines = [f"{number_of(pair)}: {said}"]
        former = former_words(pair)
        if former is not None:
            lines.append(f"before: {former}")
        lines.append(instruction_of_pair(pair))
        shown = pair["largest_changes"] if pair["old"] and pair["new"] else []
        for change in shown[:_CHANGES]:
            sign = sign_of("removed" if change["marker"] else change["change"], self._glyphs)
            lines.append(f"  {sign} {size(change['size_bytes']):>8}  /{change['path']}")
        more = (pair["changed_entries"] or 0) - _CHANGES
        if more > 0 and len(lines) > _CHANGES:
            lines[-1] += f"   and {more:,} more"
        return lines

    def _of_change(self, row: ChangeRow) -> list[str]:
        node, change = row.node, row.node.change
        sizes = [("nothing" if count is None else size(count)) for count in (node.old_bytes, node.new_bytes)]
        lines = [f"/{node.path}", f"{sizes[0]} → {sizes[1]} ({signed(node.delta_bytes)})"]
        if change is None:
            known = self._compared.comparison.files is not None
            lines.append(f"{counted(node.count, 'path')} below it" if known else f"{UNKNOWN} single files")
            return lines
        said = ("the directory itself: " if node.children else "") + change.change.replace("_", " ")
        lines.append(f"{said} ({', '.join(change.differs)})" if change.differs else said)
        comparison = self._compared.comparison
        sides = (("old", comparison.old, change.old_layer), ("new", comparison.new, change.new_layer))
        for word, subject, layer in sides:
            if layer is not None:
                instruction = self._instruction(word, layer) if layer < len(subject.layers) else ""
                lines.append(f"{word}: layer {layer}, {instruction}")
        return lines

    def _instruction(self, side: str, layer: int) -> str:
        for pair in self._compared.data["layers"]:
            if pair[side] is not None and pair[side]["number"] == layer:
                return str(pair[side]["instruction"] or "(no history)")
        return "(no history)"


def _of_package(change: PackageChange) -> list[str]:
    package = change.either
    lines = [f"{package.name}  {change.status.value}"]
    for word, one in (("old", change.old), ("new", change.new)):
        if one is not None:
            lines.append(
                f"{word}: {one.version or 'no version'}, {size(one.size_bytes)}, told by /{one.record}"
            )
    return lines


def _of_setting(change: SettingChange) -> list[str]:
    lines = [f"{change.field} {change.name}".rstrip()]
    for word, value in (("old", change.old), ("new", change.new)):
        lines.append(f"{word}: {'not set' if value is None else value}")
    return lines
