"""Where the time goes for one archive: microseconds per entry of each stage, then the profile.

    python profile_scan.py ARCHIVE [--lines N]

Everything in this one process; the profile makes every call dearer than it is, so trust the first
part for how long and the second for where.
"""

import argparse
import cProfile
import gc
import pstats
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from layerscope.config import Options
from layerscope.inspection import Inspection, inspect
from layerscope.union.analysis import analyze
from layerscope.union.apply import build_index
from layerscope.union.waste import find_waste


def main() -> None:
    """Time the stages, then profile the whole."""
    parser = argparse.ArgumentParser(description="Profile layerscope on one archive.")
    parser.add_argument("archive", type=Path)
    parser.add_argument("--lines", type=int, default=25, help="how many functions to list (default: 25)")
    options = parser.parse_args()
    gc.disable()
    print_stages(options.archive)
    profile = cProfile.Profile()
    profile.enable()
    whole(options.archive)
    profile.disable()
    pstats.Stats(profile).sort_stats("tottime").print_stats(options.lines)


def whole(archive: Path) -> Inspection:
    """Read, stack and account for an image, in one process."""
    return inspect(str(archive), Options(jobs=1))


def print_stages(archive: Path) -> None:
    """Seconds and microseconds per entry of each stage."""
    inspection, total_s = timed(whole, archive)
    changesets = inspection.changesets
    index, index_s = timed(build_index, changesets)
    _, waste_s = timed(find_waste, index)
    _, analyze_s = timed(analyze, inspection.image, changesets)
    entries = inspection.analysis.totals.entries
    stages = {
        "read and scan": total_s - analyze_s,
        "index": index_s,
        "waste": waste_s,
        "totals": max(0.0, analyze_s - index_s - waste_s),
        "all": total_s,
    }
    print(f"{entries:,} entries in {len(changesets)} layers")
    for stage, seconds in stages.items():
        print(f"{stage:<14} {seconds:8.3f} s {seconds / max(entries, 1) * 1e6:8.2f} µs per entry")


def timed(function: Callable[..., Any], *arguments: Any) -> tuple[Any, float]:
    """What a function gives, and the seconds that it took."""
    started = time.perf_counter()
    result = function(*arguments)
    return result, time.perf_counter() - started


if __name__ == "__main__":
    main()
