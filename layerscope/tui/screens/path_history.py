"""The history of a path: every layer that touched it, what it changed, and two versions compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import ClassVar, Literal

import msgspec
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Static

from layerscope.model.entry import Entry, Kind
from layerscope.model.names import shown
from layerscope.model.people import path as path_text
from layerscope.model.people import size
from layerscope.tui.material import Material
from layerscope.tui.screens.version_diff import VersionDiff
from layerscope.tui.target import Target
from layerscope.tui.widgets.file_tree import mode_text, owner_text
from layerscope.tui.widgets.key_bar import KeyBar
from layerscope.tui.widgets.row_list import Part, RowList
from layerscope.union.compare import Change
from layerscope.union.index import Hidden, Version, is_directory
from layerscope.union.views import Event, history

_CHANGES = {
    Change.ADDED: "added",
    Change.MODIFIED: "modified",
    Change.METADATA_ONLY: "copied up",
    Change.DELETED: "removed",
}
_HOW = {
    Hidden.WHITEOUT: "",
    Hidden.OPAQUE: "its directory was emptied",
    Hidden.PARENT: "a directory above it was removed",
    Hidden.REPLACED: "another entry took its place",
}
_WIDE = 100


class Leaving(msgspec.Struct, frozen=True, kw_only=True):
    """Where to go from the history: to the tree or to the preview, as of a layer."""

    where: Literal["files", "preview"]
    target: Target


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One event, the version before it, and the wasted bytes of the path that its layer is to blame for."""

    event: Event
    before: Version | None
    wasted_bytes: int


