"""Rows of a file, found window by window."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerscope.model import line_index
from layerscope.model.line_index import BLOCK, MAX_ROW_BYTES, LineIndex

LINES = st.lists(
    st.binary(max_size=40) | st.just(b"x" * 3000) | st.just("\u20ac".encode() * 1500), max_size=200
)


def index_of(data: bytes) -> LineIndex:
    """An index of these bytes that has looked at all of them."""
    index = LineIndex(lambda offset, count: data[offset : offset + count], len(data))
    while index.scan():
        pass
    return index


def rows_of(index: LineIndex) -> list[tuple[int | None, bytes]]:
    """All rows."""
    blocks = range(-(-index.row_count // BLOCK))
    return [row for number in blocks for row in index.block(number)]


@pytest.mark.parametrize("window", [2048, 1 << 20])
@given(lines=LINES)
def test_numbered_rows_begin_the_lines(window: int, lines: list[bytes]) -> None:
    """However small the windows are that it is read in."""
    data = b"\n".join(line.replace(b"\r", b"") for line in lines)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(line_index, "_WINDOW_BYTES", window)
        index = index_of(data)
    rows = rows_of(index)

    joined: list[bytes] = []
    for number, row in rows:
        if number is None:
            joined[-1] += row
        else:
            assert number == len(joined) + 1
            joined.append(row)
    # Nothing stands after the last line break.
    assert joined == data.removesuffix(b"\n").split(b"\n") if data else joined == []
    assert len(rows) == index.row_count
    assert all(len(row) <= MAX_ROW_BYTES for _, row in rows)


def test_no_letter_is_cut_in_two() -> None:
    rows = rows_of(index_of("\u20ac".encode() * 5000))

    assert "".join(row.decode() for _, row in rows) == "\u20ac" * 5000


@given(lines=LINES, place=st.integers(min_value=0))
def test_a_byte_stands_in_the_row_that_begins_last_before_it(lines: list[bytes], place: int) -> None:
    data = b"\n".join(lines) + b"\n"
    offset = place % len(data)
    index = index_of(data)

    row = index.row_of(offset)

    assert index.start_of(row) <= offset
    assert row + 1 == index.row_count or offset < index.start_of(row + 1)


def test_what_is_shorter_than_it_should_be_ends() -> None:
    index = LineIndex(lambda offset, count: b"ab\ncd"[offset : offset + count], 100)

    while index.scan():
        pass

    assert rows_of(index)[0] == (1, b"ab")
