"""The explorer: layers on the left, one view of them on the right, one selection for both."""

from __future__ import annotations

import asyncio
from typing import ClassVar

import msgspec
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import ContentSwitcher, Input, Static

from layerscope.errors import UsageError
from layerscope.model.names import shown
from layerscope.model.people import path as path_text
from layerscope.tui import words
from layerscope.tui.background import in_background
from layerscope.tui.material import Material
from layerscope.tui.panes.biggest import BiggestPane
from layerscope.tui.panes.duplicates import DuplicatesPane
from layerscope.tui.panes.files import FilesPane
from layerscope.tui.panes.image import ImagePane
from layerscope.tui.panes.packages import PackagesPane
from layerscope.tui.panes.pane import GoTo, Pane
from layerscope.tui.panes.suggestions import SuggestionsPane
from layerscope.tui.panes.treemap import TreemapPane
from layerscope.tui.panes.waste import WastePane
from layerscope.tui.screens.extract import ExtractDialog
from layerscope.tui.screens.path_history import Leaving, PathHistory
from layerscope.tui.selection import Selection
from layerscope.tui.target import Target, target_of
from layerscope.tui.widgets.file_tree import FileTree
from layerscope.tui.widgets.filter_line import FilterLine
from layerscope.tui.widgets.headline import Headline
from layerscope.tui.widgets.key_bar import KeyBar
from layerscope.tui.widgets.layer_detail import LayerDetail
from layerscope.tui.widgets.layer_list import LayerList
from layerscope.tui.widgets.layer_strip import LayerStrip
from layerscope.tui.widgets.preview import Preview
from layerscope.tui.widgets.row_list import RowList
from layerscope.tui.widgets.scroll_bar import draw_scroll_bars
from layerscope.tui.widgets.treemap import Treemap
from layerscope.tui.widgets.view_bar import ViewBar
from layerscope.union.tree import Sort

PANES: tuple[type[Pane], ...] = (
    FilesPane,
    WastePane,
    SuggestionsPane,
    BiggestPane,
    DuplicatesPane,
    TreemapPane,
    ImagePane,
    PackagesPane,
)


class _Place(msgspec.Struct, frozen=True):
    """Where one was, to go back to."""

    selection: Selection
    pane: str


