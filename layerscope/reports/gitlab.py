"""``--gitlab``: the findings as a code quality report, which GitLab shows in a merge request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

from layerscope.extensions import Report, Verdict

if TYPE_CHECKING:  # every run reads this file, not every one an image
    from layerscope.inspection import Inspection
    from layerscope.reports.findings import Finding

_SEVERITIES = {"error": "critical", "warning": "minor", "note": "info"}


def code_quality(found: Sequence[Finding]) -> list[dict[str, Any]]:
    """The report as plain data; without a Dockerfile the place is the layer and the path."""
    return [
        {
            "description": f"{one.message}. {one.fix}" if one.fix else one.message,
            "check_name": one.rule,
            "fingerprint": one.fingerprint,
            "severity": _SEVERITIES[one.severity],
            "location": _location(one),
        }
        for one in found
    ]


def _location(finding: Finding) -> dict[str, Any]:
    if finding.file is None or finding.lines is None:
        return {"path": finding.location, "lines": {"begin": 1}}
    first, last = finding.lines
    return {"path": finding.file, "lines": {"begin": first, "end": last}}


def _write(inspection: Inspection, verdicts: Sequence[Verdict], stream: BinaryIO) -> None:
    import msgspec

    from layerscope.reports.findings import findings

    encoded = msgspec.json.encode(code_quality(findings(inspection, verdicts)))
    stream.write(msgspec.json.format(encoded, indent=2) + b"\n")


REPORT = Report(id="gitlab", help="Write a code quality report for GitLab.", write=_write)
