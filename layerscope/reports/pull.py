"""What a pull of the image costs, for people and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from layerscope.model.people import cells, duration, fit, size

if TYPE_CHECKING:  # every run reads this folder, not every one an image
    from layerscope.inspection import Inspection
    from layerscope.reports.terminal import Page
    from layerscope.union.pull import Pull


def pull_data(pull: Pull) -> dict[str, Any]:
    """The cost as plain data."""
    return msgspec.structs.asdict(pull) | {"times": [msgspec.structs.asdict(one) for one in pull.times]}


def pull_lines(inspection: Inspection, page: Page) -> list[str]:
    """What comes, how long that takes, and what the times are made of."""
    from layerscope.union.pull import pull_of

    pull = pull_of(inspection.image, inspection.changesets, measured=True)
    if not pull.transfer_bytes:
        return []
    times = " · ".join(f"{duration(one.total_s)} at {one.mbit_per_s}" for one in pull.times)
    return [
        f"{page.paint.strong('Pull')} {times} Mbit/s",
        "  " + page.paint.dim(_as_much_as_fits([transferred(pull), *_made_of(pull)], page.width - 2)),
    ]


def _as_much_as_fits(parts: list[str], width: int) -> str:
    while len(parts) > 1 and cells(" · ".join(parts)) > width:
        parts = parts[:-1]
    return fit(" · ".join(parts), width)


def transferred(pull: Pull) -> str:
    """How much comes, and whether that is an estimate."""
    if pull.estimated:
        return f"about {size(pull.transfer_bytes)} if pushed with gzip"
    return size(pull.transfer_bytes)


def made_of(pull: Pull) -> str:
    """What the times hold: inflating, and at which rate; how layers come, and the largest of them."""
    return " · ".join(_made_of(pull))


def _made_of(pull: Pull) -> list[str]:
    inflating = "nothing to inflate"
    if pull.unpack_s:
        rate = size(round(pull.unpacked_bytes / pull.unpack_s))
        how = "measured" if pull.measured else "usual"
        inflating = f"inflating {duration(pull.unpack_s)} ({rate}/s, {how})"
    largest = f"largest layer {size(pull.largest_layer_bytes)}"
    return [inflating, f"{pull.parallel_downloads} at once", largest]
