"""Which adjacent layers to squash: what is wasted between them goes, the rest stays as it is."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from layerscope.model.waste import Waste

_ENOUGH = 0.95
_MOST_LAYERS = 512


class Range(msgspec.Struct, frozen=True, kw_only=True):
    """Layers from ``first`` to ``last``, both included, and the content that squashing them saves."""

    first: int
    last: int
    saved_bytes: int


def saved_by(waste: Sequence[Waste], first: int, last: int) -> int:
    """Content bytes that go when these layers become one: shipped and made useless within them."""
    return sum(one.size_bytes for one in waste if first <= one.shipped_by and one.hidden_by <= last)


def best_range(waste: Sequence[Waste], first: int, layers: int) -> Range | None:
    """The shortest range from ``first`` on that saves nearly all that any can; None where none saves.

    Of several of the same length the one that saves most, then the lowest.
    """
    own = [one for one in waste if one.shipped_by >= first]
    total = saved_by(own, first, layers - 1)
    count = layers - first
    if not total or count < 2:
        return None
    if count > _MOST_LAYERS:
        return Range(first=first, last=layers - 1, saved_bytes=total)
    by_end = [[0] * count for _ in range(count)]
    for one in own:
        by_end[one.hidden_by - first][one.shipped_by - first] += one.size_bytes
    best: tuple[int, int, int] | None = None
    saved = [0] * count
    for end in range(count):
        running = 0
        for start in range(end, -1, -1):
            running += by_end[end][start]
            saved[start] += running
            if saved[start] >= _ENOUGH * total and end > start:
                key = (end - start, -saved[start], start)
                best = key if best is None or key < best else best
    if best is None:
        return None
    length, negative, start = best
    return Range(first=first + start, last=first + start + length, saved_bytes=-negative)
