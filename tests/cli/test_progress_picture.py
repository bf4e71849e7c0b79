"""How progress is drawn: the lines of a picture, and what of them a narrow terminal loses."""

from __future__ import annotations

import pytest

from layerscope.cli.progress.picture import picture
from layerscope.cli.progress.tally import Moment, Part
from layerscope.cli.progress.wording import short_name, time_left
from layerscope.reports.paint import Paint
from tests.cli.terminal import cells

MB = 10**6

DIGEST = "0123456789abcdef" * 4

PLAIN = Paint(enabled=False)


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
