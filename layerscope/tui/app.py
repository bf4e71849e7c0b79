"""The application: it loads an image and shows it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from textual.app import App
from textual.binding import BindingType

from layerscope.inspection import Inspection
from layerscope.tui.glyphs import ASCII, UNICODE
from layerscope.tui.material import Material
from layerscope.tui.screens.explorer import Explorer
from layerscope.tui.themes import DARK, LIGHT


class LayerscopeApp(App[None]):
    """Opens one image; ``load`` gives it."""

    CSS_PATH: ClassVar[str | Path | list[str | Path] | None] = "app.tcss"
    TITLE: str | None = "layerscope"
    BINDINGS: ClassVar[list[BindingType]] = []
    ENABLE_COMMAND_PALETTE: ClassVar[bool] = True

    def __init__(self, load: Callable[[], Inspection], *, ascii_only: bool = False) -> None:
        super().__init__()
        self._load = load
        self._glyphs = ASCII if ascii_only else UNICODE
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.theme = DARK.name

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Colours of our own, for themes that lack them."""
        return {"copied-up": "#c792ea" if self.current_theme.dark else "#9a3fc0"}

    def on_mount(self) -> None:
        """Load the image."""
        self.push_screen(Explorer(Material(self._load(), self._glyphs)))