class Explorer(Screen[None]):
    """One image."""

    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012 - as Textual has it
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.focus_next", "Next region", show=False),
        Binding("slash", "filter", "Filter"),
        Binding("p", "preview", "Preview"),
        Binding("w", "why", "Why"),
        Binding("x", "extract", "Extract"),
        Binding("y", "copy", "Copy", show=False),
        Binding("escape", "clear_filter", "Clear filter", show=False),
        Binding("backspace", "back", "Back", show=False),
        Binding("comma,left_square_bracket", "layer(-1)", "Layer below", show=False),
        Binding("full_stop,right_square_bracket", "layer(1)", "Layer above", show=False),
        Binding("question_mark", "help", "Help"),
        Binding("q", "app.quit", "Quit"),
        Binding("0", "layers", "Layers", show=False),
        *(
            Binding(str(number), f"pane('{pane.NAME}')", pane.TITLE, show=False)
            for number, pane in enumerate(PANES, 1)
        ),
    ]

    def __init__(self, material: Material, *, sort: Sort = Sort.SIZE, aggregated: bool = True) -> None:
        super().__init__()
        self._material = material
        draw_scroll_bars(plain=not material.glyphs.eighths)
        last = max(0, len(material.inspection.image.layers) - 1)
        self.selection = Selection(first=last, last=last, sort=sort, aggregated=aggregated)
        self._layers = LayerList(material)
        self._detail = LayerDetail(material)
        self._panes = {pane.NAME: pane(material, self.selection) for pane in PANES}
        titles = {name: (pane.TITLE, pane.count()) for name, pane in self._panes.items()}
        self._bar = ViewBar(titles, material.glyphs.ellipsis)
        self._filter = FilterLine()
        self._reading = Static("", id="reading", markup=False)
        self._strip = LayerStrip(material)
        self._been: list[_Place] = []
        self._preview: Preview | None = None

    def compose(self) -> ComposeResult:
        """The regions."""
        yield Headline(self._material)
        yield self._strip
        with Horizontal(id="body"):
            with Vertical(id="left"):
                yield Static(" LAYERS", classes="region", markup=False)
                yield self._layers
                yield self._detail
            with Vertical(id="right"):
                yield self._bar
                yield self._filter
                with ContentSwitcher(initial="files", id="views"):
                    yield from self._panes.values()
        yield self._reading
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin with the last layer."""
        self._bar.active = "files"
        self._layers.select(self.selection.first, self.selection.last)
        self._follow()
        self._panes["files"].query_one(FileTree).focus()

    @property
    def pane(self) -> Pane:
        """The view that is seen."""
        return self._panes[self._bar.active]

    def select(self, **values: object) -> None:
        """Select something else; whatever is seen follows."""
        selection = msgspec.structs.replace(self.selection, **values)
        if selection != self.selection:
            self.selection = selection
            self._follow()

    def _follow(self) -> None:
        self.pane.show_selection(self.selection)
        self._detail.show(self.selection)
        self._strip.show(self.selection)
        if self._preview is not None:
            self._preview.show(Target(path=self._preview.target.path, layer=self.selection.last))
        self._refilter()
        self._read()

    def _read(self) -> None:
        """Say in words what is selected."""
        text = "" if self._layers.has_focus else self.pane.reading()
        if not text:
            text = f"{self.selection.title}: {words.of_layers(self._material, self.selection)}"
        self._reading.update(" " + text, layout=False)  # one line, whatever it says

    # What the regions tell

    @on(LayerList.Selected)
    def _layer_selected(self, event: LayerList.Selected) -> None:
        self.select(first=event.first, last=event.last)

    @on(RowList.Moved)
    def _row_moved(self, event: RowList.Moved) -> None:
        if isinstance(event.rows, FileTree) and event.rows.current is not None:
            path = self._material.tree.nodes[event.rows.current.position].path
            self.selection = msgspec.structs.replace(self.selection, path=path)
        self._read()

    @on(GoTo)
    def _go_to(self, event: GoTo) -> None:
        self._been.append(_Place(self.selection, self._bar.active))
        layer = self.selection.last if event.layer is None else event.layer
        if event.layer is None:
            layer = max(0, len(self._material.inspection.image.layers) - 1)
        self._layers.select(layer, layer)
        self.select(first=layer, last=layer, aggregated=True, path=event.path)
        self.action_pane("files")
        self._panes["files"].query_one(FileTree).go_to(event.path)

    @on(RowList.Chosen)
    def _row_chosen(self, event: RowList.Chosen) -> None:
        if isinstance(event.rows, FileTree):
            self.action_preview()

    @on(Treemap.Moved)
    def _box_moved(self) -> None:
        self._read()

    @on(LayerStrip.Picked)
    def _strip_picked(self, event: LayerStrip.Picked) -> None:
        self._layers.select(event.layer, event.layer)
        self.select(first=event.layer, last=event.layer)

    @on(ViewBar.Picked)
    def _view_picked(self, event: ViewBar.Picked) -> None:
        self.action_pane(event.name)

    def on_descendant_focus(self) -> None:
        """What is said depends on where one is."""
        self._read()

    # Keys

    def action_pane(self, name: str) -> None:
        """See another view."""
        self._close_preview()
        if name == self._bar.active:
            self._focus_pane()
            return
        self._bar.active = name
        self.query_one("#views", ContentSwitcher).current = name
        self.remove_class("-layers")
        self.pane.show_selection(self.selection)
        self._refilter()
        self._focus_pane()

    def _focus_pane(self) -> None:
        self.remove_class("-layers")
        if self._preview is not None:
            self._preview.focus_content()
            return
        for widget in self.pane.query("*"):
            if widget.focusable:
                widget.focus()
                return

    def action_layers(self) -> None:
        """Go to the layers; on a narrow screen they take the place of the view."""
        self.add_class("-layers")
        self._layers.focus()

    def action_layer(self, step: int) -> None:
        """Go a layer up or down, wherever the cursor is."""
        count = len(self._material.inspection.image.layers)
        layer = max(0, min(count - 1, self.selection.last + step))
        self._layers.select(layer, layer)
        self.select(first=layer, last=layer)

    def action_sort(self) -> None:
        """Order by something else."""
        orders = list(Sort)
        following = orders[(orders.index(self.selection.sort) + 1) % len(orders)]
        self.select(sort=following)
        self.app.clear_notifications()
        self.notify(f"by {following.value}", timeout=2)

    def action_aggregate(self) -> None:
        """Between all files and what the layers changed."""
        self.select(aggregated=not self.selection.aggregated)
        what = "all files" if self.selection.aggregated else "changes"
        self.app.clear_notifications()
        self.notify(f"{what} of {self.selection.title}", timeout=2)

    def action_back(self) -> None:
        """Back to where one was before going to a path."""
        if not self._been:
            return
        place = self._been.pop()
        self._layers.select(place.selection.first, place.selection.last)
        self.select(**msgspec.structs.asdict(place.selection))
        self.action_pane(place.pane)

    @property
    def _target(self) -> Target | None:
        """The path that is looked at, or the one under the cursor."""
        if self._preview is not None:
            return self._preview.target
        return target_of(self.pane, self.selection)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """What is seen already cannot be opened once more."""
        if action == "filter":
            return not isinstance(self.focused, Input)
        return action != "preview" or self._preview is None

    def action_preview(self) -> None:
        """See what is in the path under the cursor."""
        if (target := self._target) is not None:
            self._see(target)

    def _see(self, target: Target) -> None:
        """Let a preview take the place of the view."""
        if self._preview is not None:
            self._preview.show(target)
            return
        self.remove_class("-layers")
        self._preview = Preview(self._material, target)
        self.query_one("#right").add_class("-over").mount(self._preview)
        self.call_after_refresh(self._preview.focus_content)
        self.refresh_bindings()

    @on(Preview.Closed)
    def _close_preview(self) -> None:
        """Give the view its place back."""
        if self._preview is not None:
            self._preview.remove()
            self._preview = None
            self.query_one("#right").remove_class("-over")
            self.refresh_bindings()
            self._focus_pane()

    def action_why(self) -> None:
        """See which layers touched the path under the cursor."""
        if (target := self._target) is not None:
            self.app.push_screen(PathHistory(self._material, target), self._come_back)

    def _come_back(self, leaving: Leaving | None) -> None:
        """Go where the history leads."""
        if leaving is not None and leaving.where == "files":
            self.post_message(GoTo(leaving.target.path, leaving.target.layer))
        elif leaving is not None:
            self._see(leaving.target)

    def action_extract(self) -> None:
        """Write the path under the cursor to a folder."""
        if (target := self._target) is not None:
            self.app.push_screen(ExtractDialog(self._material, target))

    def action_copy(self) -> None:
        """Copy the path under the cursor, or the layer's instruction; terminals do it over SSH too."""
        text = ""
        if self._layers.has_focus:
            text = self._material.instruction(self.selection.last)
        elif (target := self._target) is not None:
            text = path_text(target.path)
        if text:
            self.app.copy_to_clipboard(text)
            self.notify(f"copied: {text}", timeout=2, markup=False)

    def action_filter(self) -> None:
        """Open the line that filters."""
        self._filter.open()
        prepare = self._material.finder.prepare
        self.call_after_refresh(in_background, self, asyncio.to_thread, prepare, group="filter")

    def action_clear_filter(self) -> None:
        """Back from the layers, then from the preview; else no filter any more."""
        if self.has_class("-layers"):
            self._focus_pane()
        elif self._preview is not None:
            self._close_preview()
        elif self._filter.text:
            self._filter.action_clear()

    @on(FilterLine.Changed)
    def _filter_changed(self) -> None:
        self._refilter()

    @on(FilterLine.Left)
    def _filter_left(self) -> None:
        self._focus_pane()

    def _refilter(self) -> None:
        if not self._filter.is_mounted:
            return
        try:
            self._filter.tell(self.pane.filter(self._filter.text))
        except UsageError as error:
            self._filter.tell(shown(error.hint or error.message), wrong=True)

    def action_help(self) -> None:
        """All keys."""
        self.app.action_show_help_panel()
