"""A smaller image on its way out, in a thread of its own while the screen lives on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from textual.app import App

from layerscope.config import Options
from layerscope.exporter import ExportOptions
from layerscope.extensions import Progress
from layerscope.optimize.optimizing import Optimized, optimize
from layerscope.optimize.steps import Steps
from layerscope.targets.choosing import choose_target
from layerscope.tui.reading import Tracker

OptionsWith = Callable[[Progress, Callable[[str], None]], Options]
"""The options of a run, out of whom to tell what is read and what was chosen."""

_STANDARD_INPUT = "-"


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where the image on the screen came from, so that it can be read once more."""

    reference: str
    options_with: OptionsWith


def origin_of(app: App[Any]) -> Origin | None:
    """That of the image on the screen; None where it cannot be read again."""
    origin = getattr(app, "origin", None)
    if not isinstance(origin, Origin) or origin.reference.partition(":")[0] == _STANDARD_INPUT:
        return None
    return origin


class WritingTracker(Tracker):
    """Progress over several passes: what is expected comes on top of what is done."""

    def expect(self, total_bytes: int) -> None:
        """So much will be gone through from now on."""
        super().expect(self.state().done_bytes + total_bytes)


def write_smaller(
    origin: Origin, steps: Steps, output: str, *, replace: bool, tracker: WritingTracker
) -> Optimized:
    """Read the image again, write it smaller, prove it. Raises what `optimize` raises, and Cancelled."""
    target, place = choose_target(output)
    options = origin.options_with(tracker, tracker.notice)
    return optimize(origin.reference, steps, place, options, ExportOptions(format=target.id, replace=replace))
