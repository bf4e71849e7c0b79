"""What to change and what the image could be then, as plain data and for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from layerscope.model.names import shown
from layerscope.model.people import fit, percent, size
from layerscope.model.suggestion import Suggestion

if TYPE_CHECKING:  # every run reads this file, not every one an image
    from layerscope.advice.potential import Potential
    from layerscope.inspection import Inspection
    from layerscope.reports.terminal import Page

_URGENT = ("secret-in-file", "secret-deleted", "secret-in-environment", "secret-in-history")
_WHOLE = "stage-split"
"""It tells of bytes that others tell of as well, and of more than each of them."""
_INDENT = 13


def potential_of(inspection: Inspection) -> Potential:
    """What the image could be, by what is sure and what the run was told to assume."""
    from layerscope.advice.potential import counted, potential

    return potential(inspection.analysis.totals, counted(inspection.suggestions, inspection.assume))


def suggestions_data(inspection: Inspection) -> dict[str, Any]:
    """The suggestions, those that are ignored, the Dockerfile that their lines are of, and the potential."""
    beside = inspection.beside
    return {
        "dockerfile": None if beside is None else shown(beside.path),
        "suggestions": [_suggestion(one) for one in inspection.suggestions],
        "ignored_suggestions": [
            {
                "suggestion": _suggestion(one.suggestion),
                "ignored_by": {
                    "rule": one.by.rule,
                    "paths": [shown(path.text) for path in one.by.paths],
                    "reason": shown(one.by.reason),
                    "until": one.by.until,
                },
            }
            for one in inspection.ignored_suggestions
        ],
        "potential": msgspec.structs.asdict(potential_of(inspection)) | {"assumed": list(inspection.assume)},
    }


def _suggestion(suggestion: Suggestion) -> dict[str, Any]:
    return msgspec.structs.asdict(suggestion) | {
        "title": shown(suggestion.title),
        "paths": [shown(path) for path in suggestion.paths],
        "fix": shown(suggestion.fix),
    }


def ignored_line(inspection: Inspection) -> str:
    """``3 ignored: 2 of logs, 1 of apt-lists``; empty where nothing is."""
    rules = Counter(one.suggestion.rule for one in inspection.ignored_suggestions)
    if not rules:
        return ""
    told = ", ".join(f"{count} of {rule}" for rule, count in sorted(rules.items()))
    return f"{rules.total()} ignored: {told}"


def potential_line(inspection: Inspection) -> str:
    """``could be 120 MB of content, 35 % less, …``; empty where nothing is sure enough."""
    found, totals = potential_of(inspection), inspection.analysis.totals
    if not found.saved_bytes:
        return ""
    line = f"could be {size(found.content_bytes)} of content, {percent(found.saved_ratio)} less"
    if totals.compressed_bytes < totals.tar_bytes:
        line += f"; compressed about {size(found.compressed_bytes)}"
    counted = {one.rule for one in inspection.suggestions if one.net_bytes}
    rules = ", ".join(rule if rule in counted else f"{rule}: 0 B" for rule in inspection.assume)
    return line + (f" (assuming {rules})" if rules else "")


def suggestion_lines(inspection: Inspection, page: Page, most: int) -> list[str]:
    """Secrets, stages, then what saves most, each with its fix; nothing of low confidence; the potential."""
    paint = page.paint
    lines = _likely_lines(inspection, inspection.suggestions, page, most)
    if ignored := ignored_line(inspection):
        lines.append(paint.dim("  " + fit(ignored, page.width - 2)))
    if could := potential_line(inspection):
        lines.append("  " + paint.good(fit(could, page.width - 2)))
    return [paint.strong("Suggestions") + paint.dim(", and what they save"), *lines] if lines else []


def fix_lines(inspection: Inspection, page: Page, most: int, *, secrets: bool) -> list[str]:
    """What to change where a gate failed: of a run that looked into no files, only what mends waste.

    Secrets are for those who asked about ``secrets``.
    """
    paint = page.paint
    fixes = [one for one in inspection.fixes if secrets or one.rule not in _URGENT]
    lines = _likely_lines(inspection, fixes, page, most)
    if lines and not inspection.with_facts:
        lines.append(paint.dim("  without --ci, layerscope looks into files too, and tells more"))
    return [paint.strong("What to change") + paint.dim(", and what it saves"), *lines] if lines else []


def _likely_lines(
    inspection: Inspection, suggestions: Sequence[Suggestion], page: Page, most: int
) -> list[str]:
    likely = [
        one
        for one in suggestions
        if one.confidence != "low" and (one.net_bytes or one.rule in (*_URGENT, _WHOLE))
    ]
    likely.sort(key=lambda one: 0 if one.rule in _URGENT else 1 if one.rule == _WHOLE else 2)
    lines, paint = [], page.paint
    for one in likely[:most]:
        saved = f"{size(one.net_bytes) if one.net_bytes and one.rule not in _URGENT else '·':>9}"
        place = _place(inspection, one)
        room = page.width - _INDENT
        lines.append(f"  {paint.strong(saved)}  {fit(shown(one.title), room)}")
        lines.append(" " * _INDENT + paint.dim(fit(f"{place}{shown(one.fix)}", room)))
    if len(likely) > most:
        lines.append(paint.dim(f"  … and {len(likely) - most} more"))
    return lines


def _place(inspection: Inspection, suggestion: Suggestion) -> str:
    if inspection.beside is None or suggestion.dockerfile_lines is None:
        return ""
    return f"{shown(inspection.beside.path)}:{suggestion.dockerfile_lines[0]}  "
