"""The lines that show one moment of reading on a terminal, their columns aligned."""

from __future__ import annotations

from layerscope.cli.progress.tally import Moment
from layerscope.cli.progress.wording import SHORT_DIGITS, short_name, time_left
from layerscope.model.people import cells, fit, size
from layerscope.reports.paint import Paint

_HEADING = "reading layers"
_WAITING = "opening the image"
_NAME = 2 + SHORT_DIGITS
_DONE = len("1.10 GB of 1.10 GB")
_RATE = len("85.0 MB/s")
_LEFT = len("90 min left")
_GAP = 2
_MIN_BAR, _MAX_BAR = 8, 40
_MAX_PARTS = 6


def picture(moment: Moment, columns: int, rows: int, paint: Paint, *, unicode: bool) -> list[str]:
    """The whole, then the layers that are being read, as many as there is room for.

    No line reaches the last column, where some terminals would begin another one.
    """
    width = columns - 1
    if not moment.begun:
        return [paint.strong(fit(_WAITING, width))]
    shown_figures = _figures(moment, width)
    taken = _NAME + _GAP + _DONE + sum(_GAP + room for _, room in shown_figures)
    bar_width = min(_MAX_BAR, width - taken - _GAP)
    marks = ("━", "─") if unicode else ("=", "-")
    drawing = _Drawing(width, bar_width if bar_width >= _MIN_BAR else 0, marks, paint)
    figures = "".join(" " * _GAP + text for text, _ in shown_figures)
    lines = [drawing.line(_HEADING, moment.done_bytes, moment.total_bytes, figures, heading=True)]
    for part in moment.parts[: max(0, min(_MAX_PARTS, rows - 2))]:
        if part is None:
            lines.append("")
        else:
            lines.append(drawing.line(f"  {short_name(part.name)}", part.done_bytes, part.total_bytes))
    return lines


def _figures(moment: Moment, width: int) -> list[tuple[str, int]]:
    """Rate and time left with the room they keep, as far as a bar still fits beside them."""
    rate = f"{size(round(moment.rate))}/s" if moment.rate is not None else ""
    left = time_left(moment.left_s) if moment.left_s is not None else ""
    figures = [(f"{rate:>{_RATE}}", _RATE), (left, _LEFT)]
    while figures and _NAME + _DONE + sum(_GAP + room for _, room in figures) + 2 * _GAP + _MIN_BAR > width:
        figures.pop()
    return figures


class _Drawing:
    def __init__(self, width: int, bar_width: int, marks: tuple[str, str], paint: Paint) -> None:
        self._width = width
        self._bar_width = bar_width
        self._full, self._empty = marks
        self._paint = paint

    def line(
        self, name: str, done_bytes: int, total_bytes: int | None, figures: str = "", *, heading: bool = False
    ) -> str:
        """Name, bar, bytes of all bytes, and what else is known."""
        done = f"{size(done_bytes):>7}"
        if total_bytes is not None:
            done += f" of {size(total_bytes):>7}"
        full, empty = self._bar(done_bytes, total_bytes)
        gap = " " * _GAP
        parts = [
            name + " " * (_NAME - cells(name)),
            gap,
            full,
            empty,
            gap if self._bar_width else "",
            f"{done:<{_DONE}}",
        ]
        plain = "".join([*parts, figures]).rstrip()
        if cells(plain) > self._width:
            return fit(plain, self._width)
        paint = self._paint
        parts[0] = paint.strong(parts[0]) if heading else paint.dim(parts[0])
        parts[2], parts[3] = paint.accent(full), paint.dim(empty)
        return ("".join(parts) + figures).rstrip()

    def _bar(self, done_bytes: int, total_bytes: int | None) -> tuple[str, str]:
        """The full and the empty part of a bar, blank where nobody knows how long it is."""
        if not total_bytes:
            return " " * self._bar_width, ""
        full = min(self._bar_width, done_bytes * self._bar_width // total_bytes)
        return self._full * full, self._empty * (self._bar_width - full)
