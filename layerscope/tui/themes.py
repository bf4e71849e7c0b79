"""The themes that layerscope comes with: two calm ones with one accent, two of high contrast."""

from __future__ import annotations

from collections.abc import Iterable

from textual.theme import Theme

DARK = Theme(
    name="layerscope-dark",
    primary="#4fb3bf",
    secondary="#7f9cb5",
    accent="#4fb3bf",
    warning="#e0b15c",
    error="#e5737d",
    success="#86c98a",
    foreground="#d5dbe3",
    background="#14181d",
    surface="#14181d",
    panel="#1d232a",
    dark=True,
    variables={
        "copied-up": "#c792ea",
        "block-cursor-background": "#27424b",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": "#1f282f",
        "footer-key-foreground": "#4fb3bf",
    },
)

LIGHT = Theme(
    name="layerscope-light",
    primary="#0f7a88",
    secondary="#4d6b85",
    accent="#0f7a88",
    warning="#9a6700",
    error="#bd2c3b",
    success="#2c7a3a",
    foreground="#24292f",
    background="#fbfbf9",
    surface="#fbfbf9",
    panel="#eeeeea",
    dark=False,
    variables={
        "copied-up": "#8a3fb0",
        "block-cursor-background": "#cfe6ea",
        "block-cursor-foreground": "#101418",
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": "#e6eeee",
        "footer-key-foreground": "#0f7a88",
    },
)

CONTRAST_DARK = Theme(
    name="layerscope-contrast-dark",
    primary="#00e5ff",
    secondary="#b8d4ff",
    accent="#00e5ff",
    warning="#ffd400",
    error="#ff7b72",
    success="#5cff6c",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#1a1a1a",
    dark=True,
    variables={
        "copied-up": "#ff8cff",
        "block-cursor-background": "#0047b3",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#333333",
        "footer-key-foreground": "#ffd400",
    },
)

CONTRAST_LIGHT = Theme(
    name="layerscope-contrast-light",
    primary="#00535e",
    secondary="#003a70",
    accent="#00535e",
    warning="#6b4300",
    error="#9b0011",
    success="#00530f",
    foreground="#000000",
    background="#ffffff",
    surface="#ffffff",
    panel="#ececec",
    dark=False,
    variables={
        "copied-up": "#6a0090",
        "block-cursor-background": "#ffe066",
        "block-cursor-foreground": "#000000",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#dddddd",
        "footer-key-foreground": "#00535e",
    },
)

OURS = (DARK, LIGHT, CONTRAST_DARK, CONTRAST_LIGHT)


def in_order(names: Iterable[str]) -> list[str]:
    """Names of themes, ours first."""
    ours = [theme.name for theme in OURS]
    return ours + sorted(set(names) - set(ours))
