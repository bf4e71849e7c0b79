"""The dialog that writes a file or a folder out: where to, what, how far, what came of it."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path
from typing import ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Label, Static

from layerscope.content import Cancelled, Content, FileContent
from layerscope.errors import LayerscopeError
from layerscope.extract import Extracted, Wishes, extract
from layerscope.extract.plan import Plan, plan
from layerscope.model.entry import Entry
from layerscope.model.names import shown
from layerscope.model.people import path as path_text
from layerscope.model.people import size
from layerscope.tui.background import in_background
from layerscope.tui.material import Material
from layerscope.tui.remembering import remember, remembered
from layerscope.tui.settings import is_utf8
from layerscope.tui.target import Target, standing
from layerscope.tui.widgets.key_bar import KeyBar
from layerscope.tui.widgets.tick import Tick
from layerscope.union.index import Version
from layerscope.union.places import Place

_TICK_S = 0.1
_LISTED = 5


class _Told:
    """A `layerscope.extensions.Progress` that counts, and that ends the work once it is cancelled."""

    def __init__(self) -> None:
        self.cancel = threading.Event()
        self.done_bytes = 0

    def expect(self, total_bytes: int) -> None:
        """The plan has told it already."""

    def begin(self, part: str, total_bytes: int | None) -> None:
        """Nothing to note."""

    def advance(self, part: str, count: int) -> None:  # noqa: ARG002 - there is one part
        """So much more has been written."""
        if self.cancel.is_set():
            raise Cancelled
        self.done_bytes += count

    def end(self, part: str) -> None:
        """Nothing to note."""


class _Contents:
    """The contents, each read so that it can be cancelled while its layer is being unpacked."""

    def __init__(self, content: Content, cancel: threading.Event) -> None:
        self._content = content
        self._cancel = cancel

    def open(self, what: Version | tuple[int, Entry]) -> FileContent:
        """The content of a version or entry."""
        if self._cancel.is_set():
            raise Cancelled
        return self._content.open(what, cancel=self._cancel)


class ExtractDialog(ModalScreen[None]):
    """One path as of one layer."""

    DEFAULT_CSS = """
    ExtractDialog { align: center middle; }
    ExtractDialog > Vertical { width: 76; max-width: 100%; height: auto; max-height: 100%;
                               background: $panel; padding: 1 2; overflow-y: auto; }
    ExtractDialog #extract-title { text-style: bold; }
    ExtractDialog #extract-plan { color: $foreground 60%; margin-bottom: 1; }
    ExtractDialog Input { border: none; height: 1; padding: 0 1; background: $background; margin-bottom: 1; }
    ExtractDialog Input:focus { background: $block-cursor-background; }
    ExtractDialog #extract-said { margin-top: 1; height: auto; }
    ExtractDialog #extract-said.warning { color: $text-warning; }
    ExtractDialog Horizontal { height: 1; margin-top: 1; }
    ExtractDialog Button { border: none; height: 1; min-width: 12; margin-right: 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stop", "Cancel"),
        Binding("tab", "app.focus_next", "Next", show=False),
    ]

    def __init__(self, material: Material, target: Target, folder: Path | None = None) -> None:
        super().__init__()
        self._material = material
        self._place = place_of(material, target)
        self._path = target.path
        self._folder = folder
        self._plan: Plan | None = None
        self._told: _Told | None = None
        self._force = False
        self._said = Static("", id="extract-said", markup=False)

    def compose(self) -> ComposeResult:
        """What, where to, how."""
        with Vertical():
            layer = f" as of layer {self._place.layer}" if self._place is not None else ""
            yield Static(f"Extract {path_text(self._path)}{layer}", id="extract-title", markup=False)
            yield Static("counting", id="extract-plan", markup=False)
            yield Label("into the folder")
            folder = self._folder or _last_folder(remembered(self.app).last_folder)
            yield Input(str(folder), id="extract-folder", compact=True, select_on_focus=False)
            glyphs = self._material.glyphs
            yield Tick(glyphs, "owners as in the image (needs root)", id="extract-owners")
            yield Tick(glyphs, "devices and pipes (devices need root)", id="extract-devices")
            yield self._said
            with Horizontal():
                yield Button("Extract", id="extract-go", variant="primary", compact=True)
                yield Button("Cancel", id="extract-stop", compact=True)
        yield KeyBar()

    def on_mount(self) -> None:
        """Count what there is."""
        self.set_interval(_TICK_S, self._tell_progress)
        self.query_one("#extract-folder", Input).focus()
        if self._place is None:
            self._end("no layer has this path")
        elif self._material.inspection.opened_content is None:
            self._end("the contents of the files cannot be had: the image was opened without them")
        else:
            in_background(self, self._count, self._place)

    def on_unmount(self) -> None:
        """Write nothing more."""
        if self._told is not None:
            self._told.cancel.set()

    async def _count(self, place: Place) -> None:
        self._plan = await asyncio.to_thread(plan, place)
        self.query_one("#extract-plan", Static).update(_planned(self._plan))

    # Doing it

    @on(Input.Submitted)
    @on(Button.Pressed, "#extract-go")
    def _go(self) -> None:
        """Begin, or ask first where something is in the way."""
        if self._told is not None or self._place is None or self._plan is None:
            return
        folder = Path(self.query_one("#extract-folder", Input).value or ".").expanduser()
        way = in_the_way(self._place, folder)
        if way is not None and not self._force:
            self._force = True
            self.query_one("#extract-go", Button).label = "Replace"
            self._say(f"{shown(str(way))} is there already. Replace what is in the way?", warning=True)
            self.query_one("#extract-go", Button).focus()
            return
        self._told = _Told()
        wishes = Wishes(
            force=self._force,
            owners=self.query_one("#extract-owners", Tick).value,
            devices=self.query_one("#extract-devices", Tick).value,
        )
        self.query_one("#extract-go", Button).disabled = True
        in_background(self, self._extract, self._place, folder, wishes, self._told)

    @on(Input.Changed)
    def _other_folder(self) -> None:
        """What was asked was about another folder."""
        if self._told is None and self._force:
            self._force = False
            self.query_one("#extract-go", Button).label = "Extract"
            self._say("")

    async def _extract(self, place: Place, folder: Path, wishes: Wishes, told: _Told) -> None:
        content = cast("Content", _Contents(self._material.inspection.content, told.cancel))
        try:
            done = await asyncio.to_thread(extract, content, place, folder, wishes, told)
        except Cancelled:
            self._end("cancelled; what had been written is still there")
        except LayerscopeError as error:
            self._end(f"{shown(error.message)}\n{shown(error.hint or '')}".strip(), warning=True)
        else:
            if is_utf8(str(folder)):
                remember(self.app, last_folder=str(Path.cwd() / folder))
            self._end(_result(done, folder), warning=bool(done.missing))

    def _end(self, text: str, *, warning: bool = False) -> None:
        self._told = None
        self._plan = None
        go, stop = self.query_one("#extract-go", Button), self.query_one("#extract-stop", Button)
        go.display = False
        stop.label = "Close"
        stop.focus()
        self._say(text, warning=warning)

    def _say(self, text: str, *, warning: bool = False) -> None:
        self._said.set_class(warning, "warning")
        self._said.update(text)

    def _tell_progress(self) -> None:
        if self._told is None or self._plan is None or self._told.cancel.is_set():
            return
        done, whole = self._told.done_bytes, self._plan.stored_bytes
        bar = self._material.glyphs.bar(done, whole, 30)
        self._say(f"{bar}  {size(done)} of {size(whole)}")

    @on(Button.Pressed, "#extract-stop")
    def action_stop(self) -> None:
        """Stop writing; close the dialog where nothing is being written."""
        if self._told is None:
            self.dismiss(None)
        else:
            self._told.cancel.set()
            self._say("stopping")


