"""How long to wait, and when waiting is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from layerscope.distribution.patience import Pace, Patience, TooSlow, retry_after_s

NOW = datetime(2024, 5, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "expected_s"),
    [
        (None, None),
        ("0", 0),
        ("17", 17),
        (" 3 ", 3),
        ("Wed, 01 May 2024 12:00:30 GMT", 30),
        ("Wed, 01 May 2024 14:00:30 +0200", 30),
        ("Wed, 01 May 2024 12:00:30 -0000", 30),
        ("Wed, 01 May 2024 11:59:00 GMT", 0),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("", None),
        ("²", None),
        ("Wed, 99 May 2024 12:00:30 GMT", None),
    ],
)
def test_retry_after_is_a_number_or_a_date(value: str | None, expected_s: float | None) -> None:
    assert retry_after_s(value, NOW) == expected_s


def test_a_date_is_counted_from_now() -> None:
    then = datetime.now(UTC) + timedelta(seconds=100)

    asked_s = retry_after_s(then.strftime("%a, %d %b %Y %H:%M:%S GMT"))

    assert asked_s is not None
    assert 90 < asked_s <= 100


def test_delays_double_up_to_a_bound_and_differ_by_chance() -> None:
    patience = Patience(first_delay_s=1, longest_delay_s=10)

    delays = {failures: {patience.delay_s(failures) for _ in range(200)} for failures in range(1, 8)}

    bounds = {1: 1, 2: 2, 3: 4, 4: 8, 5: 10, 6: 10, 7: 10}
    assert [
        n for n, found in delays.items() if not bounds[n] / 2 <= min(found) < max(found) <= bounds[n]
    ] == []


def test_many_failures_overflow_nothing() -> None:
    assert Patience(longest_delay_s=10).delay_s(1000) <= 10


def test_a_pace_counts_only_the_time_that_was_waited() -> None:
    pace = Pace(Patience(slow_after_s=10, least_bytes=100))
    for _ in range(100):
        pace.note(20, 1)

    for _ in range(9):
        pace.note(9, 1)

    with pytest.raises(TooSlow, match="only 90 bytes came in 10 s"):
        pace.note(9, 1)
