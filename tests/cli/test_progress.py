"""Progress: on standard error, calm, and gone from a terminal when it is done."""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import threading
import time
from functools import cache, partial
from typing import IO

import pytest

from layerscope.cli.progress.live import LiveMeter
from layerscope.cli.progress.meter import Meter
from layerscope.cli.progress.picture import picture
from layerscope.cli.progress.plain import PlainMeter
from layerscope.cli.progress.tally import Moment, Part, Tally
from layerscope.cli.progress.wording import short_name, time_left
from layerscope.reports.paint import Paint
from tests.cli.command import command_line, environment
from tests.cli.screen import Screen
from tests.cli.terminal import cells, seen_on_terminal
from tests.oci.build import as_tar, built, docker_archive
from tests.sources.images import file, layer
from tests.sources.samples import WASTEFUL

MB = 10**6
DIGEST = "0123456789abcdef" * 4
PLAIN = Paint(enabled=False)


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


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "1 s left"),
        (8, "8 s left"),
        (90, "90 s left"),
        (91, "2 min left"),
        (5400, "90 min left"),
        (9000, "2 h left"),
    ],
)
def test_the_time_left_is_no_finer_than_it_is_known(seconds: float, text: str) -> None:
    assert time_left(seconds) == text


@pytest.mark.parametrize(
    ("part", "name"),
    [
        (f"blobs/sha256/{DIGEST}", "0123456789ab"),
        (f"{DIGEST}/layer.tar", "0123456789ab"),
        (f"{DIGEST}.tar", "0123456789ab"),
        ("pull 0123456789ab", "0123456789ab"),
        ("base/layer.tar", "base"),
        ("images/application-server.tar", "…-server.tar"),
        ("red\x1b[31m", r"red\x1b[31m"),
    ],
)
def test_a_layer_has_the_name_that_engines_show(part: str, name: str) -> None:
    assert short_name(part) == name


# On a terminal


def moment_of(*parts: Part | None, done: int = 412 * MB, total: int | None = 1100 * MB) -> Moment:
    """Reading at 85 MB a second."""
    return Moment(elapsed_s=9, done_bytes=done, total_bytes=total, rate=85.0 * MB, parts=parts)


def part_of(name: str, done: int = 120 * MB, total: int | None = 310 * MB) -> Part:
    """A layer that is being read."""
    return Part(name=name, total_bytes=total, begun_s=0, done_bytes=done)


def test_the_picture_is_aligned() -> None:
    parts = [part_of(f"blobs/sha256/{DIGEST}"), None]
    parts += [part_of("small", 5000, 90_000), part_of("stream", 7 * MB, None)]

    assert picture(moment_of(*parts), 80, 24, PLAIN, unicode=True) == [
        "reading layers  ━━━━━━━────────────   412 MB of 1.10 GB  85.0 MB/s  9 s left",
        "  0123456789ab  ━━━━━━━────────────   120 MB of  310 MB",
        "",
        "  small         ━──────────────────  5.00 kB of 90.0 kB",
        "  stream                             7.00 MB",
    ]


def test_before_the_first_byte_it_says_so() -> None:
    moment = Moment(elapsed_s=1, begun=False, done_bytes=0, total_bytes=None, rate=None, parts=())

    assert picture(moment, 80, 24, PLAIN, unicode=True) == ["opening the image"]


def test_a_terminal_without_unicode_gets_plainer_bars() -> None:
    assert "  =======------------   412 MB" in picture(moment_of(), 80, 24, PLAIN, unicode=False)[0]


def test_a_total_that_nobody_knows_is_left_out() -> None:
    (line,) = picture(moment_of(total=None), 80, 24, PLAIN, unicode=True)

    assert line.split() == ["reading", "layers", "412", "MB", "85.0", "MB/s"]


@pytest.mark.parametrize("columns", [*range(10, 60, 7), 61, 79, 80, 81, 120, 200])
def test_no_line_reaches_the_edge(columns: int) -> None:
    parts = part_of(DIGEST, 999_900_000, 999 * 10**9), part_of("名前" * 9)
    moment = Moment(elapsed_s=9, done_bytes=10**12, total_bytes=10**14, rate=1e9, parts=parts)

    lines = picture(moment, columns, 24, PLAIN, unicode=True)

    assert [line for line in lines if cells(line) >= columns] == []
    assert len(lines) == 3


