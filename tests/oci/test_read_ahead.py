"""Blocks made by another thread: the same blocks, the same errors, and no thread left over."""

from __future__ import annotations

import threading
from collections.abc import Iterator

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
