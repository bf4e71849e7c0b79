"""Tables as comma-separated values (RFC 4180), harmless to what opens them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import BinaryIO

_FORMULA = ("=", "+", "-", "@")


def write_rows(titles: Sequence[str], rows: Iterable[Sequence[str | int | None]], stream: BinaryIO) -> None:
    """A heading and the rows, in UTF-8 with CRLF; None is an empty cell."""
    stream.writelines((",".join(map(_cell, row)) + "\r\n").encode() for row in chain((titles,), rows))


def _cell(value: str | int | None) -> str:
    if value is None:
        return ""
    if isinstance(value, int):
        return str(value)
    # A spreadsheet would run it; an apostrophe in front says that it is text.
    text = f"'{value}" if value.startswith(_FORMULA) else value
    return '"' + text.replace('"', '""') + '"' if any(char in text for char in '",\r\n') else text
