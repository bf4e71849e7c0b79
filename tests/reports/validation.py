"""The published schema, and a report as a reader of it finds it."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator

from layerscope.extensions import Verdict
from layerscope.inspection import Inspection
from layerscope.reports.json import REPORT

Report = dict[str, Any]


@cache
def schema() -> Report:
    """The schema as it is installed."""
    found: Report = json.loads(files("layerscope.reports").joinpath("report.schema.json").read_bytes())
    return found


@cache
def validator() -> Draft202012Validator:
    """Something that holds reports against the schema."""
    return Draft202012Validator(schema())


def written(inspection: Inspection, verdicts: Sequence[Verdict] = ()) -> Report:
    """The report of an inspection, read back."""
    stream = io.BytesIO()
    REPORT.write(inspection, verdicts, stream)
    found: Report = json.loads(stream.getvalue())
    return found


def faults(report: Report) -> list[str]:
    """What is wrong with a report: where, and what."""
    return [f"{error.json_path}: {error.message[:200]}" for error in validator().iter_errors(report)]
