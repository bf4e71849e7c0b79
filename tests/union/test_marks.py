"""Sets of positions do what Python's sets do."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from layerscope.union.marks import Marks

_COUNT = 40
positions = st.sets(st.integers(0, _COUNT - 1))


@given(positions, positions)
def test_they_are_joined_as_sets_are(one: set[int], other: set[int]) -> None:
    first, second = Marks.of(_COUNT, one), Marks.of(_COUNT, other)

    assert list(first & second) == sorted(one & other)
    assert list(first | second) == sorted(one | other)
    assert list(first - second) == sorted(one - other)


@given(positions, st.integers(0, _COUNT), st.integers(0, _COUNT))
def test_they_are_counted_and_searched_as_sets_are(one: set[int], start: int, end: int) -> None:
    marks = Marks.of(_COUNT, one)
    within = [place for place in one if start <= place < end]

    assert len(marks) == len(one)
    assert marks.count_in(start, end) == len(within)
    assert marks.any_in(start, end) is bool(within)
    assert [place for place in range(_COUNT) if place in marks] == sorted(one)
