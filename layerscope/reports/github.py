"""``--github``: workflow commands that GitHub Actions shows as annotations.

``--github -`` prints them into the job's log, where GitHub looks for them. It shows ten of each
kind for a step; the most important ones come first and no more are written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, BinaryIO

from layerscope.extensions import Report, Verdict

if TYPE_CHECKING:  # every run reads this file, not every one an image
    from layerscope.inspection import Inspection
    from layerscope.reports.findings import Finding

_MOST = 10
_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def commands(found: Sequence[Finding]) -> list[str]:
    """One line for each finding that is shown."""
    lines = []
    written = Counter[str]()
    for one in found:
        command = _COMMANDS[one.severity]
        written[command] += 1
        if written[command] <= _MOST:
            title = _property(f"layerscope {one.rule}")
            lines.append(f"::{command} {_place(one)}title={title}::{_data(_message(one))}")
    return lines


def _place(finding: Finding) -> str:
    """The lines of the Dockerfile, beside which the annotation is shown in a change."""
    if finding.file is None or finding.lines is None:
        return ""
    first, last = finding.lines
    return f"file={_property(finding.file)},line={first},endLine={last},"


def _message(finding: Finding) -> str:
    where = "" if finding.location == "image" else f"{finding.location}: "
    lines = [f"{where}{finding.message}", *filter(None, (finding.fix, finding.rewrite))]
    return "\n".join(lines)


def _data(text: str) -> str:
    """Text as a workflow command carries it, line breaks and all."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _write(inspection: Inspection, verdicts: Sequence[Verdict], stream: BinaryIO) -> None:
    from layerscope.reports.findings import findings

    stream.writelines(f"{line}\n".encode() for line in commands(findings(inspection, verdicts)))


REPORT = Report(id="github", help="Write annotations for GitHub Actions.", write=_write)
