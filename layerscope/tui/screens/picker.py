"""All local images: type to search, Enter opens one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input, Static

from layerscope.errors import LayerscopeError
from layerscope.extensions import Source
from layerscope.loading import load
from layerscope.model.names import shown
from layerscope.tui.glyphs import Glyphs
from layerscope.tui.screens.confirm import ConfirmScreen
from layerscope.tui.widgets.image_list import FILE, Choice, ImageList, choices_of, choices_of_files
from layerscope.tui.widgets.key_bar import KeyBar
from layerscope.tui.widgets.row_list import RowList

_LAID_OUT_S = 0.05

Outcome = list[Choice] | LayerscopeError


class PickerInput(Input):
    """Takes what is typed; keys that move go to the list."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "screen.move(-1)", "Up", show=False),
        Binding("down", "screen.move(1)", "Down", show=False),
        Binding("pageup", "screen.page(-1)", "Page up", show=False),
        Binding("pagedown", "screen.page(1)", "Page down", show=False),
        Binding("enter", "screen.open", "Open", key_display="enter"),
        Binding("delete", "delete_or_remove", "Remove", key_display="del"),
        Binding("ctrl+c", "app.quit", "Quit", show=False),
    ]

    def action_delete_or_remove(self) -> None:
        """Behind the last character there is nothing to delete but the image."""
        if self.cursor_position < len(self.value):
            self.action_delete_right()
        else:
            screen = self.screen
            assert isinstance(screen, PickerScreen)
            screen.action_remove()


