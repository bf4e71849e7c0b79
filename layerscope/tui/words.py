"""What layerscope says in plain words of what is selected."""

from __future__ import annotations

from collections.abc import Iterable

from layerscope.model.instruction import Instruction
from layerscope.model.names import shown
from layerscope.model.people import path as path_text
from layerscope.model.people import size
from layerscope.model.waste import Cause, Waste
from layerscope.tui.material import Material
from layerscope.tui.selection import Selection
from layerscope.union.compare import Change
from layerscope.union.views import history

_MAX_LAYERS = 4
_MAX_EVENTS = 6


def of_layers(material: Material, selection: Selection) -> str:
    """What the selected layers cost, in a sentence."""
    first, last = selection.first, selection.last
    records = [record for record in material.inspection.analysis.waste if first <= record.hidden_by <= last]
    if records:
        totals = {cause: sum(r.size_bytes for r in records if r.cause is cause) for cause in Cause}
        worst = max(totals, key=lambda cause: totals[cause])
        of_it = [record for record in records if record.cause is worst]
        return _caused(worst, totals[worst], of_it)
    shipped = [record for record in material.inspection.analysis.waste if first <= record.shipped_by <= last]
    if shipped:
        amount = size(sum(record.size_bytes for record in shipped))
        return f"{amount} of what is shipped here is hidden by {_layers(r.hidden_by for r in shipped)}"
    return "nothing is wasted here"


def _caused(cause: Cause, amount: int, records: list[Waste]) -> str:
    shippers = _layers(record.shipped_by for record in records)
    if cause is Cause.METADATA_ONLY:
        differs = dict.fromkeys(name for record in records for name in record.differs)
        why = f"only because {' and '.join(differs)} changed" if differs else "though nothing changed"
        return f"{size(amount)} copied up {why}: {shippers} already has the same bytes"
    what = "deleted" if cause is Cause.DELETED else "overwritten"
    return f"{size(amount)} {what} here, but {shippers} still ships it"


def _layers(numbers: Iterable[int]) -> str:
    found = sorted(set(numbers))
    listed = ", ".join(map(str, found[:_MAX_LAYERS]))
    more = f" and {len(found) - _MAX_LAYERS} more" if len(found) > _MAX_LAYERS else ""
    return f"layer{'s' if len(found) > 1 else ''} {listed}{more}"


def of_path(material: Material, path: str) -> str:
    """The life of a path on one line."""
    events = history(material.inspection.analysis.index, path)
    if not events:
        return ""
    marks = material.glyphs.marks
    said = []
    for event in events[:_MAX_EVENTS]:
        differs = f" {' '.join(event.differs)}" if event.change is Change.METADATA_ONLY else ""
        said.append(f"{event.layer} {marks[event.change]}{differs}")
    more = f"   and {len(events) - _MAX_EVENTS} more" if len(events) > _MAX_EVENTS else ""
    layers = {event.layer for event in events}
    count = "1 layer" if len(layers) == 1 else f"{len(layers)} layers"
    return f"{path_text(path)}   touched by {count}:  {'   '.join(said)}{more}"


def shell_lines(instruction: Instruction) -> list[str]:
    """An instruction as one would write it: a command a line."""
    text = shown(" ".join(instruction.text.split()))
    lines: list[str] = []
    start = depth = 0
    quote = ""
    place = 0
    while place < len(text):
        char = text[place]
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char == "(":
            depth += 1
        elif char == ")":
            depth = max(0, depth - 1)
        elif not depth and text[place : place + 4] in (" && ", " || ") and place > start:
            lines.append(text[start:place])
            start = place + 1
            place += 3
        elif not depth and text[place : place + 2] == "; ":
            lines.append(text[start : place + 1])
            start = place + 2
        place += 1
    lines.append(text[start:])
    return [line for line in lines if line.strip()]
