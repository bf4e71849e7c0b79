"""Tables for a terminal: columns aligned, the last one cut to what is left of the line."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from layerscope.model.people import cells, fit


class Column(msgspec.Struct, frozen=True):
    """A column's title, its side, how it is painted, and whether it takes what is left.

    ``keep_end`` cuts at the front, as is right for paths.
    """

    title: str
    right: bool = False
    paint: Callable[[str], str] | None = None
    stretch: bool = False
    keep_end: bool = False


def table(
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    width: int,
    heading: Callable[[str], str],
) -> list[str]:
    """The lines of a table; a column that is empty in every row is left out."""
    used = [place for place in range(len(columns)) if any(row[place] for row in rows)]
    widths = {place: max(cells(columns[place].title), *(cells(row[place]) for row in rows)) for place in used}
    for place in used:
        if columns[place].stretch:
            others = sum(widths[other] + 2 for other in used if other != place)
            widths[place] = max(12, min(widths[place], width - 2 - others))
    excess = sum(widths[place] + 2 for place in used) - width
    if excess > 0:
        widest = max(used, key=lambda place: widths[place])
        widths[widest] = max(12, widths[widest] - excess)
    titles = [columns[place].title for place in range(len(columns))]
    lines = [heading(_line(columns, used, widths, titles, painted=False))]
    lines += [_line(columns, used, widths, row, painted=True) for row in rows]
    return lines


def _line(
    columns: Sequence[Column],
    used: Sequence[int],
    widths: dict[int, int],
    row: Sequence[str],
    *,
    painted: bool,
) -> str:
    parts = []
    for place in used:
        column = columns[place]
        text = fit(row[place], widths[place], end=column.keep_end)
        padding = " " * (widths[place] - cells(text))
        styled = column.paint(text) if painted and column.paint else text
        parts.append(padding + styled if column.right else styled + padding)
    return ("  " + "  ".join(parts)).rstrip()
