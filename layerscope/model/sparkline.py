"""Values as a line of bars that is one row high."""

from __future__ import annotations

from collections.abc import Sequence

_BARS = "▁▂▃▄▅▆▇█"
_ASCII = "_.-=+*%@"


def sparkline(values: Sequence[float], *, ascii_only: bool = False) -> str:
    """One sign for each value, from the lowest for the least to the highest for the greatest."""
    signs = _ASCII if ascii_only else _BARS
    if not values:
        return ""
    least, span = min(values), max(values) - min(values)
    middle = len(signs) // 2 - 1
    if not span:
        return signs[middle] * len(values)
    return "".join(signs[round((value - least) / span * (len(signs) - 1))] for value in values)
