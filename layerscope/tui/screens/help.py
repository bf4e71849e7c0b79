"""Every key that does something where one is, what the marks mean, how to filter, what the numbers are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import msgspec
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import VerticalScroll
from textual.dom import DOMNode
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from layerscope.tui.glyphs import Glyphs
from layerscope.tui.keys import action_of, context_of
from layerscope.tui.widgets.key_bar import KeyBar
from layerscope.union.compare import Change

_MARKS = (
    (Change.ADDED, "success", "added by this layer"),
    (Change.MODIFIED, "warning", "its content was changed"),
    (Change.METADATA_ONLY, "copied-up", "copied up: the same bytes once more, for owner, mode or time"),
    (Change.DELETED, "error", "removed"),
)
FILTERS = (
    ("conf", "conf stands in the path"),
    ("*.so", "a pattern of the name; with a slash in it, of the path"),
    ("/py(c|o)$/", "a regular expression"),
    ("size>10MB", "also waste and count, with > >= < <= ="),
    ("kind:modified", "added modified metadata removed changed; file dir link device fifo"),
    ("layer:3", "came with layer 3; layer:3-7 with one of these"),
    ("owner:0", "user, or user:group, by number"),
    ("ext:so", "how the name ends"),
    ("etc -*.bak", "both words, the second one not"),
)
"""What can be written behind the slash, and what it means."""

_NUMBERS = (
    "content: the bytes of all files in all layers, as they are shipped and stored.",
    "wasted: what of it no name of the finished image leads to any more, by what hid it.",
    "causes: what a layer made useless in those below; packed: the layer as stored, compressed.",
)


class Legend(msgspec.Struct, frozen=True, kw_only=True):
    """What the marks of a screen mean, what its filter takes, how its numbers are defined.

    A screen that is not about the layers of one image has its own in ``LEGEND``.
    """

    marks: tuple[tuple[Change, str, str], ...]
    filters: tuple[tuple[str, str], ...]
    numbers: tuple[str, ...]


_EXPLORER = Legend(marks=_MARKS, filters=FILTERS, numbers=_NUMBERS)


class HelpScreen(ModalScreen[None]):
    """Of the screen that it is opened over."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1,enter", "leave", "Back", key_display="esc"),
        Binding("j,down", "scroll(1)", "Down", show=False),
        Binding("k,up", "scroll(-1)", "Up", show=False),
        Binding("g,home", "scroll(-100000)", "First", show=False),
        Binding("G,end", "scroll(100000)", "Last", show=False),
        Binding("space,pagedown", "page(1)", "Next page"),
        Binding("b,pageup", "page(-1)", "Page before", show=False),
    ]
    DEFAULT_CSS = """
    HelpScreen { align: center middle; background: $background 60%; }
    HelpScreen > VerticalScroll { width: 78; max-width: 100%; height: auto; max-height: 1fr; padding: 1 2;
                                  background: $panel; scrollbar-size-vertical: 1; }
    HelpScreen Static { height: auto; width: 100%; padding-right: 1; }
    HelpScreen .heading { margin-top: 1; color: $primary; text-style: bold; }
    HelpScreen #first { margin-top: 0; }
    """

    def __init__(self, over: Screen[object], glyphs: Glyphs) -> None:
        super().__init__()
        # Taken now: once this screen is in front, no other one has a focus.
        self._groups = _groups(over)
        self._legend: Legend = getattr(over, "LEGEND", _EXPLORER)
        self._glyphs = glyphs
        self._scroll = VerticalScroll(can_focus=False)

    def compose(self) -> ComposeResult:
        """Keys first."""
        with self._scroll:
            for number, (title, active) in enumerate(self._groups.items()):
                yield Static(title, classes="heading", id="first" if not number else None, markup=False)
                yield Static(self._keys(active))
            yield Static("Marks", classes="heading")
            yield Static(self._marks())
            yield Static("Filter", classes="heading")
            yield Static(self._table(self._legend.filters))
            yield Static("Numbers", classes="heading")
            for line in self._legend.numbers:
                yield Static(Text(line))
        yield KeyBar()

    def _keys(self, active: Iterable[ActiveBinding]) -> Table:
        """What each key does, and at the side the name under which it can be changed."""
        keys: dict[tuple[str, str], list[str]] = {}
        for item in active:
            name = action_of(type(item.node), item.binding) or ""
            keys.setdefault((item.binding.description, name), []).append(
                self.app.get_key_display(item.binding)
            )
        table = _grid()
        table.add_column(justify="right", style="dim", no_wrap=True)
        for (said, name), shown in keys.items():
            table.add_row(Text(" ".join(dict.fromkeys(shown))), Text(said), Text(name))
        return table

    def _table(self, rows: Iterable[tuple[str, str]]) -> Table:
        table = _grid()
        for key, said in rows:
            table.add_row(Text(key), Text(said))
        return table

    def _marks(self) -> Table:
        variables = self.app.get_css_variables()
        table = _grid()
        for change, colour, said in self._legend.marks:
            mark = Text(self._glyphs.marks[change], style=_rich(variables.get(colour, "")))
            table.add_row(mark, Text(said))
        if self._legend is not _EXPLORER:
            return table
        dead = Text(self._glyphs.dead, style=_rich(variables["error"]))
        table.add_row(dead, Text("hidden by a later layer: shipped for nothing"))
        links = f"{self._glyphs.symlink} {self._glyphs.hard_link}"
        table.add_row(Text(links), Text("symbolic link, hard link"))
        return table

    def action_leave(self) -> None:
        """Back to where one was."""
        self.dismiss(None)

    def action_scroll(self, lines: int) -> None:
        """So many lines on."""
        self._scroll.scroll_relative(y=lines, animate=False)

    def action_page(self, direction: int) -> None:
        """A screenful on."""
        self._scroll.scroll_relative(y=direction * max(1, self._scroll.size.height - 2), animate=False)


def _grid() -> Table:
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(width=16, style="bold", no_wrap=True)
    table.add_column(overflow="fold", ratio=1)
    return table


def _rich(colour: str) -> str:
    """A colour as rich takes it; it does not know those of the terminal by Textual's names."""
    return colour if colour.startswith("#") else ""


def _groups(over: Screen[object]) -> dict[str, list[ActiveBinding]]:
    """Keys by what they belong to, from the widget that has the focus outwards."""
    found: dict[str, list[ActiveBinding]] = {}
    for active in over.active_bindings.values():
        binding = active.binding
        ours = active.node.parent is None or action_of(type(active.node), binding) is not None
        if binding.description and active.enabled and not binding.system and ours:
            found.setdefault(_title(active.node), []).append(active)
    return found


def _title(node: DOMNode) -> str:
    if node.parent is None:
        return "Everywhere"
    return context_of(type(node)).replace("-", " ").capitalize()
