"""The application: from a reference, or from the images there are, to one image explored.

Nothing is imported here that the first picture does without.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import msgspec
from textual import on
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen

from layerscope.errors import LayerscopeError, UsageError
from layerscope.model.names import shown
from layerscope.tui.glyphs import ASCII, UNICODE
from layerscope.tui.reading import Opener, Reading
from layerscope.tui.screens.loading import LoadingScreen
from layerscope.tui.settings import Settings, SettingsFile
from layerscope.tui.themes import DARK, OURS, in_order

if TYPE_CHECKING:
    from layerscope.inspection import Inspection
    from layerscope.tui.material import Material
    from layerscope.tui.screens.error import ErrorScreen
    from layerscope.tui.screens.explorer import Explorer
    from layerscope.tui.screens.picker import PickerScreen
    from layerscope.tui.writing import OptionsWith, Origin

INTERRUPTED = 130
_BY_SIGNAL = 128


class LayerscopeApp(App[int]):
    """Explores one image after the other; the result of `run` is an exit code.

    ``load`` gives an image that has been read already; otherwise ``opener`` opens ``reference``, or
    what is picked where there is none; ``options_with`` makes the options to read it once more with, when a
    smaller one is written. ``settings`` is where choices are kept, None for nowhere.
    What ended the application for a reason of its own is in ``failure``, to be raised.
    """

    CSS_PATH = "app.tcss"
    TITLE: str | None = "layerscope"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+o", "images", "Other images", show=False),
        Binding("f1", "show_help_panel", "Help", show=False),
    ]
    ENABLE_COMMAND_PALETTE: ClassVar[bool] = True

    class Read(Message):
        """A thread has read an image, or could not."""

        def __init__(self, reading: Reading, outcome: Material | BaseException) -> None:
            super().__init__()
            self.reading = reading
            self.outcome = outcome

    def __init__(
        self,
        load: Callable[[], Inspection] | None = None,
        *,
        reference: str | None = None,
        opener: Opener | None = None,
        ascii_only: bool = False,
        theme: str | None = None,
        settings: SettingsFile | None = None,
        keys: Mapping[str, str] | None = None,
        options_with: OptionsWith | None = None,
    ) -> None:
        super().__init__()
        self._options_with = options_with
        self.failure: BaseException | None = None
        self.glyphs = ASCII if ascii_only else UNICODE
        self._load = load
        self._reference = reference
        self._opener = opener
        self._settings_file = settings
        self.settings, self._remark = settings.read() if settings is not None else (Settings(), None)
        self._reading: Reading | None = None
        self._being_closed: list[threading.Thread] = []
        self._explorer: Explorer | None = None
        for ours in OURS:
            self.register_theme(ours)
        self._take_theme(theme)
        if keys:
            self.set_keymap(keys)

    def _take_theme(self, asked: str | None) -> None:
        """The theme that was asked for, or remembered; raises UsageError where there is no such theme."""
        known = self.available_themes
        if asked is not None and asked not in known:
            raise UsageError(
                f"--theme {asked}: no such theme", hint=f"the themes are {', '.join(in_order(known))}"
            )
        kept = self.settings.theme
        self.theme = asked or (kept if kept in known else None) or DARK.name

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Colours of our own, for themes that lack them."""
        return {"copied-up": "#c792ea" if self.current_theme.dark else "#9a3fc0"}

    def on_mount(self) -> None:
        """Show the image, or begin to read it, or ask which."""
        if not self.is_headless:
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGHUP):
                loop.add_signal_handler(number, partial(self.exit, _BY_SIGNAL + number))
        if self._remark is not None:
            self.notify(shown(self._remark), severity="warning", timeout=8, markup=False)
        self.begin()

    def begin(self) -> None:
        """The first screen."""
        if self._load is not None:
            from layerscope.tui.material import Material

            self._explore(Material(self._load(), self.glyphs))
        elif self._reference is not None:
            self.open_image(self._reference)
        else:
            self._show_picker()

    @property
    def origin(self) -> Origin | None:
        """Where the image on the screen came from."""
        from layerscope.tui.writing import Origin

        if self._reading is None or self._options_with is None:
            return None
        return Origin(reference=self._reading.reference, options_with=self._options_with)

    # From one screen to the next

    def open_image(self, reference: str) -> None:
        """Read an image and show it; from wherever one is."""
        assert self._opener is not None, "there is no way to open another image"
        self._let_go()
        reading = Reading(reference, self._opener, self.glyphs, lambda outcome: self._told(reading, outcome))
        self._reading = reading
        self._show(LoadingScreen(reference, reading.tracker, self.glyphs))
        # The first picture comes first: what the thread imports would hold it up.
        self.call_after_refresh(reading.start)

    def _told(self, reading: Reading, outcome: Material | BaseException) -> None:
        """In the reading thread: the rest is for the application's own."""
        self.post_message(self.Read(reading, outcome))

    @on(Read)
    def _read(self, event: Read) -> None:
        if event.reading is not self._reading:
            return
        if not isinstance(event.outcome, BaseException):
            self._opened(event.reading.reference)
            self._explore(event.outcome)
        elif isinstance(event.outcome, LayerscopeError):
            self._show_error(event.reading.reference, event.outcome)
        else:
            self.failure = event.outcome
            self.exit(1)

    def _explore(self, material: Material) -> None:
        from layerscope.tui.screens.explorer import Explorer

        self._explorer = Explorer(material, sort=self.settings.sort, aggregated=self.settings.aggregated)
        self._show(self._explorer)

    def _show_error(self, reference: str, error: LayerscopeError) -> None:
        from layerscope.tui.screens.error import ErrorScreen

        self.failure = error
        self._show(ErrorScreen(reference, error, can_go_back=self._picker is not None))

    def _show(self, screen: Screen[None]) -> None:
        """Show a screen above the picker, in place of what is there."""
        if len(self.screen_stack) > (1 if self._picker is None else 2):
            self.switch_screen(screen)
        else:
            self.push_screen(screen)

    @property
    def _picker(self) -> PickerScreen | None:
        if len(self.screen_stack) < 2 or not self.screen_stack[1].has_class("picker"):
            return None
        from layerscope.tui.screens.picker import PickerScreen

        found = self.screen_stack[1]
        return found if isinstance(found, PickerScreen) else None

    def _show_picker(self) -> None:
        from layerscope.tui.screens.picker import PickerScreen

        self._show(PickerScreen(self.glyphs, lambda: self.settings.recent))

    def action_images(self) -> None:
        """Let go of the image and choose another."""
        if self._opener is None:
            return
        self._let_go()
        self.failure = None
        picker = self._picker
        if picker is None:
            self._show_picker()
        else:
            while self.screen is not picker:
                self.pop_screen()

    @on(LoadingScreen.Cancel)
    def _cancelled(self) -> None:
        if self._picker is None:
            self.exit(INTERRUPTED)
        else:
            self.action_images()

    def on_error_screen_retry(self, event: ErrorScreen.Retry) -> None:
        """Read the same image again."""
        event.stop()
        self.failure = None
        assert self._reading is not None
        self.open_image(self._reading.reference)

    def on_error_screen_back(self) -> None:
        """Choose another image."""
        self.action_images()

    def on_error_screen_leave(self) -> None:
        """Leave; the error is raised by whoever runs the application."""
        self.exit(self.failure.exit_code if isinstance(self.failure, LayerscopeError) else 1)

    def on_picker_screen_picked(self, event: PickerScreen.Picked) -> None:
        """Open what was picked."""
        self.open_image(event.reference)

    # The end

    def exit(self, *arguments: object, **named: object) -> None:
        """Keep what was chosen while there is a screen to say that it cannot be kept, and end."""
        self._remember_view()
        if self._reading is not None:
            self._reading.cancel()
        super().exit(*arguments, **named)  # type: ignore[arg-type]

    async def action_quit(self) -> None:
        """Everything is fine."""
        self.exit(0)

    def close_image(self, patience_s: float) -> None:
        """Let go of the image once the screen is gone, and wait so long for what is still being read."""
        self._let_go()
        for thread in self._being_closed:
            thread.join(patience_s)

    def _let_go(self) -> None:
        """Leave the image that there is; closing it may take a moment, which nobody waits for."""
        self._remember_view()
        self._explorer = None
        if self._reading is not None:
            reading, self._reading = self._reading, None
            reading.cancel()
            thread = threading.Thread(target=reading.close, args=(None,), daemon=True)
            thread.start()
            self._being_closed.append(thread)

    # What is remembered

    def remember(self, **values: object) -> None:
        """Keep a choice for the next time; where that fails, it is only said."""
        changed = msgspec.structs.replace(self.settings, **values)
        if changed != self.settings:
            self._keep(changed)

    def _keep(self, settings: Settings) -> None:
        self.settings = settings
        if self._settings_file is not None:
            try:
                self._settings_file.write(settings)
            except (OSError, UnicodeError) as error:
                self.notify(f"settings are not kept: {error}", severity="warning", markup=False)

    def _remember_view(self) -> None:
        if self._explorer is not None:
            selection = self._explorer.selection
            self.remember(sort=selection.sort, aggregated=selection.aggregated)

    def _opened(self, reference: str) -> None:
        with contextlib.suppress(OSError):
            if Path(reference).exists():
                self._keep(self.settings.opened(str(Path(reference).resolve())))

    # Help, commands, themes

    def action_show_help_panel(self) -> None:
        """All keys, marks and words."""
        from layerscope.tui.screens.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.screen, self.glyphs))

    def search_themes(self) -> None:
        """Choose a theme by seeing it."""
        from layerscope.tui.screens.theme_choice import ThemeChoice

        self.push_screen(ThemeChoice(self.theme), self._theme_chosen)

    def _theme_chosen(self, theme: str | None) -> None:
        if theme is not None:
            self.remember(theme=theme)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Everything that a key does here, and what needs none."""
        from layerscope.tui.keys import action_of

        said: set[str] = set()
        for active in screen.active_bindings.values():
            binding = active.binding
            name = action_of(type(active.node), binding)
            if name is None or name in said or not active.enabled:
                continue
            said.add(name)
            yield SystemCommand(
                binding.description,
                f"{self.get_key_display(binding)}   {name}",
                partial(self.run_action, binding.action, active.node),
                discover=not name.startswith("row-list."),  # nobody looks for the arrow keys here
            )
        yield SystemCommand("Theme", "Colours; seen as you walk through them", self.search_themes)
        yield SystemCommand(
            "Save a picture of the screen", "As SVG", lambda: self.set_timer(0.1, self.deliver_screenshot)
        )
