"""Measure the explorer from a key to the repaint that shows what it did.

    python explorer.py                an archive of 200,000 entries made for the purpose
    python explorer.py ARCHIVE        another one
    python explorer.py --profile filter ARCHIVE    where the time of one kind of key goes

How to read the table: README.md.
"""
# ruff: noqa: TID253, SLF001 - it drives Textual, and looks at when Textual paints

import argparse
import asyncio
import cProfile
import gc
import math
import pstats
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

from textual import events
from textual.pilot import Pilot
from textual.screen import Screen

# Run as a script, Python looks for modules in this folder, not in the one above.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.synthetic import many_files
from layerscope.inspection import inspecting
from layerscope.tui.app import LayerscopeApp
from layerscope.tui.screens.explorer import Explorer
from layerscope.tui.widgets.file_tree import FileTree

BARS_MS: Final = {"cursor": 30, "layer": 80, "layer, all open": 80, "filter": 120, "expand all": 300}
SIZE: Final = (160, 45)
PATIENCE_S: Final = 20
WORDS: Final = ("file77", "lib", "size>1kB", "*.py", "kind:modified")


class Taken(NamedTuple):
    """Milliseconds from a key to the screen: by the clock, and of a processor."""

    wall_ms: float
    cpu_ms: float


class Watch:
    """Presses keys and notes when the screen was painted with what they did."""

    def __init__(self, pilot: Pilot[int]) -> None:
        self.app = pilot.app
        explorer = pilot.app.screen
        assert isinstance(explorer, Explorer)
        self.explorer = explorer
        self.tree = explorer.query_one(FileTree)
        self._done: Callable[[], object] = lambda: False
        self._painted = asyncio.Event()
        self._taken = Taken(0, 0)
        self._start = (0.0, 0.0)
        paint = Screen._compositor_refresh

        def painting(screen: Screen[Any]) -> None:
            done = self._done()
            paint(screen)
            if done and not self._painted.is_set():
                wall_s, cpu_s = self._start
                self._taken = Taken(
                    1000 * (time.perf_counter() - wall_s), 1000 * (time.process_time() - cpu_s)
                )
                self._painted.set()

        Screen._compositor_refresh = painting  # type: ignore[method-assign, assignment]

    async def press(self, key: str, done: Callable[[], object]) -> Taken:
        """Milliseconds from a key to the first paint that began after ``done``."""
        self._done = done
        self._painted.clear()
        event = events.Key(key, key if len(key) == 1 else None)
        event.set_sender(self.app)
        driver = self.app._driver
        assert driver is not None
        self._start = (time.perf_counter(), time.process_time())
        driver.send_message(event)
        await asyncio.wait_for(self._painted.wait(), PATIENCE_S)
        self._done = lambda: False
        await asyncio.sleep(0.03)  # as fast as a key repeats
        return self._taken

    async def move(self, key: str) -> Taken:
        """A key that moves the cursor."""
        before = self.tree.cursor
        return await self.press(key, lambda: self.tree.cursor != before)

    async def view(self, key: str) -> Taken:
        """A key that changes what the tree shows."""
        before = self.tree.view
        return await self.press(key, lambda: self.tree.view is not before)

    async def rows(self, key: str) -> Taken:
        """A key that changes how much the tree shows."""
        before = self.tree.row_count()
        return await self.press(key, lambda: self.tree.row_count() != before)


async def _cursor(watch: Watch) -> list[Taken]:
    watch.tree.action_expand_all()
    keys = [*["j"] * 60, *["pagedown"] * 15, *["k"] * 30, *["pageup"] * 5]
    return [await watch.move(key) for key in keys]


async def _layer(watch: Watch) -> list[Taken]:
    count = len(watch.explorer._material.inspection.image.layers) - 1
    keys = ["comma"] * min(count, 20) + ["full_stop"] * min(count, 20)
    return [await watch.view(key) for key in keys]


async def _layer_closed(watch: Watch) -> list[Taken]:
    watch.tree.action_collapse_all()
    return await _layer(watch)


async def _filter(watch: Watch) -> list[Taken]:
    taken = []
    for word in WORDS:
        await watch.press("slash", lambda: watch.app.focused is not watch.tree)
        taken += [await _typed(watch, sign) for sign in word]
        await watch.press("escape", lambda: watch.app.focused is watch.tree)
    return taken


async def _typed(watch: Watch, sign: str) -> Taken:
    """A sign of the filter line, to the files that it lets through, or to what is wrong with it."""
    line, before, shown = watch.explorer._filter, watch.explorer._filter.text, watch.tree.view
    outcome = line.query_one("#outcome")
    return await watch.press(
        sign, lambda: line.text != before and (watch.tree.view is not shown or outcome.has_class("wrong"))
    )


async def _expand(watch: Watch) -> list[Taken]:
    taken = []
    watch.tree.action_collapse_all()
    for _ in range(10):
        taken.append(await watch.rows("E"))
        await watch.rows("C")
    return taken


RUNS: Final = {
    "cursor": _cursor,
    "layer, all open": _layer,
    "layer": _layer_closed,
    "filter": _filter,
    "expand all": _expand,
}


def measure(archive: str, profiled: str | None) -> dict[str, list[Taken]]:
    """Milliseconds of each key, by what it does."""
    found: dict[str, list[Taken]] = {}

    async def run(app: LayerscopeApp) -> None:
        async with app.run_test(size=SIZE) as pilot:
            await pilot.pause(0.5)
            gc.freeze()  # as the application does when an image has been read
            watch = Watch(pilot)
            for name, keys in RUNS.items():
                profile = cProfile.Profile()
                if name == profiled:
                    profile.enable()
                found[name] = await keys(watch)
                profile.disable()
                if name == profiled:
                    pstats.Stats(profile).sort_stats("cumulative").print_stats(40)

    with inspecting(archive) as inspection:
        app = LayerscopeApp(lambda: inspection)
        gc.collect()
        asyncio.run(run(app))
    return found


def percentile(values: list[float], share: float) -> float:
    """The value that so much of the values do not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("archive", nargs="?")
    parser.add_argument("--profile", choices=RUNS, help="tell where the time of these keys goes")
    arguments = parser.parse_args()
    with TemporaryDirectory() as folder:
        archive = arguments.archive or str(Path(folder) / "many.tar")
        if arguments.archive is None:
            many_files(Path(archive))
        found = measure(archive, arguments.profile)
    print(
        f"{'key':<16} {'keys':>5} {'median':>8} {'95 %':>8} {'worst':>8} {'cpu':>8} {'bar':>6} {'× bar':>7}"
    )
    for name, taken in found.items():
        walls = [one.wall_ms for one in taken]
        late = percentile(walls, 0.95)
        cpu = percentile([one.cpu_ms for one in taken], 0.95)
        ratio = late / BARS_MS[name]
        times = f"{percentile(walls, 0.5):>8.1f} {late:>8.1f} {max(walls):>8.1f} {cpu:>8.1f}"
        print(
            f"{name:<16} {len(taken):>5} {times} {BARS_MS[name]:>6} {'!' if ratio > 1 else ' '}{ratio:>6.2f}"
        )


if __name__ == "__main__":
    main()
