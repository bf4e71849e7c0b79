"""How long, and how often, a registry is waited for."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import msgspec

from layerscope.errors import SourceError


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds on every wait.

    A request is tried ``tries`` times; one that finds nobody at all, ``connect_tries`` times. A
    ``Retry-After`` longer than ``longest_retry_after_s`` is not waited for. A body of which fewer
    than ``least_bytes`` come in ``slow_after_s`` of waiting is as good as cut off.
    """

    tries: int = 6
    connect_tries: int = 2
    connect_timeout_s: float = 10
    read_timeout_s: float = 30
    first_delay_s: float = 0.5
    longest_delay_s: float = 20
    longest_retry_after_s: float = 120
    slow_after_s: float = 60
    least_bytes: int = 16 << 10

    def delay_s(self, failures: int) -> float:
        """How long to wait after so many failures: twice as long each time, less up to a half by chance."""
        delay_s = min(self.longest_delay_s, self.first_delay_s * 2.0 ** (failures - 1))
        return delay_s * random.uniform(0.5, 1)  # noqa: S311 - so that clients do not come back all at once


def retry_after_s(value: str | None, now: datetime | None = None) -> float | None:
    """The seconds that a ``Retry-After`` header asks for, as a number or as a date; None for neither."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        then = parsedate_to_datetime(text)
    except ValueError:
        return None
    if then.tzinfo is None:  # "-0000": a time that is UTC
        then = then.replace(tzinfo=UTC)
    return max(0.0, (then - (now or datetime.now(UTC))).total_seconds())


class TooSlow(SourceError):
    """A body comes so slowly that it would never end."""


class Pace:
    """Watches over a body: raises TooSlow where hardly anything comes."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._waited_s = 0.0
        self._count = 0

    def note(self, count: int, waited_s: float) -> None:
        """So many bytes have come after so long a wait; only waiting counts, not what is done with them."""
        self._count += count
        self._waited_s += waited_s
        if self._waited_s < self._patience.slow_after_s:
            return
        if self._count < self._patience.least_bytes:
            raise TooSlow(f"only {self._count} bytes came in {self._waited_s:.0f} s")
        self._waited_s, self._count = 0.0, 0
