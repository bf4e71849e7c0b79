"""What somebody chose, read and kept from any widget; where nothing is kept, the defaults."""

from __future__ import annotations

from typing import Any

from textual.app import App

from layerscope.tui.settings import Settings


def remembered(app: App[Any]) -> Settings:
    """What is remembered."""
    settings = getattr(app, "settings", None)
    return settings if isinstance(settings, Settings) else Settings()


def remember(app: App[Any], **values: object) -> None:
    """Keep choices for the next time."""
    keep = getattr(app, "remember", None)
    if keep is not None:
        keep(**values)
