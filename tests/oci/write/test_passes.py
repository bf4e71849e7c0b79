"""Several passes over the same bytes, as one whole for whoever watches."""

from __future__ import annotations

import time

from layerscope.cli.progress.tally import Tally
from layerscope.oci.write.passes import Passes


def go_through(passes: Passes, size_bytes: int) -> None:
    """One pass."""
    passes.expect(size_bytes)
    passes.begin("blob", size_bytes)
    passes.advance("blob", size_bytes)
    passes.end("blob")


def test_the_passes_to_come_are_taken_to_be_as_long_as_this_one() -> None:
    tally = Tally(time.monotonic)
    passes = Passes(tally, 3)

    go_through(passes, 100)

    moment = tally.moment()
    assert moment is not None
    assert (moment.done_bytes, moment.total_bytes) == (100, 300)


def test_at_the_end_all_that_was_expected_is_done() -> None:
    tally = Tally(time.monotonic)
    passes = Passes(tally, 3)

    go_through(passes, 100)
    passes.next_over(250)
    go_through(passes, 250)
    passes.next_over(250)
    go_through(passes, 250)

    moment = tally.moment()
    assert moment is not None
    assert (moment.done_bytes, moment.total_bytes) == (600, 600)
