"""The application with two images side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual import on
from textual.message import Message

from layerscope.errors import LayerscopeError
from layerscope.tui.app import LayerscopeApp
from layerscope.tui.reading_two import ReadingTwo
from layerscope.tui.screens.loading import LoadingScreen
from layerscope.tui.settings import SettingsFile

if TYPE_CHECKING:  # the first picture does without
    from layerscope.tui.screens.comparison import Compared


class ComparisonApp(LayerscopeApp):
    """Shows one comparison, read already or still to be; keys, themes and help are those of the explorer."""

    CSS_PATH = "app.tcss"

    class SecondBegun(Message):
        """The first image has been read."""

    class Ready(Message):
        """A thread has compared two images, or could not."""

        def __init__(self, outcome: Compared | BaseException) -> None:
            super().__init__()
            self.outcome = outcome

    def __init__(
        self,
        source: Compared | ReadingTwo,
        *,
        ascii_only: bool = False,
        theme: str | None = None,
        settings: SettingsFile | None = None,
        keys: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(ascii_only=ascii_only, theme=theme, settings=settings, keys=keys)
        self._shown = source

    def begin(self) -> None:
        """Show what there is, or begin to read it."""
        if not isinstance(self._shown, ReadingTwo):
            self._compare(self._shown)
            return
        reading = self._shown
        self._wait_for(0)
        # The first picture comes first: what the thread imports would hold it up.
        self.call_after_refresh(
            reading.start,
            lambda: self.post_message(self.SecondBegun()),
            lambda outcome: self.post_message(self.Ready(outcome)),
        )

    def _wait_for(self, place: int) -> None:
        assert isinstance(self._shown, ReadingTwo)
        title = f"{('old', 'new')[place]} image: {self._shown.references[place]}"
        self._show(LoadingScreen(title, self._shown.trackers[place], self.glyphs))

    def _compare(self, compared: Compared) -> None:
        from layerscope.tui.screens.comparison import ComparisonScreen

        self._show(ComparisonScreen(compared, self.glyphs))

    @on(SecondBegun)
    def _first_read(self) -> None:
        self._wait_for(1)

    @on(Ready)
    def _there(self, event: Ready) -> None:
        if not isinstance(event.outcome, BaseException):
            self._compare(event.outcome)
            return
        self.failure = event.outcome
        self.exit(self.failure.exit_code if isinstance(self.failure, LayerscopeError) else 1)

    def exit(self, *arguments: object, **named: object) -> None:
        """End; nobody waits for what is still being read."""
        if isinstance(self._shown, ReadingTwo):
            self._shown.cancel()
        super().exit(*arguments, **named)