def place_of(material: Material, target: Target) -> Place | None:
    """What is to be written; of a path that is gone, as of the last layer that had it."""
    found = standing(material, target)
    if found is None:
        return None
    node, version = found
    layer = target.layer
    if node.at(layer) is None:
        layer = version.layer
        if version.hidden_by is not None:
            layer = max(layer, version.hidden_by - 1)
    return Place(layer=layer, node=node, version=version)


def _last_folder(kept: str | None) -> Path:
    """The folder of the last time, while there is one."""
    return Path(kept) if kept is not None and os.path.isdir(kept) else Path.cwd()  # noqa: PTH112 - never raises


def in_the_way(place: Place, folder: Path) -> Path | None:
    """What stands where something is to be written; None where nothing does."""
    name = place.node.path.rpartition("/")[2]
    try:
        if not name:
            return folder if any(folder.iterdir()) else None
        there = folder / os.fsdecode(name.encode("utf-8", "surrogateescape"))
        return there if os.path.lexists(there) else None
    except (OSError, ValueError):  # not there, or why not comes out when it is written
        return None


def _planned(planned: Plan) -> str:
    listed = _counted(
        (len(planned.files), "file"),
        (len(planned.folders), "folder"),
        (len(planned.links) + len(planned.symlinks), "link"),
        (len(planned.devices), "device"),
    )
    return f"{listed}; {size(planned.size_bytes)}"


def _result(done: Extracted, folder: Path) -> str:
    listed = _counted(
        (done.files, "file"), (done.folders, "folder"), (done.links, "link"), (done.devices, "device")
    )
    lines = [f"written to {shown(str(folder))}: {listed}; {size(done.written_bytes)}"]
    if done.devices_left_out:
        lines.append(f"left out: {_counted((done.devices_left_out, 'device or pipe'))}")
    lines += (f"missing: {path_text(missing.path)}: {missing.reason}" for missing in done.missing[:_LISTED])
    if len(done.missing) > _LISTED:
        lines.append(f"and {len(done.missing) - _LISTED:,} more are missing")
    return "\n".join(lines)


def _counted(*counts: tuple[int, str]) -> str:
    """``2 files, 1 folder``; what there is none of is not told."""
    found = [f"{count:,} {name}{'' if count == 1 else 's'}" for count, name in counts if count]
    return ", ".join(found) or "nothing"
