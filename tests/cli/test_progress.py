"""Progress: on standard error, calm, and gone from a terminal when it is done."""

from __future__ import annotations

import io
import os
import threading
import time

import pytest

from layerscope.cli.progress.live import LiveMeter
from layerscope.cli.progress.meter import Meter
from layerscope.cli.progress.plain import PlainMeter
from layerscope.cli.progress.tally import Moment, Tally
from layerscope.reports.paint import Paint
from tests.cli.screen import Screen

MB = 10**6


class Clock:
    """A clock that stands until it is set forward."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        """The time."""
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


class Watched(Screen):
    """A screen that a meter can write to."""

    encoding = "utf-8"

    def flush(self) -> None:
        """Nothing is kept back."""


def live(clock: Clock, screen: Watched, columns: int = 80, rows: int = 24) -> LiveMeter:
    """A meter on a terminal of a size."""
    size = os.terminal_size((columns, rows))
    return LiveMeter(screen, Paint(enabled=True), clock, lambda: size)  # type: ignore[arg-type]


def read(meter: Tally, clock: Clock, *counts_mb: int, part: str = "layer") -> None:
    """So many megabytes in each of the next seconds."""
    for count in counts_mb:
        clock.now_s += 1
        meter.advance(part, count * MB)
        meter.moment()


def names_of(moment: Moment) -> list[str | None]:
    """What is in each place."""
    return [None if part is None else part.name for part in moment.parts]


# Counting


def test_the_rate_is_that_of_the_last_seconds(clock: Clock) -> None:
    tally = Tally(clock)
    tally.begin("layer", None)

    read(tally, clock, *[900] * 10, *[10] * 7)

    moment = tally.moment()
    assert moment.rate == 10 * MB
    assert moment.done_bytes == 9070 * MB


def test_the_time_left_is_the_rest_at_this_rate(clock: Clock) -> None:
    tally = Tally(clock)
    tally.expect(100 * MB)
    tally.begin("layer", 100 * MB)

    read(tally, clock, 10, 10)

    moment = tally.moment()
    assert moment.left_s == pytest.approx(8)


def test_what_was_pulled_before_is_no_part_of_what_is_expected(clock: Clock) -> None:
    tally = Tally(clock)
    tally.begin("pull", None)
    read(tally, clock, 30, part="pull")
    tally.expect(100 * MB)

    read(tally, clock, 10, part="pull")

    assert (tally.moment().done_bytes, tally.moment().total_bytes) == (40 * MB, 130 * MB)


def test_an_estimate_that_was_too_low_is_none_any_more(clock: Clock) -> None:
    tally = Tally(clock)
    tally.expect(100 * MB)
    tally.begin("layer", None)

    read(tally, clock, 60, 60)

    moment = tally.moment()
    assert (moment.total_bytes, moment.left_s) == (None, None)


def test_waiting_for_an_engine_counts_for_no_rate(clock: Clock) -> None:
    tally = Tally(clock)
    clock.now_s += 100
    waiting = tally.moment()
    tally.begin("layer", None)

    read(tally, clock, 10)

    assert (waiting.begun, waiting.rate) == (False, None)
    assert (tally.moment().begun, tally.moment().rate) == (True, 10 * MB)


def test_a_part_keeps_its_place_until_it_has_been_read(clock: Clock) -> None:
    tally = Tally(clock)
    for part in "abc":
        tally.begin(part, None)
    tally.end("a")
    tally.end("b")
    tally.begin("d", None)
    clock.now_s += 1

    moment = tally.moment()

    assert names_of(moment) == ["d", None, "c"]


def test_a_part_that_is_brief_is_not_shown(clock: Clock) -> None:
    tally = Tally(clock)
    tally.begin("slow", None)
    clock.now_s += 1
    tally.begin("brief", None)

    moment = tally.moment()

    assert names_of(moment) == ["slow", None]


def test_many_threads_lose_no_byte() -> None:
    tally = Tally(time.monotonic)

    def work(part: str) -> None:
        for _ in range(20):
            tally.begin(part, 1000)
            for _ in range(1000):
                tally.advance(part, 1)
            tally.end(part)

    threads = [threading.Thread(target=work, args=(str(number),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    moment = tally.moment()
    assert moment.done_bytes == 160_000
    assert set(moment.parts) == {None}


# On a terminal


def test_nothing_is_drawn_within_the_first_half_second(clock: Clock) -> None:
    screen = Watched()
    meter = live(clock, screen)
    meter.begin("layer", None)

    clock.now_s += 0.49
    meter.tick()
    early = screen.frames
    clock.now_s += 0.02
    meter.tick()

    assert (early, screen.frames) == (0, 1)


def test_it_is_drawn_in_place_and_only_results_remain(clock: Clock) -> None:
    screen = Watched()
    screen.write("$ layerscope\n")
    meter = live(clock, screen)
    for part in "abc":
        meter.begin(part, 9 * MB)
    seen = []
    for part in "abc":
        clock.now_s += 1
        meter.tick()
        seen.append(len(screen.text.splitlines()))
        meter.end(part)

    meter.close()

    assert seen == [5, 5, 5]  # the command, the whole, the places of the layers
    assert screen.text == "$ layerscope"
    assert screen.cursor_shown
    assert screen.at_line_start


def test_a_notice_stays_above_the_picture(clock: Clock) -> None:
    screen = Watched()
    meter = live(clock, screen)
    meter.begin("layer", None)
    clock.now_s += 1
    meter.tick()

    meter.notice("docker:app: the engine has it\x1b[2J")
    meter.tick()

    lines = screen.text.splitlines()
    assert lines[0] == r"docker:app: the engine has it\x1b[2J"
    assert lines[1].startswith("reading layers")
    assert len(lines) == 3
    meter.close()
    assert screen.text == lines[0]


def test_a_terminal_without_a_size_is_taken_for_an_ordinary_one(clock: Clock) -> None:
    screen = Watched()
    meter = live(clock, screen, 0, 0)
    meter.begin("layer", None)
    clock.now_s += 1

    meter.tick()

    assert 40 < screen.widest < 80


# Elsewhere


def plain(clock: Clock) -> tuple[PlainMeter, io.StringIO]:
    """A meter that writes lines, and where it writes them."""
    stream = io.StringIO()
    return PlainMeter(stream, clock), stream


def test_a_pipe_gets_a_line_every_five_seconds(clock: Clock) -> None:
    meter, stream = plain(clock)
    meter.expect(1100 * MB)
    meter.begin("layer", 1100 * MB)

    for _ in range(47):
        clock.now_s += 0.25
        meter.advance("layer", 21_250_000)
        meter.tick()

    assert stream.getvalue().splitlines() == [
        "reading layers: 425 MB of 1.10 GB, 85.0 MB/s, 8 s left",
        "reading layers: 850 MB of 1.10 GB, 85.0 MB/s, 3 s left",
    ]


def test_a_pipe_gets_nothing_for_what_is_quick(clock: Clock) -> None:
    meter, stream = plain(clock)
    meter.begin("layer", None)
    clock.now_s += 4.9

    meter.tick()
    meter.close()

    assert stream.getvalue() == ""


def test_a_pipe_gets_nothing_before_the_first_byte(clock: Clock) -> None:
    """However long an engine takes for it."""
    meter, stream = plain(clock)
    clock.now_s += 60
    meter.begin("layer", None)

    meter.tick()

    assert stream.getvalue() == ""


def test_a_pipe_gets_notices_at_once(clock: Clock) -> None:
    meter, stream = plain(clock)

    meter.notice("docker:app: the engine has it")

    assert stream.getvalue() == "docker:app: the engine has it\n"


def test_what_the_encoding_lacks_is_replaced(clock: Clock) -> None:
    raw = io.BytesIO()
    meter: Meter = PlainMeter(io.TextIOWrapper(raw, "ascii"), clock)

    meter.notice("名前")

    assert raw.getvalue() == b"??\n"


# The whole command
