"""``--min-efficiency``: visible bytes as a share of the content."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerscope.gates.min_efficiency import GATE
from layerscope.inspection import inspect
from tests.gates.spelling import NO_NUMBERS
from tests.sources.images import WASTE_LAYERS, inspected, without_layers


@pytest.mark.parametrize(
    ("text", "ratio"),
    [("0.95", 0.95), ("95%", 0.95), ("95 %", 0.95), ("1", 1.0), ("0", 0.0), ("100%", 1.0), (".5", 0.5)],
)
def test_a_share_is_written_as_a_ratio_or_in_percent(text: str, ratio: float) -> None:
    assert GATE.parse(text) == ratio


@pytest.mark.parametrize("text", [*NO_NUMBERS, "95", "1.01", "101%", "20MB"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no share"):
        GATE.parse(text)


@pytest.mark.parametrize(("limit", "passed"), [("0.9", True), ("90%", True), ("90.01%", False), ("1", False)])
def test_exactly_the_limit_passes_and_just_under_fails(limit: str, tmp_path: Path, *, passed: bool) -> None:
    verdict = GATE.judge(inspected(tmp_path, *WASTE_LAYERS), GATE.parse(limit))

    assert verdict.passed is passed


def test_the_verdict_reads_in_percent(tmp_path: Path) -> None:
    verdict = GATE.judge(inspected(tmp_path, *WASTE_LAYERS), 0.95)

    assert (verdict.gate, verdict.measured, verdict.limit) == ("min-efficiency", "90.0 %", "95.0 %")


def test_an_empty_image_is_wholly_efficient(tmp_path: Path) -> None:
    verdict = GATE.judge(inspect(str(without_layers(tmp_path))), 1.0)

    assert verdict.passed
    assert verdict.measured == "100.0 %"
