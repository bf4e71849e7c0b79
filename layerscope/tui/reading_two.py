"""Two images that are read one after the other in a thread of its own, then compared; it can be given up."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from layerscope.extensions import Progress
from layerscope.tui.reading import Cancelled, Tracker, collect_from_now_on

if TYPE_CHECKING:  # the screen is painted before these are imported
    from layerscope.comparison.subject import Subject
    from layerscope.tui.screens.comparison import Compared

Reader = Callable[[str, Progress, Callable[[str], None]], "Subject"]
"""Reads what a reference names; told what to tell of progress, and of what was chosen."""


class ReadingTwo:
    """Two images on their way to the screen, each with a tracker of its own: they may share layers.

    Both functions are called in the reading thread: ``second_begun`` when the first image is there, ``tell``
    with what both come to, or with what was raised. Neither is called after `cancel`.
    """

    def __init__(self, references: tuple[str, str], read: Reader) -> None:
        self.references = references
        self.trackers = (Tracker(), Tracker())
        self._read = read
        self._thread: threading.Thread | None = None
        self._given_up = threading.Event()

    def start(
        self, second_begun: Callable[[], None], tell: Callable[[Compared | BaseException], None]
    ) -> None:
        """Begin."""
        self._thread = threading.Thread(
            target=self._run, args=(second_begun, tell), name="layerscope-reading", daemon=True
        )
        self._thread.start()

    def cancel(self) -> None:
        """Give up at once; what was begun ends in the background."""
        self._given_up.set()
        for tracker in self.trackers:
            tracker.cancel()

    def close(self, patience_s: float) -> None:
        """Give up, and wait so long for the thread."""
        self.cancel()
        if self._thread is not None:
            self._thread.join(patience_s)

    def _run(
        self, second_begun: Callable[[], None], tell: Callable[[Compared | BaseException], None]
    ) -> None:
        try:
            outcome: Compared | BaseException = self._compared(second_begun)
        except Cancelled:
            return
        except BaseException as error:  # noqa: BLE001 - raised by whoever started us
            outcome = error
        if not self._given_up.is_set():
            tell(outcome)

    def _compared(self, second_begun: Callable[[], None]) -> Compared:
        subjects: list[Subject] = []
        for reference, tracker in zip(self.references, self.trackers, strict=True):
            if subjects:
                second_begun()
            tracker.check()
            subjects.append(self._read(reference, tracker, tracker.notice))
        from layerscope.comparison.comparing import Comparison
        from layerscope.tui.screens.comparison import Compared

        compared = Compared(Comparison(old=subjects[0], new=subjects[1]))
        collect_from_now_on()
        self.trackers[1].check()
        return compared
