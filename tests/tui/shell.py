"""The whole application without a terminal, opening what a test says."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from layerscope.extensions import Progress
from layerscope.inspection import Inspection, Options, inspecting
from layerscope.tui.app import LayerscopeApp
from tests.tui.driving import NARROW, screen_lines

SAMPLES = Path(__file__).parents[2] / "sample_images"
LEAN = SAMPLES / "lean.tar"
PATIENCE_S = 20


class Story:
    """An opener of images: what it is to do, and what was done to it."""

    def __init__(self, tell: Callable[[Progress, Callable[[str], None]], None] | None = None) -> None:
        self.tell = tell
        self.asked: list[str] = []
        self.closed = 0
        self.ended = threading.Event()
        self.stopped = threading.Event()
        """To be waited for where reading is to take as long as nobody cancels."""

    @contextmanager
    def __call__(
        self, reference: str, progress: Progress, notice: Callable[[str], None]
    ) -> Iterator[Inspection]:
        """Do as told, then open the smallest sample."""
        self.asked.append(reference)
        try:
            if self.tell is not None:
                self.tell(progress, notice)
            with inspecting(str(LEAN), Options()) as inspection:
                yield inspection
                self.closed += 1
        finally:
            self.ended.set()

    def endless(self, progress: Progress, notice: Callable[[str], None]) -> None:  # noqa: ARG002
        """Read a layer that has no end, until somebody cancels."""
        progress.expect(1000)
        progress.begin("blobs/sha256/" + "ab" * 32, 1000)
        while not self.stopped.wait(0.01):
            progress.advance("blobs/sha256/" + "ab" * 32, 0)


def act(
    app: LayerscopeApp, script: Callable[[Pilot[int]], Awaitable[Any]], size: tuple[int, int] = NARROW
) -> Any:
    """Run a script on an application, let go of its image, and give what the script gives."""

    async def run() -> Any:
        async with app.run_test(size=size, notifications=True) as pilot:
            await pilot.pause()
            return await script(pilot)

    try:
        return asyncio.run(run())
    finally:
        app.close_image(PATIENCE_S)


async def until(pilot: Any, true: Callable[[], object]) -> None:
    """Wait for something that another thread brings about."""
    for _ in range(PATIENCE_S * 50):
        if true():
            await pilot.pause()
            return
        await pilot.pause(0.02)
    raise AssertionError("\n".join(screen_lines(pilot)))


def text_of(pilot: Any) -> str:
    """Read the screen."""
    return "\n".join(line.rstrip() for line in screen_lines(pilot))
