"""Numbers and names as people read them: SI sizes with three digits, one line, cut with a sign."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

from layerscope.model.names import shown

_EIGHTHS = " ▏▎▍▌▋▊▉"


def size(count: int) -> str:
    """A size in SI units with three digits: ``240 B``, ``1.09 GB``, ``77.2 MB``."""
    if count < 1000:
        return f"{count} B"
    rounded = int(float(f"{count:.3g}"))
    decimals = (3 - len(str(rounded))) % 3
    # Not at the top: it takes as long to import as a small image to look at.
    import humanize

    return str(humanize.naturalsize(rounded, format=f"%.{decimals}f"))


def percent(ratio: float) -> str:
    """A share with one decimal: ``15.5 %``."""
    return f"{ratio * 100:.1f} %"


def exact_percent(ratio: float) -> str:
    """A share with six decimals."""
    return f"{ratio * 100:.6f} %"


def exact_size(count: float) -> str:
    """A size in bytes."""
    return f"{count:.0f} B"


def duration(seconds: float) -> str:
    """A time with two digits where it is short: ``0.4 s``, ``12 s``, ``2 min 5 s``, ``1 h 2 min``."""
    whole = round(seconds)
    if seconds < 9.95:
        return f"{seconds:.1f} s" if seconds >= 0.05 or not seconds else "<0.1 s"
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def apart(value: float, limit: float, *texts: Callable[[Any], str]) -> tuple[str, str]:
    """Both as the first of the forms in which they differ, or as the last one."""
    differing = (text for text in texts if text(value) != text(limit))
    text = next(differing, texts[0] if value == limit else texts[-1])
    return text(value), text(limit)


def bar(value: float, scale: float, width: int) -> str:
    """A bar of eighth-blocks, ``width`` cells wide at ``scale``; never empty for a value."""
    eighths = round(value / scale * width * 8) if scale else 0
    if value > 0:
        eighths = max(1, eighths)
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()).ljust(width)


def cells(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    wide = sum(1 for char in text if unicodedata.east_asian_width(char) in "WF")
    return len(text) + wide - sum(1 for char in text if unicodedata.combining(char))


def fit(text: str, width: int, *, end: bool = False) -> str:
    """A text cut to ``width`` columns with an ellipsis; ``end`` keeps its end, as for paths."""
    if cells(text) <= width:
        return text
    if end:
        return "…" + _cut(text[::-1], width - 1)[::-1]
    return _cut(text, width - 1) + "…"


def _cut(text: str, width: int) -> str:
    if text.isascii():
        return text[:width]
    taken = 0
    for place, char in enumerate(text):
        taken += cells(char)
        if taken > width:
            return text[:place]
    return text


def path(name: str) -> str:
    """A path for the screen, absolute and harmless."""
    return "/" + shown(name)
