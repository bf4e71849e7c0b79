"""``--badge``: what shields.io asks of an endpoint, and colours that say what the gates said."""

from __future__ import annotations

import json

import pytest

from layerscope.extensions import Verdict
from layerscope.inspection import inspect
from layerscope.reports.badge import REPORT, badge
from tests.reports.hostile import written
from tests.sources.samples import WASTEFUL, samples

# https://shields.io/badges/endpoint-badge: what must be there, and what may.
REQUIRED = {"schemaVersion": int, "label": str, "message": str}
OPTIONAL = {"color": str}

PASSED = Verdict(gate="max-waste", measured="1", limit="2", passed=True)
FAILED = Verdict(gate="max-size", measured="3", limit="2", passed=False)
WARNED = Verdict(gate="max-size", measured="3", limit="2", passed=False, warning=True)


def test_the_badge_is_as_shields_reads_it() -> None:
    tar_bytes = sum(map(len, samples()["wasteful.tar"].layer_tars))

    found = json.loads(written(REPORT.id, inspect(str(WASTEFUL)), []))

    assert {name: type(value) for name, value in found.items()} == REQUIRED | OPTIONAL
    assert found["schemaVersion"] == 1
    assert found["message"] == f"{tar_bytes // 1000} kB, 46.5% wasted"


@pytest.mark.parametrize(
    ("verdicts", "colour"),
    [
        ([PASSED], "brightgreen"),
        ([PASSED, WARNED], "yellow"),
        ([WARNED, FAILED, PASSED], "red"),
    ],
)
def test_a_verdict_is_the_colour(verdicts: list[Verdict], colour: str) -> None:
    assert badge(1000, 0.9 if colour == "brightgreen" else 0.0, verdicts)["color"] == colour


@pytest.mark.parametrize(
    ("ratio", "colour"),
    [
        *((0.0, "brightgreen"), (0.049, "brightgreen"), (0.05, "green"), (0.1, "yellow")),
        *((0.2, "orange"), (0.4, "red"), (1.0, "red")),
    ],
)
def test_without_gates_the_waste_is(ratio: float, colour: str) -> None:
    assert badge(1000, ratio, [])["color"] == colour