def test_a_narrow_terminal_loses_the_time_left_then_the_rate_then_the_bar() -> None:
    kept = [
        [
            word
            for word in ("━", "left", "MB/s")
            if word in picture(moment_of(), n, 24, PLAIN, unicode=True)[0]
        ]
        for n in (80, 60, 50, 40)
    ]

    assert kept == [["━", "left", "MB/s"], ["━", "MB/s"], ["━"], []]


@pytest.mark.parametrize(("rows", "count"), [(24, 6), (6, 4), (3, 1), (2, 0), (1, 0)])
def test_there_are_no_more_lines_than_fit(rows: int, count: int) -> None:
    parts = [part_of(f"layer-{number}") for number in range(9)]

    assert len(picture(moment_of(*parts), 80, rows, PLAIN, unicode=True)) == 1 + count


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


@cache
def large_archive() -> bytes:
    """An archive of several of the blocks in which a pipe is read."""
    files = docker_archive(built(layer(file(b"large", bytes(7 << 20)))))
    return as_tar(files)


def slowly(stdin: IO[bytes], size_bytes: int | None = None) -> None:
    """Send an archive, or its beginning, in pieces: a meter shows only after half a second."""
    content = large_archive()[:size_bytes]
    piece = len(content) // 6
    for start in range(0, len(content), piece):
        stdin.write(content[start : start + piece])
        stdin.flush()
        time.sleep(0.2)


def seen(text: str, columns: int = 80) -> Screen:
    """The screen after what a terminal was sent."""
    screen = Screen(columns)
    screen.write(text.replace("\r\n", "\n"))
    return screen


def test_a_terminal_sees_progress_and_then_nothing_of_it() -> None:
    code, text = seen_on_terminal("-", "--json", "/dev/null", stream="stderr", feed=slowly)

    screen = seen(text)
    assert code == 0
    assert "reading layers" in text
    assert 1 <= screen.frames <= 20
    assert (screen.text, screen.cursor_shown) == ("", True)


def test_quiet_means_no_progress() -> None:
    assert seen_on_terminal("-", "-q", "--json", "/dev/null", stream="stderr", feed=slowly) == (0, "")


def test_what_is_quick_needs_no_progress() -> None:
    code, text = seen_on_terminal(WASTEFUL, "--json", "/dev/null", stream="stderr")

    assert code == 0
    assert seen(text).text == ""


@pytest.mark.parametrize("columns", [40, 120])
def test_the_display_is_as_wide_as_the_terminal_is(columns: int) -> None:
    _, text = seen_on_terminal("-", "--json", "/dev/null", stream="stderr", columns=columns, feed=slowly)

    screen = seen(text, columns)
    assert columns / 3 < screen.widest < columns


def test_no_color_takes_the_colours_and_nothing_else() -> None:
    _, text = seen_on_terminal(
        "-", "--json", "/dev/null", stream="stderr", feed=slowly, env={"NO_COLOR": "1"}
    )

    assert seen(text).frames >= 1
    assert re.findall(r"\x1b\[[0-9;]*m", text) == []


def test_a_dumb_terminal_is_not_drawn_on() -> None:
    arguments = ("-", "--json", "/dev/null")

    assert seen_on_terminal(*arguments, stream="stderr", feed=slowly, env={"TERM": "dumb"}) == (0, "")


def test_an_error_stands_on_a_line_of_its_own() -> None:
    code, text = seen_on_terminal("-", stream="stderr", feed=partial(slowly, size_bytes=5_000_000))

    assert code == 4
    assert "reading layers" in text
    assert seen(text, 1000).text.splitlines()[0].startswith("error: standard input: ")


def test_ctrl_c_leaves_nothing_behind() -> None:
    """The signal comes while the display is on."""

    def interrupt(stdin: IO[bytes]) -> None:
        slowly(stdin, 6_000_000)
        os.kill(started[0].pid, signal.SIGINT)
        time.sleep(0.3)

    started: list[subprocess.Popen[bytes]] = []
    code, text = seen_on_terminal("-", stream="stderr", feed=interrupt, started=started)

    screen = seen(text)
    assert code == 130
    assert screen.frames >= 1
    assert (screen.text, screen.cursor_shown, screen.at_line_start) == ("", True, True)


def test_a_pipe_sees_no_progress() -> None:
    process = subprocess.Popen(
        command_line("-", "--json", "/dev/null"),
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    assert process.stdin is not None
    slowly(process.stdin)

    _, err = process.communicate(timeout=60)

    assert (process.returncode, err) == (0, b"")