class PickerScreen(Screen[None]):
    """Engine by engine as they answer; what was opened from a file before comes first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "remove", "Remove", show=False),
        Binding("f5", "refresh", "Refresh"),
        Binding("tab", "app.focus_next", "Search or list", show=False),
        Binding("slash", "search", "Search", show=False),
        Binding("escape", "leave", "Clear, quit", key_display="esc"),
        Binding("q", "app.quit", "Quit", show=False),
        Binding("f1,question_mark", "app.show_help_panel", "Help", key_display="f1"),
    ]
    DEFAULT_CSS = """
    PickerScreen #searching { height: 1; margin: 1 0; }
    PickerScreen #sign { width: auto; padding: 0 1 0 2; color: $primary; text-style: bold; }
    PickerScreen PickerInput { width: 1fr; height: 1; border: none; padding: 0; background: $background; }
    PickerScreen PickerInput:focus { border: none; }
    PickerScreen #found { width: auto; padding: 0 2; color: $foreground 60%; }
    PickerScreen ImageList { height: 1fr; }
    PickerScreen #engines { height: auto; max-height: 8; padding: 0 2; margin-top: 1;
                            color: $foreground 60%; }
    """

    class Picked(Message):
        """An image is to be opened."""

        def __init__(self, reference: str) -> None:
            super().__init__()
            self.reference = reference

    class Answered(Message):
        """An engine has said what it holds, or why not."""

        def __init__(self, asked: int, engine: str, outcome: Outcome) -> None:
            super().__init__()
            self.asked = asked
            self.engine = engine
            self.outcome = outcome

    class Removed(Message):
        """An engine has removed an image, or why not."""

        def __init__(self, choice: Choice, error: LayerscopeError | None) -> None:
            super().__init__()
            self.choice = choice
            self.error = error

    def __init__(self, glyphs: Glyphs, recent: Callable[[], Sequence[str]]) -> None:
        super().__init__(classes="picker")
        self._glyphs = glyphs
        self._find_recent = recent
        self._recent: list[Choice] = []
        self._sources: dict[str, Source] = {}
        self._answers: dict[str, Outcome | None] = {}
        self._waiting: set[str] = set()
        self._asked = 0
        self._list = ImageList(glyphs)
        self._search = PickerInput(placeholder="type to search, or the name of an image to pull")
        self._found = Static("", id="found", markup=False)
        self._told = Static("", id="engines", markup=False)

    def compose(self) -> ComposeResult:
        """The line to search with, the images, what the engines say."""
        with Horizontal(id="searching"):
            yield Static("layerscope", id="sign", markup=False)
            yield self._search
            yield self._found
        yield self._list
        yield self._told
        yield KeyBar()

    def on_mount(self) -> None:
        """Ask the engines."""
        self._search.focus()
        self.action_refresh()

    # The engines

    def action_refresh(self) -> None:
        """Ask all engines again; what they said before stays until they answer."""
        self._asked += 1
        self._sources = {source.id: source for source in engines()}
        self._recent = choices_of_files(self._find_recent())
        kept = self._answers
        self._answers = {name: kept.get(name) for name in self._sources}
        self._waiting = set(self._sources)
        for source in self._sources.values():
            self._in_background(self._ask, self._asked, source)
        self._fill()

    def _in_background(self, work: Callable[..., None], *arguments: object) -> None:
        # Not Textual's workers: at the end those are waited for, however long an engine is silent.
        threading.Thread(target=work, args=arguments, daemon=True).start()

    def _ask(self, asked: int, source: Source) -> None:
        assert source.images is not None
        try:
            outcome: Outcome = choices_of(source.id, source.images())
        except LayerscopeError as error:
            outcome = error
        self.post_message(self.Answered(asked, source.id, outcome))

    @on(Answered)
    def _answered(self, event: Answered) -> None:
        if event.asked == self._asked:
            self._answers[event.engine] = event.outcome
            self._waiting.discard(event.engine)
            self._fill()

    # What is shown

    @on(Input.Changed)
    def _typed(self) -> None:
        self._fill()

    def _fill(self) -> None:
        words = self._search.value.lower().split()
        held = [choice for answer in self._answers.values() if isinstance(answer, list) for choice in answer]
        held.sort(key=lambda choice: (-(choice.created_s or 0), choice.name, choice.tag, choice.engine))
        choices = self._recent + held
        found = [choice for choice in choices if choice.matches(words)]
        self._list.waiting = self._nothing(words)
        self._list.show_choices(found)
        count = f"{len(found):,} of {len(choices):,}" if words else f"{len(choices):,}"
        self._found.update(f"{count} image{'' if len(choices) == 1 else 's'}")
        self._told.update(self._engine_lines())
        # Its height was measured before, if this comes within the screen's first layout.
        self.set_timer(_LAID_OUT_S, partial(self._told.refresh, layout=True))

    def _nothing(self, words: list[str]) -> str:
        if words:
            return "none of them; Enter opens it wherever it is found"
        if self._waiting:
            return f"asking {', '.join(sorted(self._waiting))}{self._glyphs.ellipsis}"
        return "no local images; type a name to pull one, or start with layerscope IMAGE.tar"

    def _engine_lines(self) -> Table:
        """What is still waited for, and who did not answer, why, and what can be done."""
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for name, answer in self._answers.items():
            if isinstance(answer, LayerscopeError):
                said = Text(f"not reached: {shown(answer.message)}")
                if answer.hint:
                    said.append(f"\n{shown(answer.hint)}", style="italic")
                table.add_row(Text(name), said)
            elif name in self._waiting:
                table.add_row(Text(name), Text(f"asking{self._glyphs.ellipsis}"))
        return table

    # Keys

    def action_move(self, count: int) -> None:
        """Move the cursor of the list."""
        self._list.action_move(count)

    def action_page(self, direction: int) -> None:
        """Move it by a screenful."""
        self._list.action_page(direction)

    def action_search(self) -> None:
        """Back to the line."""
        self._search.focus()

    def action_open(self) -> None:
        """Open the image under the cursor; without one, what was typed."""
        choice = self._list.current
        if choice is not None:
            self.post_message(self.Picked(choice.reference))
        elif self._search.value.strip():
            self.post_message(self.Picked(self._search.value.strip()))

    @on(RowList.Chosen)
    def _row_chosen(self) -> None:
        self.action_open()

    def action_leave(self) -> None:
        """Show all images again; with all of them shown, quit."""
        if self._search.value:
            self._search.value = ""
            self._search.focus()
        else:
            self.app.exit(0)

    def action_remove(self) -> None:
        """Ask whether the image under the cursor is to go, and have its engine remove it."""
        choice = self._list.current
        if choice is None:
            return
        if choice.engine == FILE:
            self.notify("files are not removed here", timeout=3)
            return
        source = self._sources[choice.engine]
        if source.remove is None:
            self.notify(f"{choice.engine} cannot remove images from here", severity="warning", timeout=4)
            return
        name = f"{choice.name}:{choice.tag}" if choice.tag else choice.name
        question = f"Remove {shown(name)} from {choice.engine}?"
        self.app.push_screen(
            ConfirmScreen(question, "Remove"), lambda sure: self._remove(source, choice) if sure else None
        )

    def _remove(self, source: Source, choice: Choice) -> None:
        self._in_background(self._remove_now, source, choice)

    def _remove_now(self, source: Source, choice: Choice) -> None:
        assert source.remove is not None
        error = None
        try:
            source.remove(choice.reference.removeprefix(f"{source.id}:"))
        except LayerscopeError as raised:
            error = raised
        self.post_message(self.Removed(choice, error))

    @on(Removed)
    def _was_removed(self, event: Removed) -> None:
        if event.error is not None:
            self.notify(shown(event.error.message), severity="error", timeout=8, markup=False)
        else:
            self.notify(f"removed {shown(event.choice.name)}", timeout=3, markup=False)
        self.action_refresh()

    def on_screen_resume(self, event: events.ScreenResume) -> None:  # noqa: ARG002
        """Back from an image, which may have been a file: search on."""
        self._search.focus()
        self._recent = choices_of_files(self._find_recent())
        self._fill()


def engines() -> list[Source]:
    """The sources that can list what they hold, in the order in which they are asked for an image."""
    found: dict[str, Source] = load("source")
    return sorted((source for source in found.values() if source.images is not None), key=lambda s: s.rank)
