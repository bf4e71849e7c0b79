"""A text found in a content, across the windows it is read in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerscope.model import byte_search
from layerscope.model.byte_search import find_after, find_before, needle_of


@given(data=st.text("ab", max_size=80).map(str.encode), start=st.integers(0, 80), window=st.integers(1, 9))
def test_it_finds_what_bytes_find_does(data: bytes, start: int, window: int) -> None:
    needle = needle_of("abba")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(byte_search, "_WINDOW_BYTES", window)
        after = find_after(lambda at, count: data[at : at + count], len(data), needle, start)

    assert (-1 if after is None else after) == data.find(b"abba", start)


@given(data=st.text("ab", max_size=80).map(str.encode), end=st.integers(0, 80), window=st.integers(1, 9))
def test_backwards_too(data: bytes, end: int, window: int) -> None:
    """Of hits that overlap, the later one may count as part of the earlier: so the needle has no such."""
    needle = needle_of("aab")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(byte_search, "_WINDOW_BYTES", window)
        before = find_before(lambda at, count: data[at : at + count], needle, min(end, len(data)))

    assert (-1 if before is None else before) == data.rfind(b"aab", 0, min(end, len(data)) + 2)


@pytest.mark.parametrize(("text", "found"), [("PASS", 3), ("0x00ff", 0), ("0xzz", None), ("pass*", None)])
def test_text_is_found_whatever_its_case_and_bytes_as_hexadecimal(text: str, found: int | None) -> None:
    data = b"\x00\xff pass word"

    place = find_after(lambda at, count: data[at : at + count], len(data), needle_of(text), 0)

    assert place == found


def test_it_stops_when_it_is_told_to() -> None:
    def read_at(offset: int, count: int) -> bytes:
        raise AssertionError((offset, count))

    assert find_after(read_at, 1 << 40, needle_of("x"), 0, lambda: True) is None
