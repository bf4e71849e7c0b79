"""Sizes, shares and counts as people write them."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerscope.model.quantity import Share, parse_count, parse_ratio, parse_size, parse_size_or_share

UNITS = {"": 1, "B": 1, "k": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 1 << 10, "MiB": 1 << 20, "gi": 1 << 30}


@pytest.mark.parametrize("unit", UNITS)
@given(st.integers(0, 10**6))
def test_a_size_is_a_number_times_its_unit(unit: str, number: int) -> None:
    assert parse_size(f"{number}{unit}") == number * UNITS[unit]
    assert parse_size(f" {number} {unit.upper()} ") == number * UNITS[unit]


@given(st.integers(0, 1000))
def test_percent_and_ratio_are_two_spellings_of_one_share(tenths: int) -> None:
    assert abs(parse_ratio(f"{tenths / 10}%") - parse_ratio(f"{tenths / 1000}")) < 1e-12


def test_only_a_percent_sign_makes_a_share() -> None:
    assert isinstance(parse_size_or_share("1%"), Share)
    assert not isinstance(parse_size_or_share("1"), Share)
    assert not isinstance(parse_size_or_share("0.5"), Share)


@given(st.text(max_size=12))
def test_any_text_is_a_value_in_range_or_a_value_error(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert parse_size(text) >= 0
    with contextlib.suppress(ValueError):
        assert 0 <= parse_ratio(text) <= 1
    with contextlib.suppress(ValueError):
        assert parse_count(text) >= 0
