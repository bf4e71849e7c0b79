"""Numbers and text as people read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerscope.model.people import bar, cells, duration, fit, path, percent, size


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (1, "1 B"),
        (999, "999 B"),
        (1000, "1.00 kB"),
        (1234, "1.23 kB"),
        (12_345, "12.3 kB"),
        (123_456, "123 kB"),
        (999_499, "999 kB"),
        (999_500, "1.00 MB"),
        (999_999, "1.00 MB"),
        (1_090_000_000, "1.09 GB"),
        (77_200_000, "77.2 MB"),
        (10**15, "1.00 PB"),
    ],
)
def test_a_size_has_three_digits(count: int, text: str) -> None:
    assert size(count) == text


@given(st.integers(1000, 10**17))
def test_a_size_is_never_off_by_more_than_half_a_digit(count: int) -> None:
    number, unit = size(count).split()

    value = float(number) * 1000 ** ["kB", "MB", "GB", "TB", "PB"].index(unit) * 1000
    assert abs(value - count) <= count * 0.005 + 1
    assert len(number.replace(".", "")) == 3


@pytest.mark.parametrize(("ratio", "text"), [(0.0, "0.0 %"), (0.155, "15.5 %"), (1.0, "100.0 %")])
def test_a_share_is_in_percent(ratio: float, text: str) -> None:
    assert percent(ratio) == text


@pytest.mark.parametrize(
    ("text", "width"),
    [("", 0), ("abc", 3), ("名前", 4), ("e\u0301", 1), ("…", 1), ("█▏", 2), ("🎉", 2)],
)
def test_wide_characters_take_two_cells_and_combining_ones_none(text: str, width: int) -> None:
    assert cells(text) == width


@pytest.mark.parametrize(
    ("text", "width", "start", "end"),
    [
        ("abcdef", 6, "abcdef", "abcdef"),
        ("abcdef", 5, "abcd…", "…cdef"),
        ("abcdef", 1, "…", "…"),
        ("名前名前", 8, "名前名前", "名前名前"),
        ("名前名前", 7, "名前名…", "…前名前"),
        ("名前名前", 6, "名前…", "…名前"),
    ],
)
def test_text_is_cut_with_a_sign(text: str, width: int, start: str, end: str) -> None:
    assert fit(text, width) == start
    assert fit(text, width, end=True) == end


@given(st.text(), st.integers(1, 40))
def test_cut_text_fits(text: str, width: int) -> None:
    assert cells(fit(text, width)) <= width
    assert cells(fit(text, width, end=True)) <= width


@pytest.mark.parametrize(
    ("value", "drawn"),
    [(0, "    "), (1, "▏   "), (25, "█   "), (50, "██  "), (56.25, "██▎ "), (100, "████")],
)
def test_a_bar_is_drawn_in_eighths(value: float, drawn: str) -> None:
    assert bar(value, 100, 4) == drawn


def test_a_bar_of_nothing_is_empty_and_of_something_is_not() -> None:
    assert bar(0, 0, 4) == "    "
    assert bar(1, 10**12, 4) == "▏   "


def test_a_path_is_absolute_and_harmless() -> None:
    assert path("a\x1b") == r"/a\x1b"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0 s"),
        (0.01, "<0.1 s"),
        (0.05, "0.1 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (125, "2 min 5 s"),
        (3599.7, "1 h"),
        (3725, "1 h 2 min"),
    ],
)
def test_a_duration_has_two_digits_or_two_units(seconds: float, text: str) -> None:
    assert duration(seconds) == text
