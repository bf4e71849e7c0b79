"""A Dockerfile with the bytes of each instruction, for people and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from layerscope.model.credentials import redacted
from layerscope.model.names import shown
from layerscope.model.people import fit, size

if TYPE_CHECKING:  # every run reads this folder, not every one an image
    from layerscope.dockerfile.matching import Made
    from layerscope.dockerfile.parse import Dockerfile
    from layerscope.inspection import Inspection
    from layerscope.model.suggestion import Suggestion
    from layerscope.reports.terminal import Page

_MOST = 4
_FIGURES = 24
"""How many cells stand in front of a line: size, causes, number."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What one instruction costs; ``layers`` are several for the FROM alone, none without a layer."""

    keyword: str
    first_line: int
    last_line: int
    layers: tuple[int, ...]
    content_bytes: int
    compressed_bytes: int
    waste_caused_bytes: int
    suggestions: tuple[Suggestion, ...] = ()


class Blame(msgspec.Struct, frozen=True, kw_only=True):
    """The instructions that are in the image, in order; ``other_layers`` come from somewhere else."""

    dockerfile: Dockerfile
    lines: tuple[Line, ...]
    other_layers: tuple[int, ...]


def blame_of(inspection: Inspection, dockerfile: Dockerfile, target: str | None = None) -> Blame:
    """What each instruction of a Dockerfile costs in an image that was built from it.

    The layers below the first that it tells of are those of its FROM.
    """
    from layerscope.dockerfile.matching import Made, match_steps

    made = match_steps(dockerfile, inspection.image, target)
    told = {one.layer: one for one in made if one.layer is not None}
    lowest = min(told, default=0)
    advice = _advice(inspection, told)
    lines = [
        _line(inspection, one, () if one.layer is None else (one.layer,), advice.get(one.step.first_line, ()))
        for one in made
    ]
    if lowest:
        start = Made(step=dockerfile.chain(target)[0].start, layer=None)
        lines.insert(0, _line(inspection, start, tuple(range(lowest)), ()))
    count = len(inspection.image.layers)
    others = tuple(number for number in range(lowest, count) if number not in told)
    return Blame(dockerfile=dockerfile, lines=tuple(lines), other_layers=others)


def _line(
    inspection: Inspection, made: Made, layers: tuple[int, ...], advice: tuple[Suggestion, ...]
) -> Line:
    totals = [inspection.analysis.layers[number] for number in layers]
    return Line(
        keyword=made.step.keyword,
        first_line=made.step.first_line,
        last_line=made.step.last_line,
        layers=layers,
        content_bytes=sum(one.content_bytes for one in totals),
        compressed_bytes=sum(one.compressed_bytes for one in totals),
        waste_caused_bytes=sum(one.waste_caused_bytes for one in totals),
        suggestions=advice,
    )


def _advice(inspection: Inspection, told: dict[int, Made]) -> dict[int, tuple[Suggestion, ...]]:
    """Suggestions by the line of the instruction that is to be changed."""
    found: dict[int, list[Suggestion]] = {}
    for one in inspection.suggestions:
        if one.blamed_layer in told:
            found.setdefault(told[one.blamed_layer].step.first_line, []).append(one)
    return {line: tuple(suggestions) for line, suggestions in found.items()}


def blame_data(blame: Blame) -> dict[str, Any]:
    """The same as plain data."""
    return {
        "lines": [
            {name: getattr(line, name) for name in _NAMES}
            | {"layers": list(line.layers), "suggestions": [_suggestion(one) for one in line.suggestions]}
            for line in blame.lines
        ],
        "other_layers": list(blame.other_layers),
    }


_NAMES = (
    *("keyword", "first_line", "last_line"),
    *("content_bytes", "compressed_bytes", "waste_caused_bytes"),
)


def _suggestion(suggestion: Suggestion) -> dict[str, Any]:
    return {
        "rule": suggestion.rule,
        "title": shown(suggestion.title),
        "net_bytes": suggestion.net_bytes,
        "confidence": suggestion.confidence,
        "fix": shown(suggestion.fix),
        "rewrite": suggestion.rewrite,
    }


def blame_lines(blame: Blame, page: Page) -> list[str]:
    """The Dockerfile's lines, in front of each instruction what it ships and the waste that it causes."""
    paint, room = page.paint, page.width - _FIGURES
    first = {line.first_line: line for line in blame.lines}
    after: dict[int, list[str]] = {}
    for line in blame.lines:
        likely = [one for one in line.suggestions if one.confidence != "low"]
        told = [f"↳ {_saved(one)}{shown(one.title)}" for one in likely[:_MOST]]
        told += [f"  … and {len(likely) - _MOST} more"] if len(likely) > _MOST else []
        after[line.last_line] = [" " * _FIGURES + paint.accent(fit(text, room)) for text in told]
    rows = [paint.dim(f"{'size':>9}  {'causes':>9}  line")]
    for number, text in enumerate(blame.dockerfile.lines, 1):
        figures = ["", ""]
        if (known := first.get(number)) is not None and known.layers:
            figures = [size(known.content_bytes), size(known.waste_caused_bytes)]
            figures[1] = figures[1] if known.waste_caused_bytes else "·"
        harmless = "\\".join(map(shown, redacted(text.expandtabs(4)).split("\\")))
        written = fit(harmless, room - 2)
        shipped = paint.strong(f"{figures[0]:>9}")
        rows.append(f"{shipped}  {figures[1]:>9}{paint.dim(f'{number:>4}')}  {written}".rstrip())
        rows += after.get(number, [])
    if blame.other_layers:
        numbers = ", ".join(map(str, blame.other_layers))
        plural = "s" if len(blame.other_layers) > 1 else ""
        rows += ["", paint.bad(fit(f"not told by this Dockerfile: layer{plural} {numbers}", page.width))]
    return rows


def _saved(suggestion: Suggestion) -> str:
    return f"{size(suggestion.net_bytes)}  " if suggestion.net_bytes else ""
