"""How much a suggestion matters, where another program wants to know."""

from __future__ import annotations

from typing import Literal

from layerscope.model.suggestion import Suggestion

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")

_SECRETS = "secret-"


def is_secret(suggestion: Suggestion) -> bool:
    """Whether a secret was found that is likely to be one."""
    return suggestion.rule.startswith(_SECRETS) and suggestion.confidence != "low"


def severity_of(suggestion: Suggestion) -> Severity:
    """Error: a secret. Warning: bytes that the image's own author can save. Note: anything else."""
    if is_secret(suggestion):
        return "error"
    if suggestion.family == "secrets":
        return "warning"
    saves = suggestion.net_bytes > 0 and suggestion.confidence != "low" and suggestion.blame != "base"
    return "warning" if saves else "note"
