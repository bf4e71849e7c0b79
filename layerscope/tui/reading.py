"""An image that is read in a thread of its own while the screen lives on, and that can be given up."""

from __future__ import annotations

import gc
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import msgspec

from layerscope.extensions import Progress
from layerscope.tui.glyphs import Glyphs

if TYPE_CHECKING:  # the screen is painted before these are imported
    from layerscope.inspection import Inspection
    from layerscope.tui.material import Material

_WINDOW_S = 4.0
_SAMPLE_S = 0.25

Opener = Callable[[str, Progress, Callable[[str], None]], AbstractContextManager["Inspection"]]
"""Opens a reference; told what to tell of progress, and of what was chosen."""


class Cancelled(BaseException):
    """Somebody does not want to wait any more; no `Exception`, so that nothing takes it for an error."""


class Part(msgspec.Struct, kw_only=True):
    """A layer or another blob; ``total_bytes`` is None where nobody knows."""

    name: str
    total_bytes: int | None
    done_bytes: int = 0
    ended: bool = False


class State(msgspec.Struct, frozen=True, kw_only=True):
    """How far reading has come; ``rate`` is in bytes a second."""

    elapsed_s: float
    done_bytes: int
    total_bytes: int | None
    rate: float | None
    parts: tuple[Part, ...]
    notices: tuple[str, ...]

    @property
    def left_s(self) -> float | None:
        """How long the rest takes at this rate, None where nobody knows."""
        if self.total_bytes is None or not self.rate:
            return None
        return max(0, self.total_bytes - self.done_bytes) / self.rate

    @property
    def all_read(self) -> bool:
        """Whether every part has come to its end, so that what follows is thinking."""
        read = bool(self.parts) and all(part.ended for part in self.parts)
        return read and (self.total_bytes is None or self.done_bytes >= self.total_bytes)


class Tracker:
    """Progress that the screen asks for when it draws; raises Cancelled in whatever thread tells it more."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._started_s = clock()
        self._expected_bytes: int | None = None
        self._done_bytes = 0
        self._parts: dict[str, Part] = {}
        self._notices: list[str] = []
        self._samples: deque[tuple[float, int]] = deque()
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """Have the reading threads stop at the next thing they tell."""
        self._cancelled.set()

    def check(self) -> None:
        """Raise Cancelled where nobody waits any more."""
        if self._cancelled.is_set():
            raise Cancelled

    def expect(self, total_bytes: int) -> None:
        """About so much will be read."""
        self.check()
        self._expected_bytes = total_bytes

    def begin(self, part: str, total_bytes: int | None) -> None:
        """A part is about to be read."""
        self.check()
        with self._lock:
            self._parts[part] = Part(name=part, total_bytes=total_bytes)

    def advance(self, part: str, count: int) -> None:
        """Bytes of a part were read."""
        self.check()
        with self._lock:
            self._done_bytes += count
            if part in self._parts:
                self._parts[part].done_bytes += count

    def end(self, part: str) -> None:
        """A part was read."""
        self.check()
        with self._lock:
            if part in self._parts:
                self._parts[part].ended = True

    def notice(self, line: str) -> None:
        """Something was chosen, or takes long."""
        self.check()
        with self._lock:
            self._notices.append(line)

    def state(self) -> State:
        """How things stand."""
        now = self._clock()
        with self._lock:
            expected = self._expected_bytes
            return State(
                elapsed_s=now - self._started_s,
                done_bytes=self._done_bytes,
                # What turned out to be more was an estimate.
                total_bytes=expected if expected is not None and expected >= self._done_bytes else None,
                rate=self._rate(now),
                parts=tuple(msgspec.structs.replace(part) for part in self._parts.values()),
                notices=tuple(self._notices),
            )

    def _rate(self, now: float) -> float | None:
        if not self._done_bytes:
            return None
        if not self._samples or now - self._samples[-1][0] >= _SAMPLE_S:
            self._samples.append((now, self._done_bytes))
        while len(self._samples) > 2 and now - self._samples[0][0] > _WINDOW_S:
            self._samples.popleft()
        (then, done_then), (last, done_last) = self._samples[0], self._samples[-1]
        return (done_last - done_then) / (last - then) if last > then else None


class Reading:
    """One image on its way to the screen.

    ``tell`` is called in the reading thread once there is something to say: with the `Material`, or with
    what was raised. It is not called after `cancel`.
    """

    def __init__(
        self, reference: str, opener: Opener, glyphs: Glyphs, tell: Callable[[Material | BaseException], None]
    ) -> None:
        self.reference = reference
        self.tracker = Tracker()
        self._opener = opener
        self._glyphs = glyphs
        self._tell = tell
        self._held: AbstractContextManager[Inspection] | None = None
        self._given_up = False
        self._lock = threading.Lock()
        # Not a worker of Textual's: those are waited for at the end, however long a network keeps one.
        self._thread = threading.Thread(target=self._run, name="layerscope-reading", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def cancel(self) -> None:
        """Give up at once; what was begun ends in the background, see `close`."""
        with self._lock:
            self._given_up = True
        self.tracker.cancel()

    def close(self, patience_s: float | None) -> bool:
        """Give up, wait so long for the thread, let go of the image; tells whether the thread has ended."""
        self.cancel()
        if self._thread.is_alive():
            self._thread.join(patience_s)
        with self._lock:
            held, self._held = self._held, None
        if held is not None:
            held.__exit__(None, None, None)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            outcome: Material | BaseException = self._read()
        except Cancelled:
            return
        except BaseException as error:  # noqa: BLE001 - shown on a screen, or raised by whoever started us
            outcome = error
        with self._lock:
            if self._given_up:
                return
        self._tell(outcome)

    def _read(self) -> Material:
        held = self._opener(self.reference, self.tracker, self.tracker.notice)
        inspection = held.__enter__()
        with self._lock:
            self._held = held
        self.tracker.check()
        from layerscope.tui.material import Material

        material = Material(inspection, self._glyphs)
        material.duplicates  # noqa: B018 - worked out here, where nobody waits for a key
        material.packages  # noqa: B018 - likewise
        import layerscope.tui.screens.explorer  # noqa: F401 - likewise

        collect_from_now_on()
        self.tracker.check()
        return material


def collect_from_now_on() -> None:
    """Commands run without the garbage collector; what is in memory now stays, it need never look at it."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
