"""GitHub's step summary: the Markdown report goes there too, where a job of GitHub Actions has one."""

from __future__ import annotations

import os
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

VARIABLE = "GITHUB_STEP_SUMMARY"


def append_to_step_summary(destination: str, write: Callable[[BinaryIO], None]) -> str | None:
    """Append a report to the summary of the running step; what there is to say of that, if anything.

    A summary that cannot be written fails nothing: the report is written, and the verdict stands.
    """
    summary = os.environ.get(VARIABLE)
    if not summary or (destination != "-" and Path(destination).resolve() == Path(summary).resolve()):
        return None
    report = BytesIO()
    write(report)
    try:
        with Path(summary).open("ab") as file:
            file.write(report.getvalue())
    except OSError as error:
        return f"the step summary {summary} cannot be written: {error.strerror}"
    return f"the Markdown was appended to the step summary as well (${VARIABLE})"
