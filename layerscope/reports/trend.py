"""What became of an image from run to run, for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from layerscope.history.series import Run, Series
from layerscope.model.names import shown
from layerscope.model.people import fit, percent, size
from layerscope.model.sparkline import sparkline
from layerscope.reports.table import Column, table
from layerscope.reports.terminal import Page

_NARROW = 90
_NAME = 24
_SPARK = 60


def trend_data(series: Sequence[Series]) -> list[dict[str, Any]]:
    """The series as plain data, one object for each image; names are harmless."""
    return [
        {
            "image": harmless(one.name),
            "platform": None if one.platform is None else harmless(one.platform),
            "runs": [
                msgspec.to_builtins(run)
                | {"label": harmless(run.label), "wasted_ratio": run.record.totals.wasted_ratio}
                for run in one.runs
            ],
        }
        for one in series
    ]


def trend_lines(series: Series, page: Page, *, most: int, ascii_only: bool) -> list[str]:
    """One image: two sparklines with where they begin and end, then the last runs as a table."""
    paint = page.paint
    count = len(series.runs)
    said = f"{series.platform or 'platform unknown'}, {count} run{'s' if count != 1 else ''}"
    name = fit(harmless(series.name), max(_NAME, page.width - len(said) - 2), end=True)
    lines = [f"{paint.strong(name)}  {paint.dim(harmless(said))}", ""]
    for label, values in (
        ("size", [run.record.totals.tar_bytes for run in series.runs]),
        ("waste", [run.record.totals.wasted_bytes for run in series.runs]),
    ):
        drawn = sparkline(values[-min(_SPARK, page.width - 32) :], ascii_only=ascii_only)
        lines.append(f"  {label:<5}  {paint.accent(drawn)}  {size(values[0])} → {size(values[-1])}")
    first = max(0, count - most)
    if first:
        lines += ["", paint.dim(f"  … {first} runs before these")]
    else:
        lines.append("")
    lines += _table(series.runs[first:], first + 1, page)
    if not ascii_only:
        return lines
    return [line.replace("→", "->").encode("ascii", "replace").decode() for line in lines]


def _table(runs: Sequence[Run], first: int, page: Page) -> list[str]:
    paint = page.paint
    narrow = page.width < _NARROW
    rows = []
    for number, run in enumerate(runs, first):
        totals = run.record.totals
        rows.append(
            [
                str(number),
                "" if narrow else harmless((run.record.created or "")[:10]),
                fit(harmless(run.label), _NAME),
                size(totals.tar_bytes),
                change(run.size_change_bytes),
                "" if narrow else size(totals.compressed_bytes),
                size(totals.wasted_bytes),
                change(run.waste_change_bytes),
                percent(totals.wasted_ratio),
                "" if narrow else str(run.record.layers),
                verdict(run),
            ]
        )
    columns = [
        Column("#", right=True, paint=paint.dim),
        Column("created", paint=paint.dim),
        Column("version"),
        Column("size", right=True, paint=paint.strong),
        Column("change", right=True),
        Column("stored", right=True, paint=paint.dim),
        Column("waste", right=True, paint=paint.strong),
        Column("change", right=True),
        Column("share", right=True),
        Column("layers", right=True, paint=paint.dim),
        Column("verdict", paint=lambda text: paint.good(text) if text == "pass" else paint.bad(text)),
    ]
    return table(columns, rows, page.width, paint.dim)


def change(count: int | None) -> str:
    """How much more or less than before, with its sign; empty where nobody knows."""
    if count is None:
        return ""
    return f"{'+' if count > 0 else '-'}{size(abs(count))}" if count else "="


def verdict(run: Run) -> str:
    """What the gates said, and whether the image was there as a whole."""
    if not run.record.complete:
        return "not complete"
    return harmless(run.record.verdict or "")


def harmless(text: str) -> str:
    """A text of a file that anybody may have written to; its backslashes are escapes already."""
    return "\\".join(map(shown, text.split("\\")))
