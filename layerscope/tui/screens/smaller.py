"""The dialog that writes a smaller image: what is done to it, where to, how far, what came of it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Label, Static

from layerscope.errors import LayerscopeError, UsageError, WriteError
from layerscope.model.names import shown
from layerscope.model.people import percent, size
from layerscope.model.suggestion import Suggestion
from layerscope.optimize.foreseeing import can_be_dropped, foresee
from layerscope.optimize.optimizing import Optimized
from layerscope.optimize.steps import Steps
from layerscope.targets.choosing import choose_target, keeps_compression
from layerscope.tui.background import in_background
from layerscope.tui.material import Material
from layerscope.tui.reading import Cancelled
from layerscope.tui.screens.loading import time_left
from layerscope.tui.widgets.key_bar import KeyBar
from layerscope.tui.widgets.tick import Tick
from layerscope.tui.writing import Origin, WritingTracker, origin_of, write_smaller

_TICK_S = 0.1
_BAR = 30
_NAMED = 4


class SmallerDialog(ModalScreen[None]):
    """The image on the screen without what is ticked."""

    DEFAULT_CSS = """
    SmallerDialog { align: center middle; }
    SmallerDialog > Vertical { width: 80; max-width: 100%; height: auto; max-height: 100%;
                               background: $panel; padding: 1 2; overflow-y: auto; }
    SmallerDialog #smaller-title { text-style: bold; margin-bottom: 1; }
    SmallerDialog #smaller-plan { margin: 1 0; height: auto; }
    SmallerDialog Input { border: none; height: 1; padding: 0 1; background: $background; }
    SmallerDialog Input:focus { background: $block-cursor-background; }
    SmallerDialog #smaller-places { color: $foreground 60%; margin-bottom: 1; }
    SmallerDialog #smaller-said { margin-top: 1; height: auto; }
    SmallerDialog #smaller-said.warning { color: $text-warning; }
    SmallerDialog #smaller-said.done { color: $text-success; }
    SmallerDialog Horizontal { height: 1; margin-top: 1; }
    SmallerDialog Button { border: none; height: 1; min-width: 12; margin-right: 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stop", "Cancel"),
        Binding("tab", "app.focus_next", "Next", show=False),
    ]

    def __init__(self, material: Material, ticked: Sequence[Suggestion]) -> None:
        super().__init__()
        self._material = material
        found = [one for one in ticked if can_be_dropped(one.rule)]
        self._rules = tuple(dict.fromkeys(one.rule for one in found))
        self._dropped_bytes = sum(one.net_bytes for one in found)
        self._origin: Origin | None = None
        self._tracker: WritingTracker | None = None
        self._force = False
        self._over = False
        self._said = Static("", id="smaller-said", markup=False)

    def compose(self) -> ComposeResult:
        """What to do, what comes of it, where to."""
        glyphs = self._material.glyphs
        with Vertical():
            yield Static("Write a smaller image", id="smaller-title", markup=False)
            yield Tick(glyphs, "drop what later layers hide", id="smaller-prune")
            yield Tick(glyphs, "join the layers above the base into one", id="smaller-squash")
            if self._rules:
                yield Tick(glyphs, self._leaving_out(), id="smaller-drop")
            yield Static("counting", id="smaller-plan", markup=False)
            yield Label("into")
            yield Input(
                default_place(self._material.inspection.image.reference),
                id="smaller-output",
                compact=True,
                select_on_focus=False,
            )
            yield Static("a path, docker:NAME, podman:NAME or registry:HOST/NAME", id="smaller-places")
            yield self._said
            with Horizontal():
                yield Button("Write", id="smaller-go", variant="primary", compact=True)
                yield Button("Cancel", id="smaller-stop", compact=True)
        yield KeyBar()

    def _leaving_out(self) -> str:
        named = ", ".join(self._rules[:_NAMED])
        more = f" and {len(self._rules) - _NAMED} more" if len(self._rules) > _NAMED else ""
        room = 72 - len(size(self._dropped_bytes))
        return self._material.glyphs.fit(f"leave out what is ticked: {named}{more}", room).rstrip()

    def on_mount(self) -> None:
        """Foresee what would come of it."""
        self.set_interval(_TICK_S, self._tell_progress)
        self.query_one("#smaller-prune", Tick).value = True
        if self._rules:
            self.query_one("#smaller-drop", Tick).value = True
        self.query_one("#smaller-output", Input).focus()
        for tick in self.query(Tick):
            self.watch(tick, "value", self._foresee, init=False)
        self._origin = origin_of(self.app)
        if self._origin is None:
            self._end("this image cannot be read a second time; write it from an archive or an engine")
        self._foresee()

    def on_unmount(self) -> None:
        """Write nothing more."""
        if self._tracker is not None:
            self._tracker.cancel()

    @property
    def _steps(self) -> Steps:
        dropping = bool(self._rules) and self.query_one("#smaller-drop", Tick).value
        return Steps(
            prune=self.query_one("#smaller-prune", Tick).value,
            squash_own=self.query_one("#smaller-squash", Tick).value,
            drop=tuple(f"rule:{rule}" for rule in self._rules) if dropping else (),
        )

    @property
    def _output(self) -> str:
        return self.query_one("#smaller-output", Input).value.strip()

    # What would come of it

    def _foresee(self) -> None:
        if self._tracker is None and not self._over:
            in_background(self, self._count, self._steps, group="foreseeing", alone=True)

    async def _count(self, steps: Steps) -> None:
        plan = self.query_one("#smaller-plan", Static)
        inspection = self._material.inspection
        if not str(steps):
            plan.update("nothing is to be done to it")
            return
        try:
            form = choose_target(self._output)[0].id
            compress = await asyncio.to_thread(keeps_compression, form, certain=False)
            done = await asyncio.to_thread(
                foresee, inspection.image, inspection.changesets, steps, compress=compress
            )
        except LayerscopeError as error:
            plan.update(shown(error.message))
        else:
            plan.update(self._planned(done))

    def _planned(self, done: Optimized) -> Text:
        before = sum(layer.before.stored_bytes for layer in done.layers)
        after = done.predicted_stored_bytes
        count = len(self._material.inspection.image.layers)
        arrow = self._material.glyphs.arrow
        text = Text(f"{size(before)} {arrow} about ")
        text.append(size(after), style="bold")
        share = f"  {percent((before - after) / before)} less" if 0 < after < before else ""
        text.append(f"{share}  {count} {arrow} {len(done.layers)} layers")
        if not done.base_known:
            text.append(
                "\nwhere the base image ends is unknown: all layers are taken for own ones", style="dim"
            )
        if done.losing:
            names = ", ".join(one.name for one in done.losing[:_NAMED])
            text.append(f"\n{len(done.losing)} packages lose files: {shown(names)}", style="dim")
        return text

    # Doing it

    @on(Input.Submitted)
    @on(Button.Pressed, "#smaller-go")
    def _go(self) -> None:
        if self._tracker is not None or self._over or self._origin is None:
            return
        if not self._output:
            self._say("name a place to write to", warning=True)
            return
        if not str(self._steps):
            self._say("tick what is to be done", warning=True)
            return
        self._tracker = WritingTracker()
        self.query_one("#smaller-go", Button).disabled = True
        in_background(self, self._write, self._origin, self._steps, self._output, self._tracker)

    @on(Input.Changed)
    def _other_place(self) -> None:
        """What was asked was about another place."""
        if self._tracker is None and not self._over:
            if self._force:
                self._ask_no_more()
            self._foresee()

    def _ask_no_more(self) -> None:
        self._force = False
        self.query_one("#smaller-go", Button).label = "Write"
        self._say("")

    async def _write(self, origin: Origin, steps: Steps, output: str, tracker: WritingTracker) -> None:
        try:
            done = await asyncio.to_thread(
                write_smaller, origin, steps, output, replace=self._force, tracker=tracker
            )
        except Cancelled:
            self._end("cancelled; nothing was written")
        except LayerscopeError as error:
            self._failed(error)
        else:
            self._end("\n".join(_result(done, output)), kind="done")

    def _failed(self, error: LayerscopeError) -> None:
        """Ask where something is in the way, let the place be changed where it is no place."""
        self._tracker = None
        go = self.query_one("#smaller-go", Button)
        go.disabled = False
        hint = error.hint or ""
        if isinstance(error, WriteError) and hint.startswith("--force"):
            self._force = True
            go.label = "Replace"
            go.focus()
            hint = "Replace it?"
        elif not isinstance(error, UsageError | WriteError):
            self._end(f"{shown(error.message)}\n{shown(hint)}".strip(), kind="warning")
            return
        self._say(f"{shown(error.message)}\n{shown(hint)}".strip(), warning=True)

    def _end(self, text: str, *, kind: str = "") -> None:
        self._tracker = None
        self._over = True
        go, stop = self.query_one("#smaller-go", Button), self.query_one("#smaller-stop", Button)
        go.display = False
        stop.label = "Close"
        stop.focus()
        self._say(text, warning=kind == "warning")
        self._said.set_class(kind == "done", "done")

    def _say(self, text: str, *, warning: bool = False) -> None:
        self._said.set_class(warning, "warning")
        self._said.update(text)

    def _tell_progress(self) -> None:
        if self._tracker is None:
            return
        state = self._tracker.state()
        if state.total_bytes is None:
            self._say(f"{size(state.done_bytes)} gone through" if state.done_bytes else "beginning")
            return
        bar = self._material.glyphs.bar(state.done_bytes, state.total_bytes, _BAR)
        left = f"  {time_left(state.left_s)}" if state.left_s is not None else ""
        self._say(f"{bar:<{_BAR}}  {percent(state.done_bytes / max(1, state.total_bytes))}{left}")

    @on(Button.Pressed, "#smaller-stop")
    def action_stop(self) -> None:
        """Stop writing; close the dialog where nothing is being written."""
        if self._tracker is None:
            self.dismiss(None)
        else:
            self._tracker.cancel()
            self._say("stopping")


def default_place(reference: str) -> str:
    """A file in this folder, named after the image."""
    name = re.split(r"[/@]", reference.rstrip("/"))[-1]
    stem = re.sub(r"\.(tar|oci|gz|zst|tgz)\b|[^\w.-]+", "-", name, flags=re.ASCII).strip("-.")
    return str(Path(f"{stem or 'image'}-slim.tar"))


def _result(done: Optimized, output: str) -> list[str]:
    """What was written, and how far it was proven."""
    exported = done.exported
    assert exported is not None, "it was written"
    again = "read again" if exported.read_again else "before it was sent"
    but = ", save what was left out" if done.removed else ""
    # Without its algorithm a digest has room on the narrowest screen.
    digests = [("image ID", exported.image_id), *([("digest", exported.digest)] if exported.digest else [])]
    lines = [
        f"wrote     {shown(output)}, {size(exported.size_bytes)}, {exported.layers} layers",
        *(f"{title:<8}  {digest.partition(':')[2]}" for title, digest in digests),
        f"proven    {again}: every digest, every file{but}",
    ]
    return lines + [f"note      {shown(note)}" for note in exported.notes]
