"""A comparison for a terminal, a pipe or a CI log: the answer first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from layerscope.extensions import Verdict
from layerscope.model.people import bar, cells, fit, percent, size
from layerscope.reports.comparison_words import (
    SIGNS,
    TOTALS,
    UNKNOWN,
    above_words,
    blamed_pair,
    cause_words,
    content_count,
    counted,
    former_words,
    instruction_of_pair,
    metadata_words,
    number_of,
    pull_words,
    signed,
    signed_count,
    signed_share,
    version_words,
    with_content,
)
from layerscope.reports.table import Column, table
from layerscope.reports.terminal import Page, gate_table, joined, verdict_line

_ROWS = 10
_CULPRITS = 4
_TOGETHER = {"same": 3, "gone": 12, "new": 12}
"""How many layers in a row are told of in one line."""
_BAR = 24
_NARROW = 100


def comparison_lines(data: dict[str, Any], page: Page) -> list[str]:
    """Everything at a glance."""
    return joined(
        [
            _title(data, page),
            _totals(data, page),
            _update(data, page),
            _layers(data, page),
            _directories(data, page),
            _files(data, page),
            _packages(data, page),
            _config(data, page),
        ]
    )


def comparison_gate_lines(data: dict[str, Any], verdicts: Sequence[Verdict], page: Page) -> list[str]:
    """What CI prints: the images, the update and who is to blame, the gates, the verdict."""
    return joined(
        [
            _title(data, page),
            _totals(data, page),
            _update(data, page),
            gate_table(verdicts, page),
            [verdict_line(verdicts, page)],
        ]
    )


def _title(data: dict[str, Any], page: Page) -> list[str]:
    paint = page.paint
    names = [data[side]["reference"] for side in ("old", "new")]
    together = " → ".join(names)
    if cells(together) <= page.width:
        lines = [paint.dim(f"{names[0]} → ") + paint.strong(names[1])]
    else:
        lines = [paint.dim(fit(names[0], page.width, end=True))]
        lines.append(f"→ {paint.strong(fit(names[1], page.width - 2, end=True))}")
    for side in ("old", "new"):
        if not data[side]["complete"]:
            lines.append(
                paint.bad(
                    f"NOT COMPLETE: parts of the {side} image are missing; figures are of what is there"
                )
            )
    return lines


def _totals(data: dict[str, Any], page: Page) -> list[str]:
    rows = []
    for name, label in TOTALS.items():
        row = data["totals"][name]
        rows.append(
            [
                label,
                size(row["old"]),
                size(row["new"]),
                signed(row["delta"]),
                signed_share(row["delta"], row["old"]),
            ]
        )
    for name in ("entries", "layers"):
        row = data["totals"][name]
        rows.append([name, f"{row['old']:,}", f"{row['new']:,}", signed_count(row["delta"]), ""])
    columns = [
        Column(""),
        Column("before", right=True),
        Column("after", right=True),
        Column("change", right=True, paint=_painter(page)),
        Column("", right=True, paint=page.paint.dim),
    ]
    return table(columns, rows, page.width, page.paint.dim)


def _painter(page: Page) -> Callable[[str], str]:
    """More is worth a look, less is fine."""
    paint = page.paint
    return lambda text: (
        paint.bad(text) if text[:1] == "+" and text != "+0" else paint.good(text) if text[:1] == "−" else text
    )


def _update(data: dict[str, Any], page: Page) -> list[str]:
    update, paint = data["update"], page.paint
    words = pull_words(update, len([pair for pair in data["layers"] if pair["new"]]))
    said = ": a node that has the old image pulls"
    heading = paint.strong("Update") + paint.dim(said)
    if cells(f"Update{said} {words}") <= page.width:
        lines = [f"{heading} {paint.strong(words)}"]
    else:
        lines = [heading, f"  {paint.strong(fit(words, page.width - 2))}"]
    if not update["layers"]:
        return lines
    rows = [("pulled", update["pull_bytes"], update["total_bytes"], "of all blobs")]
    content, again = update["content_bytes"], update["again_bytes"]
    if again is not None:
        share = size(update["again_compressed_bytes"])
        rows.append(("shipped again", again, content, f"in the old image too, about {share} of the pull"))
        rows.append(("new content", content - again, content, "of the content"))
    narrow = page.width < 2 * _BAR + 60
    for label, count, whole, what in rows:
        drawn = "" if narrow else f"{paint.accent(bar(count, whole, _BAR))}  "
        share = percent(count / whole) if whole else ""
        start = f"  {label:<14}{size(count):>9}  {share:>8}  "
        room = page.width - cells(start) - (0 if narrow else _BAR + 2)
        lines.append(f"{start}{drawn}{paint.dim(fit(what, room))}".rstrip())
    if again is None:
        lines.append(paint.dim(f"  what of it the old image has too is {UNKNOWN} contents"))
    return lines + _because(data, page)


def _because(data: dict[str, Any], page: Page) -> list[str]:
    """The instruction that is to blame, what of it changed, and what that does to all above."""
    pair, paint = blamed_pair(data), page.paint
    if pair is None:
        return []
    lines = [
        "  " + paint.strong(f"because of {number_of(pair)}") + f": {fit(cause_words(pair), page.width - 30)}",
        "    " + paint.accent(fit(instruction_of_pair(pair), page.width - 4)),
    ]
    former = former_words(pair)
    if former is not None:
        lines.append(paint.dim(f"    before: {fit(former, page.width - 12)}"))
    for change in pair["largest_changes"][:_CULPRITS] if pair["old"] and pair["new"] else ():
        sign = SIGNS["removed" if change["marker"] else change["change"]]
        lines.append(f"    {sign} {size(change['size_bytes']):>8}  {_path(change['path'], page.width - 18)}")
    more = (pair["changed_entries"] or 0) - _CULPRITS
    if more > 0 and pair["largest_changes"]:
        lines.append(paint.dim(f"    … and {more:,} more"))
    above = above_words(data)
    return [*lines, paint.dim(f"    {fit(f'then {above}', page.width - 4)}")] if above else lines


def _path(path: str, width: int) -> str:
    return fit(f"/{path}", width, end=True)


def _layers(data: dict[str, Any], page: Page) -> list[str]:
    paint = page.paint
    rows = [_layer_row(run) for run in _runs(data["layers"])]
    if not rows:
        return []
    columns = [
        Column("old", right=True, paint=paint.dim),
        Column("new", right=True, paint=paint.dim),
        Column("", paint=lambda text: _status(text, page)),
        Column("stored", right=True),
        Column("pull", right=True, paint=paint.strong),
        Column("instruction", stretch=True),
    ]
    kinds = [pair["status"] for pair in data["layers"]]
    counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))
    return [paint.strong("Layers") + paint.dim(f": {counts}"), *table(columns, rows, page.width, paint.dim)]


def _status(text: str, page: Page) -> str:
    paint = page.paint
    match text[:1]:
        case "=":
            return paint.dim(text)
        case "+":
            return paint.good(text)
        case "−":
            return paint.cause("deleted", text)
        case "~":
            return paint.cause("overwritten", text)
    return paint.cause("metadata_only", text)


def _runs(pairs: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Layers one by one; several in a row that are the same together, or very many that are gone or new."""
    run: list[dict[str, Any]] = []
    for pair in [*pairs, None]:
        if run and pair is not None and pair["status"] == run[0]["status"] in _TOGETHER:
            run.append(pair)
            continue
        if run and len(run) >= _TOGETHER.get(run[0]["status"], 2):
            yield run
        else:
            yield from ([one] for one in run)
        run = [pair] if pair is not None else []


