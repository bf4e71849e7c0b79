"""What has been read so far, how fast, and how long the rest will take."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

import msgspec

_SAMPLE_S = 0.5
_WINDOW_S = 5.0
_BRIEF_S = 0.3
"""A part that takes less would only flash."""


class Part(msgspec.Struct, kw_only=True):
    """A layer or another blob that is being read; ``begun_s`` is a moment of the tally's clock."""

    name: str
    total_bytes: int | None
    begun_s: float
    done_bytes: int = 0


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """How things stand; ``rate`` is in bytes a second, over the last seconds.

    ``elapsed_s`` counts from the start, ``begun`` is whether anything has been begun since. ``parts``
    are those that are being read, each in the place that it keeps; None is a place without one.
    """

    elapsed_s: float
    begun: bool = True
    done_bytes: int
    total_bytes: int | None
    rate: float | None
    parts: tuple[Part | None, ...]

    @property
    def left_s(self) -> float | None:
        """How long the rest will take at this rate, None where nobody knows or nothing is left."""
        if self.total_bytes is None or not self.rate or self.done_bytes >= self.total_bytes:
            return None
        return (self.total_bytes - self.done_bytes) / self.rate


class Tally:
    """Counts what readers tell of, from any thread; as cheap as a lock for them."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._expected_bytes = 0
        self._done_bytes = 0
        self._parts: dict[str, Part] = {}
        self._places: list[str | None] = []
        self._started_s = clock()
        self._samples: deque[tuple[float, int]] = deque()
        self._rate: float | None = None

    def expect(self, total_bytes: int) -> None:
        """About so much will be read from now on, after what was pulled, for example."""
        with self._lock:
            self._expected_bytes = self._done_bytes + total_bytes

    def begin(self, part: str, total_bytes: int | None) -> None:
        """A part is about to be read; it takes the first free place."""
        now = self._clock()
        with self._lock:
            if not self._samples:  # what was before was waiting, and counts for no rate
                self._samples.append((now, 0))
            if part not in self._parts:
                place = self._places.index(None) if None in self._places else len(self._places)
                self._places[place : place + 1] = [part]
            self._parts[part] = Part(name=part, total_bytes=total_bytes, begun_s=now)

    def advance(self, part: str, count: int) -> None:
        """Bytes of a part have been read."""
        with self._lock:
            self._done_bytes += count
            if part in self._parts:
                self._parts[part].done_bytes += count

    def end(self, part: str) -> None:
        """A part has been read; its place is free again."""
        with self._lock:
            if self._parts.pop(part, None) is not None:
                self._places[self._places.index(part)] = None

    def moment(self) -> Moment:
        """How things stand."""
        now = self._clock()
        with self._lock:
            self._sample(now)
            parts = tuple(self._part(name, now) for name in self._places)
            expected = self._expected_bytes
            return Moment(
                elapsed_s=now - self._started_s,
                begun=bool(self._samples),
                done_bytes=self._done_bytes,
                # What turned out to be more was an estimate, and is none any more.
                total_bytes=expected if expected > 0 and expected >= self._done_bytes else None,
                rate=self._rate,
                parts=parts,
            )

    def _part(self, name: str | None, now: float) -> Part | None:
        """A part as it is now, None while it is too new to be shown."""
        if name is None or now - self._parts[name].begun_s < _BRIEF_S:
            return None
        return msgspec.structs.replace(self._parts[name])

    def _sample(self, now: float) -> None:
        """Note where things stand twice a second, so that the figures stay long enough to be read."""
        if not self._samples or now - self._samples[-1][0] < _SAMPLE_S:
            return
        self._samples.append((now, self._done_bytes))
        while len(self._samples) > 2 and now - self._samples[0][0] > _WINDOW_S:
            self._samples.popleft()
        then, done_bytes = self._samples[0]
        self._rate = (self._done_bytes - done_bytes) / (now - then)