class EventList(RowList):
    """The events; Space marks one to compare another with."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "mark", "Mark"),
        Binding("enter", "choose", "Compare"),
    ]

    def __init__(self, material: Material, path: str) -> None:
        super().__init__()
        self._material = material
        self.steps = steps_of(material, path)
        self.marked: int | None = None

    def row_count(self) -> int:
        return len(self.steps)

    def empty(self) -> str:
        return " no layer ever touched it"

    def title(self, width: int) -> str | None:
        what = "what changed" if width < _WIDE else f"{'what changed':<44}instruction"
        return f"    {'layer':>5}   {'':11} {'size':>9}  {'costs':>8}  {what}"

    def parts(self, index: int, width: int) -> Iterable[Part]:
        step, glyphs = self.steps[index], self._material.glyphs
        event, style = step.event, step.event.change.value
        ticked = self.marked == index
        yield f" {glyphs.ticked if ticked else ' ':<3}", "accent"
        yield f"{event.layer:>5} ", ""
        yield f" {glyphs.marks[event.change]} {_CHANGES[event.change]:<10}", style
        yield f" {_size(event.version):>9}", ""
        yield f"  {size(step.wasted_bytes) if step.wasted_bytes else '':>8}  ", "deleted"
        room = max(8, width - 45)
        if width < _WIDE:
            yield glyphs.fit("; ".join(differing(step, glyphs.arrow)), room).rstrip(), "dim"
            return
        yield glyphs.fit("; ".join(differing(step, glyphs.arrow)), 43) + " ", "dim"
        yield glyphs.fit(self._material.instruction(event.layer), max(4, room - 44)).rstrip(), ""

    def action_mark(self) -> None:
        """Mark a version, or no longer."""
        self.marked = None if self.marked == self.cursor else self.cursor
        self.refresh()


class PathHistory(Screen[Leaving | None]):
    """One path."""

    DEFAULT_CSS = """
    PathHistory #history-title { height: 1; padding: 0 1; text-style: bold; }
    PathHistory #history-count { height: 1; padding: 0 1; color: $foreground 60%; margin-bottom: 1; }
    PathHistory EventList { max-height: 60%; }
    PathHistory #history-detail { height: 1fr; background: $panel; padding: 0 1; margin-top: 1;
                                  overflow-y: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace", "leave", "Back"),
        Binding("f", "files", "Files at that layer"),
        Binding("p", "preview", "Preview"),
        Binding("q", "app.quit", "Quit", show=False),
    ]

    def __init__(self, material: Material, target: Target) -> None:
        super().__init__()
        self._material = material
        self._target = target
        self.events = EventList(material, target.path)
        self._detail = Static("", id="history-detail", markup=False)

    def compose(self) -> ComposeResult:
        """A title, the events, all of one event."""
        yield Static(path_text(self._target.path), id="history-title", markup=False)
        yield Static(self._summary(), id="history-count", markup=False)
        yield self.events
        yield self._detail
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin with the event of the layer one came from."""
        layers = [step.event.layer for step in self.events.steps]
        before = [number for number, layer in enumerate(layers) if layer <= self._target.layer]
        self.events.cursor = before[-1] if before else 0
        self.events.styles.height = len(layers) + 1
        self.events.focus()
        self._tell()

    def _summary(self) -> str:
        steps = self.events.steps
        layers = len({step.event.layer for step in steps})
        wasted = sum(step.wasted_bytes for step in steps)
        below = wasted_below(self._material, self._target.path)
        costs = [f"{size(wasted)} of what they ship here nobody sees"] if wasted else []
        costs += [f"{size(below)} below it nobody sees"] if below else []
        cost = ", ".join(costs) or "nothing of it is wasted"
        return f"touched by {layers} layer{'' if layers == 1 else 's'}; {cost}"

    @on(RowList.Moved)
    def _tell(self) -> None:
        """All of the event under the cursor."""
        step = self._step
        self._detail.update(self._written(step) if step is not None else "")

    @property
    def _step(self) -> Step | None:
        steps = self.events.steps
        return steps[self.events.cursor] if steps else None

    def _written(self, step: Step) -> Text:
        event = step.event
        text = Text()
        text.append(f"layer {event.layer}  ", style="bold")
        text.append(f"{_CHANGES[event.change]}\n")
        for line in differing(step, self._material.glyphs.arrow):
            text.append(f"  {line}\n", style="dim")
        if event.version is not None and event.version.source is not None:
            entry = event.version.source
            when = _time(entry.mtime_ns)
            text.append(f"  {mode_text(entry)}  {owner_text(entry)}  {when}\n", style="dim")
        text.append("\n")
        text.append(self._material.instruction(event.layer))
        return text

    # Keys

    def action_leave(self) -> None:
        """Back to where one was."""
        self.dismiss(None)

    def action_files(self) -> None:
        """See the path in the tree, at the layer under the cursor."""
        self._go("files")

    def action_preview(self) -> None:
        """See the content that the layer under the cursor left."""
        self._go("preview")

    def _go(self, where: Literal["files", "preview"]) -> None:
        step = self._step
        if step is not None:
            target = Target(path=self._target.path, layer=step.event.layer)
            self.dismiss(Leaving(where=where, target=target))

    @on(RowList.Chosen)
    def _compare(self, event: RowList.Chosen) -> None:
        """Compare with the version that is marked, else with the one before."""
        event.stop()
        steps, here, marked = self.events.steps, self.events.cursor, self.events.marked
        new = steps[here].event.version
        old = steps[here].before
        if marked is not None and marked != here:
            first, second = sorted((marked, here))
            old, new = steps[first].event.version, steps[second].event.version
        if old is None and new is None:
            self.notify("there is no version to compare", timeout=3)
            return
        self.app.push_screen(VersionDiff(self._material, self._target.path, old, new))


def steps_of(material: Material, path: str) -> list[Step]:
    """The events of a path with what each of them costs."""
    wasted_by: Counter[int] = Counter()
    for record in material.inspection.analysis.waste:
        if record.path == path:
            wasted_by[record.blamed] += record.size_bytes
    steps: list[Step] = []
    before: Version | None = None
    for event in history(material.inspection.analysis.index, path):
        wasted = 0 if event.version is None else wasted_by.pop(event.layer, 0)
        steps.append(Step(event=event, before=before, wasted_bytes=wasted))
        before = event.version
    return steps


def wasted_below(material: Material, path: str) -> int:
    """The bytes that were shipped for nothing below a directory; 0 for what never was one."""
    above = f"{path}/" if path else ""
    return sum(
        record.size_bytes
        for record in material.inspection.analysis.waste
        if record.path.startswith(above) and record.path != path
    )


def differing(step: Step, arrow: str) -> list[str]:
    """What an event changed, from what to what."""
    before = step.before.source if step.before is not None else None
    after = step.event.version.source if step.event.version is not None else None
    if step.event.version is None:
        how = _HOW[step.event.how] if step.event.how is not None else ""
        return [how] if how else []
    if before is None or after is None:
        return []
    lines = []
    if before.kind is not after.kind:
        lines.append(f"type {_kind(before)} {arrow} {_kind(after)}")
    if before.size_bytes != after.size_bytes:
        lines.append(f"size {size(before.size_bytes)} {arrow} {size(after.size_bytes)}")
    elif before.content_hash != after.content_hash:
        lines.append("other content of the same size")
    if before.link_target != after.link_target and after.kind is Kind.SYMLINK:
        lines.append(f"target {shown(before.link_target or '')} {arrow} {shown(after.link_target or '')}")
    if owner_text(before) != owner_text(after):
        lines.append(f"owner {owner_text(before)} {arrow} {owner_text(after)}")
    if before.mode != after.mode:
        lines.append(f"mode {before.mode:04o} {arrow} {after.mode:04o}")
    if before.mtime_ns != after.mtime_ns:
        lines.append(f"time {_time(before.mtime_ns)} {arrow} {_time(after.mtime_ns)}")
    if (before.xattrs or {}) != (after.xattrs or {}):
        lines.append("extended attributes")
    return lines or ["nothing changed"]


def _kind(entry: Entry) -> str:
    return entry.kind.name.lower().replace("_", " ")


def _time(time_ns: int) -> str:
    try:
        return datetime.fromtimestamp(time_ns // 1_000_000_000, UTC).strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError, OSError):
        return f"{time_ns // 1_000_000_000} s"


def _size(version: Version | None) -> str:
    if version is None or is_directory(version) or version.source is None:
        return ""
    return size(version.source.size_bytes)
