"""How progress is put into words."""

from __future__ import annotations

import math
import re

from layerscope.model.names import shown
from layerscope.model.people import fit

SHORT_DIGITS = 12
_DIGEST = re.compile(rf"(?<![0-9a-z])[0-9a-f]{{{SHORT_DIGITS},}}")


def time_left(seconds: float) -> str:
    """``8 s left``, ``5 min left``, ``2 h left``: no finer than it is known."""
    if seconds <= 90:
        return f"{math.ceil(seconds)} s left"
    minutes = round(seconds / 60)
    return f"{minutes} min left" if minutes <= 90 else f"{round(seconds / 3600)} h left"


def short_name(part: str) -> str:
    """A blob's digest as engines abbreviate it, or the last piece of its name, in twelve columns."""
    digest = _DIGEST.search(part)
    if digest is not None:
        return digest[0][:SHORT_DIGITS]
    return fit(shown(part.removesuffix("/layer.tar").rpartition("/")[2]), SHORT_DIGITS, end=True)
