"""``--max-layers``: how many layers there are, empty ones too."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerscope.gates.max_layers import GATE
from layerscope.inspection import inspect
from tests.gates.spelling import NO_NUMBERS
from tests.sources.images import inspected, layer, without_layers


@pytest.mark.parametrize(
    ("text", "count"), [("0", 0), ("40", 40), (" 7 ", 7), ("007", 7), ("9" * 18, 10**18 - 1)]
)
def test_a_count_is_a_whole_number(text: str, count: int) -> None:
    assert GATE.parse(text) == count


@pytest.mark.parametrize("text", [*NO_NUMBERS, "1.5", "10%", "10k", "+3", "9" * 5000])
def test_what_is_no_count_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no count"):
        GATE.parse(text)


@pytest.mark.parametrize(("limit", "passed"), [(3, True), (4, True), (2, False)])
def test_exactly_the_limit_passes_and_one_more_fails(limit: int, tmp_path: Path, *, passed: bool) -> None:
    verdict = GATE.judge(inspected(tmp_path, layer(), layer(), layer()), limit)

    assert (verdict.gate, verdict.measured, verdict.limit) == ("max-layers", "3", str(limit))
    assert verdict.passed is passed


def test_an_image_without_layers_passes(tmp_path: Path) -> None:
    assert GATE.judge(inspect(str(without_layers(tmp_path))), 0).passed
