"""Values as a row of bars."""

from __future__ import annotations

import pytest

from layerscope.model.sparkline import sparkline


@pytest.mark.parametrize(
    ("values", "drawn", "plain"),
    [
        ([], "", ""),
        ([5], "▄", "="),
        ([0, 0, 0], "▄▄▄", "==="),
        ([0, 7], "▁█", "_@"),
        ([10, 11, 12, 13, 14, 15, 16, 17], "▁▂▃▄▅▆▇█", "_.-=+*%@"),
        ([1e12, 1e12 + 1, 1e12 + 2], "▁▅█", "_+@"),
    ],
)
def test_the_least_is_lowest_and_the_greatest_is_highest(values: list[float], drawn: str, plain: str) -> None:
    assert sparkline(values) == drawn
    assert sparkline(values, ascii_only=True) == plain