def _layer_row(run: Sequence[dict[str, Any]]) -> list[str]:
    first, last = run[0], run[-1]
    stored = sum((pair["new"] or pair["old"])["compressed_bytes"] for pair in run)
    pulled = sum(pair["new"]["compressed_bytes"] for pair in run if pair["pulled"])
    numbers = []
    for side in ("old", "new"):
        low, high = (pair[side]["number"] if pair[side] else None for pair in (first, last))
        numbers.append("" if low is None else str(low) if low == high else f"{low}–{high}")
    what = instruction_of_pair(first)
    if len(run) > 1:
        rest = "all the same" if first["status"] == "same" else f"from {what} to {instruction_of_pair(last)}"
        what = f"{len(run)} layers, {rest}"
    return [
        *numbers,
        f"{SIGNS[first['status']]} {first['status']}",
        size(stored),
        size(pulled) if any(pair["pulled"] for pair in run) else "·",
        what,
    ]


def _directories(data: dict[str, Any], page: Page) -> list[str]:
    rows = [
        [
            signed(one["delta_bytes"]),
            "" if one["old_bytes"] is None else size(one["old_bytes"]),
            "" if one["new_bytes"] is None else size(one["new_bytes"]),
            "" if one["changed_files"] is None else f"{one['changed_files']:,}",
            f"/{one['path']}",
        ]
        for one in data["directories"]["rows"]
        if one["telling"]
    ]
    columns = [
        Column("change", right=True, paint=_painter(page)),
        Column("before", right=True, paint=page.paint.dim),
        Column("after", right=True, paint=page.paint.dim),
        Column("files", right=True, paint=page.paint.dim),
        Column("directory", stretch=True, keep_end=True),
    ]
    said, count = " by what differs below them", data["directories"]["telling"]
    return _section("Directories", said, columns, rows, page, count)


