"""Where the bytes are: a directory as boxes to walk among, each as large as what it stands for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from layerscope.model.names import shown
from layerscope.model.people import cells, percent, size
from layerscope.model.people import path as path_text
from layerscope.tui.material import Material
from layerscope.union.index import is_directory
from layerscope.union.tree import View
from layerscope.union.treemap import Box, Sized, lay_out, main_layer, neighbour, sizes_below

_HUES = 5
_WASTE_STEPS = ((0.0, "none"), (0.1, "little"), (0.4, "much"))
"""From which share on it is called so; what is above the last is called most."""
_WASTE_WORDS = {"none": "no waste", "little": "under 10 %", "much": "under 40 %", "most": "more is wasted"}


class Treemap(Widget, can_focus=True):
    """One directory; a line with the way to it above, what the colours mean below."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"treemap--layer-{number}" for number in range(_HUES)),
        *(f"treemap--waste-{word}" for word in _WASTE_WORDS),
        *("treemap--other", "treemap--cursor", "treemap--cursor-blurred", "treemap--dim", "treemap--path"),
    }
    DEFAULT_CSS = """
    Treemap { height: 1fr; padding: 0 1; }
    Treemap > .treemap--path { text-style: bold; }
    Treemap > .treemap--dim { color: $foreground 60%; }
    Treemap > .treemap--other { background: $panel-lighten-1; color: $foreground; }
    Treemap > .treemap--layer-0 { background: $primary-muted; color: $foreground; }
    Treemap > .treemap--layer-1 { background: $success-muted; color: $foreground; }
    Treemap > .treemap--layer-2 { background: $warning-muted; color: $foreground; }
    Treemap > .treemap--layer-3 { background: $copied-up 35%; color: $foreground; }
    Treemap > .treemap--layer-4 { background: $secondary-muted; color: $foreground; }
    Treemap > .treemap--waste-none { background: $panel-lighten-1; color: $foreground; }
    Treemap > .treemap--waste-little { background: $error 20%; color: $foreground; }
    Treemap > .treemap--waste-much { background: $error 40%; color: $foreground; }
    Treemap > .treemap--waste-most { background: $error 65%; color: $foreground; }
    Treemap > .treemap--cursor { background: $primary; color: $background; text-style: bold; }
    Treemap:ansi > .treemap--other { background: ansi_bright_black; color: ansi_white; }
    Treemap:ansi > .treemap--layer-0 { background: ansi_blue; color: ansi_white; }
    Treemap:ansi > .treemap--layer-1 { background: ansi_green; color: ansi_black; }
    Treemap:ansi > .treemap--layer-2 { background: ansi_yellow; color: ansi_black; }
    Treemap:ansi > .treemap--layer-3 { background: ansi_magenta; color: ansi_white; }
    Treemap:ansi > .treemap--layer-4 { background: ansi_cyan; color: ansi_black; }
    Treemap:ansi > .treemap--waste-none { background: ansi_bright_black; color: ansi_white; }
    Treemap:ansi > .treemap--waste-little { background: ansi_yellow; color: ansi_black; }
    Treemap:ansi > .treemap--waste-much { background: ansi_red; color: ansi_white; }
    Treemap:ansi > .treemap--waste-most { background: ansi_bright_red; color: ansi_black; }
    Treemap:ansi > .treemap--cursor { background: ansi_bright_white; color: ansi_black; }
    Treemap > .treemap--cursor-blurred { background: $foreground 40%; color: $background; text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "walk(0, -1)", "Up", show=False),
        Binding("down,j", "walk(0, 1)", "Down", show=False),
        Binding("left,h", "walk(-1, 0)", "Left", show=False),
        Binding("right,l", "walk(1, 0)", "Right", show=False),
        Binding("home,g", "largest", "Largest", show=False),
        Binding("enter", "enter", "Go in"),
        Binding("backspace", "leave", "Go up"),
        Binding("c", "colour", "Layer/waste"),
        Binding("f", "go_to", "Files"),
    ]

    class Moved(Message):
        """Another box, or another directory."""

    class Wanted(Message):
        """A path is to be seen in the tree."""

        def __init__(self, path: str) -> None:
            super().__init__()
            self.path = path

    def __init__(self, material: Material, view: View) -> None:
        super().__init__()
        self._material = material
        self._tree = material.tree
        self._view = view
        self._stale = True
        self._by_waste = False
        self._directory = 0
        self._sizes: list[Sized] = []
        self._boxes: list[Box] = []
        self._cursor = 0
        self._styles: list[str] = []
        layers = material.inspection.analysis.layers
        ranked = sorted(layers, key=lambda layer: (-layer.content_bytes, layer.number))[:_HUES]
        self._hues = {layer.number: rank for rank, layer in enumerate(ranked) if layer.content_bytes}

    # What is shown

    def show_view(self, view: View) -> None:
        """Show other layers or another filter; the cursor stays on its path."""
        self._view = view
        self._fill(self.current)

    @property
    def current(self) -> int | None:
        """The position of the path under the cursor; of the directory itself where it is empty."""
        if not self._boxes:
            return self._directory
        return self._boxes[self._cursor].position

    def reading(self) -> str:
        """The box under the cursor in words."""
        if not self._boxes:
            return f"{self._path(self._directory)}: nothing here takes any room"
        box = self._boxes[self._cursor]
        whole = sum(one.size_bytes for one in self._sizes)
        share = f"{size(box.size_bytes)}, {percent(box.size_bytes / whole)} of {self._path(self._directory)}"
        if box.position is None:
            return f"{box.count:,} smaller paths: {share}"
        wasted = self._tree.wasted_bytes(self._view, box.position)
        layer = main_layer(self._tree, self._view, box.position)
        by = f"   most of it from layer {layer}" if layer is not None else ""
        waste = f"   {size(wasted)} of what was shipped here is wasted" if wasted else ""
        return f"{self._path(box.position)}: {share}{by}{waste}"

    def _path(self, position: int) -> str:
        return path_text(self._tree.nodes[position].path)

    def _fill(self, keep: int | None = None) -> None:
        self._sizes = sizes_below(self._tree, self._view, self._directory)
        self._lay_out(keep)

    def _lay_out(self, keep: int | None) -> None:
        self._stale = False
        self._boxes = lay_out(self._sizes, self.content_size.width, self.content_size.height - 2)
        places = [number for number, box in enumerate(self._boxes) if box.position == keep]
        self._cursor = places[0] if keep is not None and places else 0
        self._styles = [self._style_of(box) for box in self._boxes]
        self.refresh()
        self.post_message(self.Moved())

    def _style_of(self, box: Box) -> str:
        if box.position is None:
            return "other"
        if not self._by_waste:
            hue = self._hues.get(main_layer(self._tree, self._view, box.position) or 0)
            return "other" if hue is None else f"layer-{hue}"
        wasted = self._tree.wasted_bytes(self._view, box.position)
        shipped = max(box.size_bytes, box.size_bytes + wasted if self._view.aggregated else wasted)
        share = wasted / shipped
        words = [word for least, word in _WASTE_STEPS if share <= least]
        return f"waste-{words[0] if words else 'most'}"

    def on_resize(self) -> None:
        """Lay the boxes out anew."""
        if self._stale:
            self._fill()
        else:
            self._lay_out(self.current)

    # Keys

    def action_walk(self, dx: int, dy: int) -> None:
        """Go to the box beside; from the left edge up to the directory above."""
        if not self._boxes:
            if dx < 0:
                self.action_leave()
            return
        found = neighbour(self._boxes, self._cursor, dx, dy)
        if found is not None:
            self._select(found)
        elif dx < 0:
            self.action_leave()

    def action_largest(self) -> None:
        """Go to the largest box."""
        self._select(0)

    def _select(self, index: int) -> None:
        self._cursor = index
        self.refresh()
        self.post_message(self.Moved())

    def action_enter(self) -> None:
        """Go into a directory; see a file in the tree."""
        position = self.current
        if position is None or not self._boxes:
            return
        version = self._tree.shown(self._view, position)
        if version is not None and is_directory(version):
            self._directory = position
            self._fill()
        else:
            self.action_go_to()

    def action_leave(self) -> None:
        """Go to the directory above."""
        if self._directory:
            left = self._directory
            self._directory = self._tree.parents[left]
            self._fill(left)

    def action_colour(self) -> None:
        """Colour by layer or by waste."""
        self._by_waste = not self._by_waste
        self._lay_out(self.current)

    def action_go_to(self) -> None:
        """See the path in the tree."""
        position = self.current
        if position is not None:
            self.post_message(self.Wanted(self._tree.nodes[position].path))

    def on_click(self, event: events.Click) -> None:
        """Select the box under the mouse; a second click goes in."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        if offset.y == 0:
            self.action_leave()
            return
        for number, box in enumerate(self._boxes):
            inside = box.x <= offset.x < box.x + box.width and box.y <= offset.y - 1 < box.y + box.height
            if inside and number == self._cursor and event.chain > 1:
                self.action_enter()
                return
            if inside:
                self._select(number)
                return

    # Drawing

    def render_line(self, y: int) -> Strip:
        """The way here, a line of boxes, or the legend."""
        width, height = self.content_size
        if y == 0:
            segments = list(self._way(width))
        elif y == height - 1:
            segments = list(self._legend(width))
        else:
            segments = list(self._row(y - 1, width))
        return Strip(segments).adjust_cell_length(width, self.rich_style).crop(0, width)

    def _style(self, name: str) -> Style:
        return self.rich_style + self.get_component_rich_style(f"treemap--{name}")

    def _way(self, width: int) -> Iterator[Segment]:
        whole = sum(one.size_bytes for one in self._sizes)
        facts = f"  {size(whole)} in {len(self._sizes):,} path{'' if len(self._sizes) == 1 else 's'}"
        path = self._material.glyphs.fit(
            self._path(self._directory), max(4, width - len(facts)), end=True
        ).rstrip()
        yield Segment(path, self._style("path"))
        yield Segment(facts, self._style("dim"))

    def _legend(self, width: int) -> Iterator[Segment]:
        words: list[tuple[str, str]] = []
        if self._by_waste:
            words = [(f"waste-{word}", text) for word, text in _WASTE_WORDS.items()]
        else:
            seen = {style for style in self._styles if style != "other"}
            words = [
                (f"layer-{hue}", f"layer {layer}")
                for layer, hue in self._hues.items()
                if f"layer-{hue}" in seen
            ]
            if "other" in self._styles:
                words.append(("other", "others"))
        left = width
        for style, text in words:
            if len(text) + 5 > left:
                break
            yield Segment("  ", self._style(style))
            yield Segment(f" {text}  ", self._style("dim"))
            left -= len(text) + 5

    def _row(self, y: int, width: int) -> Iterator[Segment]:
        across = sorted(
            ((box.x, number) for number, box in enumerate(self._boxes) if box.y <= y < box.y + box.height)
        )
        place = 0
        for x, number in across:
            if x > place:
                yield Segment(" " * (x - place), self.rich_style)
            yield from self._box_line(number, y)
            place = x + self._boxes[number].width
        if not self._boxes and y == 0:
            hint = (
                "the filter leaves nothing here"
                if self._view.matches is not None
                else "nothing here takes any room"
            )
            yield Segment(hint[:width], self._style("dim"))

    def _box_line(self, number: int, y: int) -> Iterator[Segment]:
        """One line of a box: the name, the size, then nothing; thin edges to the right and below."""
        box, glyphs = self._boxes[number], self._material.glyphs
        style = self._style(self._styles[number])
        edge = style + Style(color=self.rich_style.bgcolor)
        line, last = y - box.y, y - box.y == box.height - 1
        room = box.width - 2
        text = ""
        if line == 0:
            beside = self._size_beside(box, room)
            text = glyphs.fit(self._label(box, room), max(1, room - cells(beside))).rstrip() + beside
        elif line == 1 and len(size(box.size_bytes)) <= room:
            text = size(box.size_bytes)
        elif line == 2 and self._by_waste and box.position is not None:
            wasted = self._tree.wasted_bytes(self._view, box.position)
            text = f"{size(wasted)} wasted" if wasted and len(size(wasted)) + 7 <= room else ""
        below, right = ("▁", "▕") if glyphs.eighths else ("_", "|")
        fill = below if last and line > 0 else " "
        rest = fill * max(0, room - cells(text))
        if number == self._cursor:
            mark = self._style("cursor" if self.has_focus else "cursor-blurred")
            bar = style + Style(color=mark.bgcolor)
            if line == 0:
                yield Segment(f" {text}{rest}", mark)
            else:
                yield Segment("▌" if glyphs.eighths else "#", bar)
                yield Segment(text, style)
                yield Segment(rest, edge)
        else:
            yield Segment(" " if text else fill, edge)
            yield Segment(text, style)
            yield Segment(rest, edge)
        yield Segment(right, edge)

    def _size_beside(self, box: Box, room: int) -> str:
        """The size behind the name, where there is no line for it."""
        text = f" {size(box.size_bytes)}"
        return text if box.height == 1 and len(text) + 6 <= room else ""

    def _label(self, box: Box, room: int) -> str:
        if box.position is None:
            return f"and {box.count:,} smaller" if room >= 14 else f"+{box.count:,}"
        node = self._tree.nodes[box.position]
        version = self._tree.shown(self._view, box.position)
        mark = "/" if version is not None and is_directory(version) else ""
        return shown(node.path.rpartition("/")[2]) + mark
