"""A text found in a content of any size, window by window."""

from __future__ import annotations

import re
from collections.abc import Callable

from layerscope.model.line_index import ReadAt

_WINDOW_BYTES = 1 << 20
_HEX = re.compile(r"0x((?:[0-9a-fA-F]{2})+)")


def needle_of(text: str) -> re.Pattern[bytes]:
    """What to look for: the text, whatever its case; ``0x7f45`` means these bytes."""
    as_hex = _HEX.fullmatch(text)
    if as_hex is not None:
        return re.compile(re.escape(bytes.fromhex(as_hex[1])))
    return re.compile(re.escape(text.encode("utf-8", "surrogateescape")), re.IGNORECASE)


def find_after(
    read_at: ReadAt,
    size_bytes: int,
    needle: re.Pattern[bytes],
    start: int,
    stopped: Callable[[], bool] = lambda: False,
) -> int | None:
    """Where it is found next, from ``start`` on; None where nowhere, or once ``stopped``."""
    overlap = len(needle.pattern)
    while start < size_bytes and not stopped():
        data = read_at(start, _WINDOW_BYTES + overlap)
        found = needle.search(data)
        if found is not None:
            return start + found.start()
        start += _WINDOW_BYTES
    return None


def find_before(
    read_at: ReadAt, needle: re.Pattern[bytes], end: int, stopped: Callable[[], bool] = lambda: False
) -> int | None:
    """Where it was found last, beginning before ``end``."""
    overlap = len(needle.pattern)
    while end > 0 and not stopped():
        start = max(0, end - _WINDOW_BYTES)
        data = read_at(start, end - start + overlap)
        places = [found.start() for found in needle.finditer(data) if start + found.start() < end]
        if places:
            return start + places[-1]
        end = start
    return None