def _files(data: dict[str, Any], page: Page) -> list[str]:
    if data["files"] is None:
        return [page.paint.strong("Files") + page.paint.dim(f" {UNKNOWN} single files")]
    counts, narrow = data["file_counts"], page.width < _NARROW
    rows = [
        [
            signed(one["delta_bytes"]),
            f"{SIGNS[one['change']]} {one['change'].replace('_', ' ')}",
            "" if narrow or one["old_bytes"] is None else size(one["old_bytes"]),
            "" if narrow or one["new_bytes"] is None else size(one["new_bytes"]),
            f"/{one['path']}",
        ]
        for one in with_content(data["files"]["rows"])
    ]
    columns = [
        Column("change", right=True, paint=_painter(page)),
        Column("", paint=lambda text: _status(text, page)),
        Column("before", right=True, paint=page.paint.dim),
        Column("after", right=True, paint=page.paint.dim),
        Column("path", stretch=True, keep_end=True),
    ]
    said = ", ".join(f"{counts[kind]:,} {kind}" for kind in ("added", "removed", "modified") if counts[kind])
    lines = _section("Files", f": {said}" if said else "", columns, rows, page, content_count(counts))
    metadata = metadata_words(counts)
    if metadata is not None:
        lines = lines or [page.paint.strong("Files")]
        lines.append(page.paint.dim(f"  {fit(metadata, page.width - 2)}"))
    return lines


def _packages(data: dict[str, Any], page: Page) -> list[str]:
    if data["packages"] is None:
        return [page.paint.strong("Packages") + page.paint.dim(" unknown: the report tells of none")]
    rows = [
        [
            signed(one["delta_bytes"]),
            f"{SIGNS[one['status']]} {one['status']}",
            one["kind"],
            one["name"],
            version_words(one),
        ]
        for one in data["packages"]["rows"]
    ]
    columns = [
        Column("change", right=True, paint=_painter(page)),
        Column("", paint=lambda text: _package_status(text, page)),
        Column("kind", paint=page.paint.dim),
        Column("package"),
        Column("version", stretch=True),
    ]
    said = ", ".join(f"{count:,} {status}" for status, count in data["packages"]["statuses"].items())
    return _section("Packages", f": {said}", columns, rows, page, data["packages"]["count"])


def _package_status(text: str, page: Page) -> str:
    return page.paint.accent(text) if text[:1] == "↑" else _status("−" if text[:1] == "↓" else text, page)


def _config(data: dict[str, Any], page: Page) -> list[str]:
    rows = []
    half = (page.width - 40) // 2
    for one in data["config"]:
        sign = "+" if one["old"] is None else "−" if one["new"] is None else "~"
        values = [text for text in (one["old"], one["new"]) if text is not None]
        if len(values) > 1:
            values = [fit(text, half) for text in values]
        rows.append([sign, one["field"], one["name"], " → ".join(values)])
    columns = [
        Column("", paint=lambda text: _status(text, page)),
        Column("config"),
        Column("name", paint=page.paint.strong),
        Column("value", stretch=True, paint=page.paint.dim),
    ]
    said = f": {counted(len(rows), 'setting')} differ{'s' if len(rows) == 1 else ''}"
    return _section("Config", said, columns, rows, page, len(rows))


def _section(
    title: str, said: str, columns: Sequence[Column], rows: Sequence[Sequence[str]], page: Page, count: int
) -> list[str]:
    """A heading and the first rows of so many; nothing where there are none."""
    if not rows:
        return []
    lines = [
        page.paint.strong(title) + page.paint.dim(said),
        *table(columns, rows[:_ROWS], page.width, page.paint.dim),
    ]
    more = count - min(len(rows), _ROWS)
    return [*lines, page.paint.dim(f"  … and {more:,} more")] if more > 0 else lines
