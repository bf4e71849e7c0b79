"""``--junit``: the gates as test cases, in the XML of JUnit that CI servers read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, BinaryIO

from layerscope.extensions import Report, Verdict

if TYPE_CHECKING:  # every run reads this file, not every one an image
    from layerscope.inspection import Inspection

_NO_XML = "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
"""Compiled where it is used: that takes longer than all else that is read at the start."""


def junit(reference: str, verdicts: Sequence[Verdict]) -> list[str]:
    """The lines of the document; ``reference`` is shown already."""
    failures = sum(verdict.failed for verdict in verdicts)
    counts = f'tests="{len(verdicts)}" failures="{failures}" errors="0"'
    name = _attribute(reference)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="layerscope" {counts}>',
        f'  <testsuite name={name} {counts} skipped="0">',
    ]
    for verdict in verdicts:
        lines += _case(verdict)
    return [*lines, "  </testsuite>", "</testsuites>"]


def _case(verdict: Verdict) -> list[str]:
    name = f"{verdict.gate} {verdict.subject}".rstrip()
    start = f'    <testcase classname="layerscope" name={_attribute(name)}'
    said = f"{verdict.measured}, the limit is {verdict.limit}"
    text = f"{said}; {verdict.because}" if verdict.because else said
    if verdict.failed:
        failure = f'      <failure type="gate" message={_attribute(said)}>{_text(text)}</failure>'
        return [f"{start}>", failure, "    </testcase>"]
    told = f"warning: {text}" if not verdict.passed else text
    return [f"{start}>", f"      <system-out>{_text(told)}</system-out>", "    </testcase>"]


def _attribute(text: str) -> str:
    from xml.sax.saxutils import quoteattr

    return quoteattr(_harmless(text))


def _text(text: str) -> str:
    from xml.sax.saxutils import escape

    return escape(_harmless(text))


def _harmless(text: str) -> str:
    """Text without the few characters that XML has no way to write."""
    return re.sub(_NO_XML, "\ufffd", text)


def _write(inspection: Inspection, verdicts: Sequence[Verdict], stream: BinaryIO) -> None:
    from layerscope.model.names import shown

    lines = junit(shown(inspection.image.reference), verdicts)
    stream.write(("\n".join(lines) + "\n").encode())


REPORT = Report(id="junit", help="Write the gates as JUnit XML.", write=_write)
