"""``--max-findings``: how many suggestions of a rule, a family or a severity there may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerscope.extensions import Gate, Verdict
from layerscope.gates.named_limit import NamedLimit, named, split_limit
from layerscope.loading import load
from layerscope.model.quantity import parse_count
from layerscope.model.severity import SEVERITIES, severity_of
from layerscope.model.suggestion import Suggestion

if TYPE_CHECKING:  # every run reads this file, not every one an image
    from layerscope.inspection import Inspection


_ALL = "all"


def _parse(text: str) -> NamedLimit:
    which, limit = split_limit(text, "apt-lists=0 or error=0")
    count = parse_count(limit)
    rules = load("rule")
    known = [_ALL, *SEVERITIES, *rules, *sorted({rule.family for rule in rules.values()})]
    if which not in known:
        from difflib import get_close_matches

        near = get_close_matches(which, known, n=1)
        advice = f"did you mean {near[0]}?" if near else f"write a rule, a family, {', '.join(SEVERITIES)}"
        raise ValueError(f"{which!r} is no rule, family or severity: {advice}")
    return NamedLimit(which, count)


def _judge(inspection: Inspection, limit: NamedLimit) -> Verdict:
    found = [one for one in inspection.suggestions if _is_meant(one, limit.subject)]
    return Verdict(
        gate="max-findings",
        subject=limit.subject,
        measured=str(len(found)),
        limit=str(limit.limit),
        passed=len(found) <= limit.limit,
        because=named([one.title for one in found]),
    )


def _is_meant(suggestion: Suggestion, which: str) -> bool:
    return which in (_ALL, suggestion.rule, suggestion.family, severity_of(suggestion))


GATE = Gate(
    id="max-findings",
    help="Suggestions of a rule, a family or a severity (error, warning, note): error=0.",
    metavar="WHICH=COUNT",
    parse=_parse,
    judge=_judge,
    needs_facts=True,
    example="error=0",
    repeated=True,
)
