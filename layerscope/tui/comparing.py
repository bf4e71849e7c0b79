"""The application with two images side by side, which have been read already."""

from __future__ import annotations

from collections.abc import Mapping

from layerscope.tui.app import LayerscopeApp
from layerscope.tui.screens.comparison import Compared, ComparisonScreen
from layerscope.tui.settings import SettingsFile


class ComparisonApp(LayerscopeApp):
    """Shows one comparison; keys, themes and help are those of the explorer."""

    CSS_PATH = "app.tcss"

    def __init__(
        self,
        compared: Compared,
        *,
        ascii_only: bool = False,
        theme: str | None = None,
        settings: SettingsFile | None = None,
        keys: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(ascii_only=ascii_only, theme=theme, settings=settings, keys=keys)
        self._compared = compared

    def begin(self) -> None:
        """There is only one screen."""
        self.push_screen(ComparisonScreen(self._compared, self.glyphs))
