"""The two themes that layerscope comes with: calm, one accent."""

from __future__ import annotations

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
