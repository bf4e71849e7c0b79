"""What there is to say line by line: gates that were not met, and suggestions; as plain data."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from layerscope.extensions import Rule, Verdict
from layerscope.loading import load
from layerscope.model.names import shown
from layerscope.model.people import size
from layerscope.model.severity import Severity, severity_of
from layerscope.model.suggestion import Suggestion

if TYPE_CHECKING:  # every run reads this file, not every one an image
    from layerscope.inspection import Inspection

_CHANGING = re.compile(r"[0-9a-f]{8,}…?|\s+")
"""What differs from one build to the next: digests; and blanks."""
_GATE = "gate/"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One finding; all text is harmless.

    ``fingerprint`` stays the same as long as rule, path and instruction do, whatever the sizes and
    digests. ``file`` is the Dockerfile, where it is known which of its ``lines`` are to be changed: the
    first and the last, from 1. ``saved_bytes`` is what it would save, 0 where there is nothing to save.
    """

    rule: str
    title: str
    help: str
    severity: Severity
    message: str
    fix: str = ""
    rewrite: str | None = None
    layer: int | None = None
    file: str | None = None
    lines: tuple[int, int] | None = None
    instruction: str | None = None
    paths: tuple[str, ...] = ()
    saved_bytes: int = 0
    fingerprint: str

    @property
    def line(self) -> str:
        """The line of the Dockerfile, such as ``Dockerfile:12``; empty where it is not known."""
        return f"{self.file}:{self.lines[0]}" if self.lines is not None else ""

    @property
    def location(self) -> str:
        """The layer and the path, such as ``layer:3/usr/share``; ``image`` where there is neither."""
        path = f"/{self.paths[0]}" if self.paths else ""
        return (f"layer:{self.layer}" if self.layer is not None else "image") + path


def findings(inspection: Inspection, verdicts: Sequence[Verdict]) -> list[Finding]:
    """The gates that were not met, then the suggestions, what matters and saves most first."""
    order = {"error": 0, "warning": 1, "note": 2}
    found = [_of_gate(verdict) for verdict in verdicts if not verdict.passed]
    file = None if inspection.beside is None else shown(inspection.beside.path)
    suggested = [_of_rule(one, file) for one in inspection.suggestions]
    found += sorted(suggested, key=lambda one: order[one.severity])
    seen = Counter[str]()
    numbered = []
    for one in found:
        number = seen[one.fingerprint]
        seen[one.fingerprint] += 1
        again = f"{one.fingerprint}:{number}" if number else one.fingerprint
        numbered.append(msgspec.structs.replace(one, fingerprint=again))
    return numbered


def _of_gate(verdict: Verdict) -> Finding:
    subject = f" {verdict.subject}" if verdict.subject else ""
    because = f"; {verdict.because}" if verdict.because else ""
    gate = load("gate").get(verdict.gate)
    title = f"{verdict.gate}{subject}"
    return Finding(
        rule=_GATE + verdict.gate,
        title=f"The gate {verdict.gate}",
        help=gate.help if gate is not None else "A limit that CI holds the image to.",
        severity="warning" if verdict.warning else "error",
        message=f"{title}: {verdict.measured}, the limit is {verdict.limit}{because}",
        fingerprint=_fingerprint(_GATE + verdict.gate, verdict.subject, ""),
    )


def _of_rule(suggestion: Suggestion, file: str | None) -> Finding:
    rule: Rule = load("rule")[suggestion.rule]
    instruction = None if suggestion.instruction is None else shown(suggestion.instruction)
    paths = tuple(map(shown, suggestion.paths))
    saves = f" ({size(suggestion.net_bytes)})" if suggestion.net_bytes else ""
    return Finding(
        rule=rule.id,
        title=rule.title,
        help=" ".join(rule.help.split()),
        severity=severity_of(suggestion),
        message=shown(suggestion.title) + saves,
        fix=shown(suggestion.fix),
        rewrite=None if suggestion.rewrite is None else _lines(suggestion.rewrite),
        layer=_layer(suggestion),
        file=file if suggestion.dockerfile_lines is not None else None,
        lines=suggestion.dockerfile_lines if file is not None else None,
        instruction=instruction,
        paths=paths,
        saved_bytes=suggestion.net_bytes,
        fingerprint=_fingerprint(rule.id, paths[0] if paths else "", instruction or ""),
    )


def _layer(suggestion: Suggestion) -> int | None:
    """The layer whose instruction is to be changed, else the first of those it is about."""
    if suggestion.blamed_layer is not None:
        return suggestion.blamed_layer
    return suggestion.layers[0] if suggestion.layers else None


def _lines(text: str) -> str:
    """Text of several lines, each of them harmless but for its backslashes, which continue lines."""
    lines = text.replace("\r", "").split("\n")
    return "\n".join("\\".join(shown(part) for part in line.split("\\")) for line in lines)


def _fingerprint(rule: str, path: str, instruction: str) -> str:
    plain = _CHANGING.sub(" ", instruction).strip()
    text = f"{rule}\0{path}\0{plain}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]
