"""The summary for a terminal, a pipe or a CI log: the answer first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec

from layerscope.extensions import Verdict
from layerscope.model.image import HistoryEntry, Layer
from layerscope.model.instruction import instruction_of
from layerscope.model.names import shown
from layerscope.model.people import bar, cells, fit, path, percent, size
from layerscope.model.waste import Cause
from layerscope.reports.paint import Paint
from layerscope.reports.table import Column, table

if TYPE_CHECKING:  # every run reads this file, not every one an image
    from layerscope.inspection import Inspection

_CAUSES = {
    Cause.DELETED: "deleted",
    Cause.OVERWRITTEN: "overwritten",
    Cause.METADATA_ONLY: "copied up",
}
_GLYPHS = {Cause.DELETED: "−", Cause.OVERWRITTEN: "~", Cause.METADATA_ONLY: "≈"}
_CAUSE_OF = {glyph: cause.value for cause, glyph in _GLYPHS.items()}
_ROWS = 8
_FIXES = 4
_BAR = 8
_NARROW = 100
_NAME = 20
_SUBJECT = 32


class Page(msgspec.Struct, frozen=True):
    """How wide the text may be, and whether it has colours."""

    width: int
    paint: Paint


def summary(inspection: Inspection, page: Page) -> list[str]:
    """Everything at a glance: image, accounts, pull, layers, waste, duplicates, packages, what to change."""
    sections = [
        _title(inspection, page),
        _balance(inspection, page),
        _pull(inspection, page),
        _layers(inspection, page),
        _blame(inspection, page),
        _paths(inspection, page),
        _duplicates(inspection, page),
        _packages(inspection, page),
        _suggestions(inspection, page),
        _remarks(inspection, page),
    ]
    return joined(sections)


def gate_report(inspection: Inspection, verdicts: Sequence[Verdict], page: Page) -> list[str]:
    """What CI prints: image, balance sheet, the biggest contributors, fixes, the gates, the verdict."""
    failed = {verdict.gate for verdict in verdicts if verdict.failed}
    sections = [
        _title(inspection, page),
        _balance(inspection, page),
        _blame(inspection, page),
        _paths(inspection, page),
        _fixes(inspection, page, failed) if failed else [],
        _remarks(inspection, page),
        gate_table(verdicts, page),
    ]
    return joined([*sections, [verdict_line(verdicts, page)]])


def verdict_line(verdicts: Sequence[Verdict], page: Page) -> str:
    """The last line of CI: what all gates come to."""
    failed = dict.fromkeys(verdict.gate for verdict in verdicts if verdict.failed)
    line = f"verdict: fail {' '.join(failed)}" if failed else "verdict: pass"
    return page.paint.bad(line) if failed else page.paint.good(line)


def joined(sections: Iterable[list[str]]) -> list[str]:
    """The sections that there are, an empty line between them."""
    lines: list[str] = []
    for section in sections:
        if section:
            lines += ["", *section] if lines else section
    return lines


def _title(inspection: Inspection, page: Page) -> list[str]:
    image, totals = inspection.image, inspection.analysis.totals
    name = shown(image.reference)
    count = len(image.layers)
    layers = f"{count} layer{'s' if count != 1 else ''}"
    if image.base_layers:
        layers += f", {image.base_layers} of them base"
    figures = size(totals.tar_bytes)
    if totals.compressed_bytes < totals.tar_bytes:
        figures += f" ({size(totals.compressed_bytes)} compressed)"
    platform = shown(str(image.platform)) if image.platform else "platform unknown"
    rest = f"{platform}  {figures}  {layers}"
    names = ", ".join(shown(known) for known in image.names if known != image.reference)
    room = page.width - cells(rest) - 2
    if room >= _NAME:
        lines = [f"{page.paint.strong(fit(name, room, end=True))}  {rest}"]
    else:
        lines = [page.paint.strong(fit(name, page.width, end=True)), fit(rest, page.width)]
    if names:
        lines.append(page.paint.dim(fit(names, page.width)))
    if not image.complete:
        lines.append(
            page.paint.bad("NOT COMPLETE: parts of this image are missing; figures are of what is there")
        )
    return lines


def _balance(inspection: Inspection, page: Page) -> list[str]:
    totals, paint = inspection.analysis.totals, page.paint
    content = totals.content_bytes
    rows: list[tuple[str, int, Callable[[str], str]]] = [("visible", totals.visible_bytes, paint.accent)]
    rows += [
        (_CAUSES[cause], totals.wasted_by_cause[cause.value], _painter(page, cause))
        for cause in Cause
        if totals.wasted_by_cause[cause.value]
    ]
    lines = []
    for label, count, painter in rows:
        share = percent(count / content) if content else ""
        drawn = painter(bar(count, content, 24))
        lines.append(f"  {label:<12}{size(count):>9}  {share:>7}  {drawn}".rstrip())
    lines.append("  " + paint.dim("─" * 30))
    total = f"wasted {size(totals.wasted_bytes)} = {percent(totals.wasted_ratio)} of content"
    lines.append(f"  {'content':<12}{size(content):>9}           {paint.strong(total)}")
    extra = [f"tar overhead {size(totals.tar_overhead_bytes)}", f"layers {size(totals.tar_bytes)}"]
    if totals.compressed_bytes < totals.tar_bytes:
        extra.append(f"of the compressed bytes about {size(totals.compressed_wasted_bytes)} wasted")
    if totals.own_wasted_bytes is not None and totals.base_wasted_bytes is not None:
        extra.append(f"own {size(totals.own_wasted_bytes)} wasted, base {size(totals.base_wasted_bytes)}")
    return [*lines, *("  " + paint.dim(line) for line in _wrapped(extra, page.width - 2))]


def _wrapped(parts: Sequence[str], width: int) -> list[str]:
    """The parts on as few lines as they fit on."""
    lines = [parts[0]]
    for part in parts[1:]:
        longer = f"{lines[-1]} · {part}"
        if cells(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(part)
    return lines


def _layers(inspection: Inspection, page: Page) -> list[str]:
    layers, paint = inspection.image.layers, page.paint
    if not layers:
        return []
    totals = inspection.analysis.layers
    largest = max(layer.tar_bytes for layer in totals)
    rows: list[list[str]] = []
    for layer in layers:
        if layer.empty_steps:
            rows.append(["", "", "", "", "", _steps(layer.empty_steps)])
        figures = totals[layer.number]
        caused = figures.waste_caused_bytes
        compressed = size(figures.compressed_bytes) if figures.compression != "none" else ""
        rows.append(
            [
                str(layer.number),
                bar(figures.tar_bytes, largest, _BAR // 2 if page.width < _NARROW else _BAR),
                size(figures.tar_bytes) if layer.missing is None else "missing",
                compressed,
                size(caused) if caused else "·",
                _instruction(layer),
            ]
        )
    if inspection.image.trailing_steps:
        rows.append(["", "", "", "", "", _steps(inspection.image.trailing_steps)])
    columns = [
        Column("#", right=True, paint=paint.dim),
        Column("", paint=paint.accent),
        Column("size", right=True),
        Column("compressed", right=True, paint=paint.dim),
        Column("causes", right=True, paint=paint.strong),
        Column("instruction", stretch=True, paint=lambda text: paint.dim(text) if text[:1] == " " else text),
    ]
    return [
        paint.strong("Layers") + paint.dim(", and the waste each one causes"),
        *table(columns, rows, page.width, paint.dim),
    ]


def _steps(steps: Sequence[HistoryEntry]) -> str:
    """Steps without a layer, by their keywords."""
    keywords = [instruction.keyword or "…" for step in steps if (instruction := instruction_of(step))]
    count = f"{len(steps)} step{'s' if len(steps) > 1 else ''} without a layer"
    return f"  {' '.join(dict.fromkeys(keywords))}  {count}"


def _instruction(layer: Layer) -> str:
    if layer.missing is not None:
        return shown(layer.missing)
    instruction = instruction_of(layer.history)
    return shown(str(instruction)) if instruction else "(no history)"


def _blame(inspection: Inspection, page: Page) -> list[str]:
    """The instructions that cause waste, the worst first, with what they do."""
    paint = page.paint
    causes: dict[int, dict[Cause, int]] = {}
    for waste in inspection.analysis.waste:
        row = causes.setdefault(waste.hidden_by, {})
        row[waste.cause] = row.get(waste.cause, 0) + waste.size_bytes
    if not causes:
        return []
    ranked = sorted(causes, key=lambda number: (-sum(causes[number].values()), number))
    rows = []
    for number in ranked[:_ROWS]:
        kinds = sorted(causes[number], key=lambda cause: -causes[number][cause])
        names = _GLYPHS if page.width < _NARROW else _CAUSES
        what = ", ".join(f"{names[cause]} {size(causes[number][cause])}" for cause in kinds)
        rows.append(
            [
                size(sum(causes[number].values())),
                str(number),
                what,
                _instruction(inspection.image.layers[number]),
            ]
        )
    columns = [
        Column("waste", right=True, paint=paint.strong),
        Column("layer", right=True, paint=paint.dim),
        Column("how"),
        Column("instruction", stretch=True),
    ]
    heading = paint.strong("Instructions") + paint.dim(" by the waste they cause")
    return [heading, *table(columns, rows, page.width, paint.dim), *_more(len(ranked), page)]


def _paths(inspection: Inspection, page: Page) -> list[str]:
    """The most wasteful paths: shipped by which layer, hidden by which."""
    paint, waste = page.paint, inspection.analysis.waste
    if not waste:
        return []
    rows = [
        [
            size(record.size_bytes),
            _GLYPHS[record.cause],
            _CAUSES[record.cause] + (f" ({', '.join(record.differs)})" if record.differs else ""),
            f"{record.shipped_by} → {record.hidden_by}",
            path(record.path),
        ]
        for record in waste[:_ROWS]
    ]
    columns = [
        Column("wasted", right=True, paint=paint.strong),
        Column("", paint=lambda text: paint.cause(_CAUSE_OF[text], text)),
        Column("cause"),
        Column("layers", right=True, paint=paint.dim),
        Column("path", stretch=True, keep_end=True),
    ]
    heading = paint.strong("Paths") + paint.dim(
        " that waste most: the layer that ships → the layer that hides"
    )
    return [heading, *table(columns, rows, page.width, paint.dim), *_more(len(waste), page)]


def _duplicates(inspection: Inspection, page: Page) -> list[str]:
    from layerscope.union.duplicates import find_duplicates

    paint, groups = page.paint, find_duplicates(inspection.analysis.index)
    if not groups:
        return []
    half = (page.width - 32) // 2
    rows = [
        [
            size(group.duplicate_bytes),
            f"{len(group.files)} × {size(group.size_bytes)}",
            "  =  ".join(fit(path(file.path), half, end=True) for file in group.files[:2]),
        ]
        for group in groups[:_ROWS]
    ]
    columns = [
        Column("twice", right=True, paint=paint.strong),
        Column("copies", right=True, paint=paint.dim),
        Column("paths", stretch=True, keep_end=True),
    ]
    total = sum(group.duplicate_bytes for group in groups)
    heading = paint.strong("Duplicates") + paint.dim(
        f": the same content at several paths, {size(total)} in all"
    )
    return [heading, *table(columns, rows, page.width, paint.dim), *_more(len(groups), page)]


def _packages(inspection: Inspection, page: Page) -> list[str]:
    from layerscope.reports.packages import packages_lines

    return packages_lines(inspection.image, inspection.packages, page, _ROWS)


def _pull(inspection: Inspection, page: Page) -> list[str]:
    from layerscope.reports.pull import pull_lines

    return pull_lines(inspection, page)


def _suggestions(inspection: Inspection, page: Page) -> list[str]:
    from layerscope.reports.suggestions import suggestion_lines

    return suggestion_lines(inspection, page, _ROWS)


def _fixes(inspection: Inspection, page: Page, failed: set[str]) -> list[str]:
    from layerscope.reports.suggestions import fix_lines

    return fix_lines(inspection, page, _FIXES, secrets="no-secrets" in failed)


def _remarks(inspection: Inspection, page: Page) -> list[str]:
    remarks = inspection.diagnostics
    if not remarks:
        return []
    lines = []
    for remark in remarks[:_ROWS]:
        where = f"layer {remark.layer}: " if remark.layer is not None else ""
        often = f" ({remark.count} times)" if remark.count > 1 else ""
        example = f", such as {shown(remark.path)}" if remark.path else ""
        lines.append("  " + fit(f"{where}{shown(remark.message)}{often}{example}", page.width - 2))
    return [page.paint.strong("Remarks"), *lines, *_more(len(remarks), page)]


def gate_table(verdicts: Sequence[Verdict], page: Page) -> list[str]:
    """Each gate, what it measured and what came of it; those that failed first."""
    paint = page.paint
    if not verdicts:  # a .dive-ci can have all of its rules disabled
        return [paint.dim("No gate is on.")]
    failed_first = sorted(verdicts, key=lambda verdict: (not verdict.failed, verdict.passed))
    rows = [
        [
            f"{verdict.gate} {fit(verdict.subject, _SUBJECT, end=True)}".rstrip(),
            verdict.measured,
            verdict.limit,
            _outcome(verdict),
            verdict.because,
        ]
        for verdict in failed_first
    ]
    columns = [
        Column("gate"),
        Column("measured", right=True),
        Column("limit", right=True),
        Column("verdict", paint=lambda text: paint.good(text) if text == "pass" else paint.bad(text)),
        Column("because", stretch=True),
    ]
    return [paint.strong("Gates"), *table(columns, rows, page.width, paint.dim)]


def _outcome(verdict: Verdict) -> str:
    if verdict.passed:
        return "pass"
    return "warn" if verdict.warning else "FAIL"


def _more(count: int, page: Page) -> list[str]:
    return [page.paint.dim(f"  … and {count - _ROWS} more")] if count > _ROWS else []


def _painter(page: Page, cause: Cause) -> Callable[[str], str]:
    return lambda text: page.paint.cause(cause.value, text)
