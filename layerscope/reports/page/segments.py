"""A bar's parts, placed so that they fill it to the last thousandth."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

WIDTH = 1000


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """One part: its colour by a class, what it is, its bytes, its place in thousandths of the bar."""

    style: str
    label: str
    size_bytes: int
    ratio: float
    start: float
    width: float


def segments(parts: Iterable[tuple[str, str, int]], whole_bytes: int) -> list[Segment]:
    """The parts ``(style, label, bytes)`` that have any bytes, side by side, on the scale of the whole."""
    found: list[Segment] = []
    passed = 0
    for style, label, size_bytes in parts:
        if size_bytes > 0 and whole_bytes:
            found.append(
                Segment(
                    style=style,
                    label=label,
                    size_bytes=size_bytes,
                    ratio=size_bytes / whole_bytes,
                    start=_place(passed, whole_bytes),
                    width=round(_place(passed + size_bytes, whole_bytes) - _place(passed, whole_bytes), 2),
                )
            )
            passed += size_bytes
    return found


def _place(count: int, whole_bytes: int) -> float:
    return round(WIDTH * count / whole_bytes, 2)
