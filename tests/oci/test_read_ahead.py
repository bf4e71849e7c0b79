"""Blocks made by another thread: the same blocks, the same errors, and no thread left over."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from layerscope.oci.read_ahead import read_ahead


def numbered(count: int, made: list[int]) -> Iterator[bytes]:
    """Blocks that note when they are made."""
    for number in range(count):
        made.append(number)
        yield b"%d" % number


def test_all_blocks_come_in_their_order_from_another_thread() -> None:
    before = threading.active_count()
    names: set[str] = set()

    def blocks() -> Iterator[bytes]:
        names.add(threading.current_thread().name)
        yield from numbered(100, [])

    assert list(read_ahead(blocks())) == [b"%d" % number for number in range(100)]
    assert names == {"layerscope-read-ahead"}
    assert threading.active_count() == before


def test_what_making_a_block_raises_is_raised_in_its_place() -> None:
    def blocks() -> Iterator[bytes]:
        yield b"first"
        raise ValueError("damaged")

    ahead = read_ahead(blocks())

    assert next(ahead) == b"first"
    with pytest.raises(ValueError, match="damaged"):
        next(ahead)


def test_only_a_few_blocks_are_made_ahead_and_closing_ends_the_thread() -> None:
    before = threading.active_count()
    made: list[int] = []
    ahead = read_ahead(numbered(1000, made))

    next(ahead)
    ahead.close()

    assert len(made) <= 7
    assert threading.active_count() == before


def test_nothing_is_made_before_the_first_block_is_asked_for() -> None:
    made: list[int] = []

    read_ahead(numbered(10, made)).close()

    assert made == []


def test_ctrl_c_does_not_wait_for_a_stream_that_gives_nothing() -> None:
    """The thread cannot be stopped while it reads; it is let go when the test is over."""
    given = threading.Event()

    def stalled() -> Iterator[bytes]:
        yield b"first"
        given.wait(10)

    def interrupted() -> None:
        with closing(read_ahead(stalled())) as blocks:
            next(blocks)
            raise KeyboardInterrupt

    started = time.monotonic()
    try:
        with pytest.raises(KeyboardInterrupt):
            interrupted()
        waited_s = time.monotonic() - started
    finally:
        given.set()

    assert waited_s < 5


def test_any_other_error_waits_until_nothing_is_read_any_more() -> None:
    """Others go on to read the same stream."""
    finished = threading.Event()

    def slow() -> Iterator[bytes]:
        yield b"first"
        time.sleep(0.3)
        finished.set()

    def failing() -> None:
        with closing(read_ahead(slow())) as blocks:
            next(blocks)
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        failing()

    assert finished.is_set()
