"""The page of a history: for each image its sizes as a line, and its runs as a table."""

from __future__ import annotations

from collections.abc import Sequence

import layerscope
from layerscope.history.series import Series
from layerscope.reports.page.rendering import policy, style, templates
from layerscope.reports.trend import change, harmless, trend_data

_WIDTH, _HEIGHT = 1000, 160
_MOST = 400
"""The runs that a page shows, the last ones of each image."""


def render_trend(series: Sequence[Series]) -> bytes:
    """The whole page; the same bytes for the same history. It has no script."""
    from markupsafe import Markup

    found = []
    for one, data in zip(series, trend_data(series), strict=True):
        runs = data["runs"][-_MOST:]
        totals = [run.record.totals for run in one.runs[-_MOST:]]
        greatest = max(figures.tar_bytes for figures in totals)
        found.append(
            data
            | {
                "runs": [run | {"created": harmless((run["record"]["created"] or "")[:10])} for run in runs],
                "first": len(data["runs"]) - len(runs) + 1,
                "greatest": greatest,
                "sizes": _points([figures.tar_bytes for figures in totals], greatest),
                "wasted": _points([figures.wasted_bytes for figures in totals], greatest),
            }
        )
    page = (
        templates()
        .get_template("trend.html.j2")
        .render(
            series=found,
            change=change,
            height=_HEIGHT,
            version=layerscope.__version__,
            policy=policy(scripted=False),
            style=Markup(style()),  # noqa: S704  # our own file
        )
    )
    return page.encode()


def _points(values: Sequence[int], greatest: int) -> str:
    """The values from left to right as an SVG polyline has them, on one scale from nothing."""
    steps = max(1, len(values) - 1)
    places = [
        (_WIDTH * number / steps, _HEIGHT * (1 - value / greatest) if greatest else _HEIGHT)
        for number, value in enumerate(values)
    ]
    if len(places) == 1:
        places.append((_WIDTH, places[0][1]))
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
