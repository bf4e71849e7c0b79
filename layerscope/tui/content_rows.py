"""A content as rows of 64 at a time: as text, as bytes, or as facts; read in another thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from layerscope.model.harmless import harmless
from layerscope.model.line_index import BLOCK, LineIndex, ReadAt
from layerscope.tui.colouring import MAX_BYTES, coloured
from layerscope.tui.widgets.row_list import Part

_HEX_ROW = 16


class Shown(msgspec.Struct, frozen=True, gc=False):
    """One row: what stands at its left whatever is scrolled, and the rest."""

    gutter: str
    parts: list[Part]


class Rows(Protocol):
    """What can be shown of a content."""

    unit: str
    """What a row is called."""

    @property
    def read_at(self) -> ReadAt:
        """The bytes that offsets are of: the file's, or its text in UTF-8."""

    @property
    def size_bytes(self) -> int:
        """How many of them there are."""

    @property
    def row_count(self) -> int:
        """How many rows are known so far."""

    def scan(self) -> bool:
        """Find more rows; gives whether there is still more to find. For another thread."""

    def block(self, number: int) -> list[Shown]:
        """So many rows from ``BLOCK * number`` on. For another thread."""

    def row_of(self, offset: int) -> int:
        """The row that a byte stands in. For another thread."""

    def start_of(self, row: int) -> int:
        """The offset of a row's first byte. For another thread."""


def as_utf_8(read_at: ReadAt, size_bytes: int, encoding: str) -> tuple[ReadAt, int]:
    """The same text in UTF-8; it is in memory as a whole."""
    text = read_at(0, size_bytes).decode(encoding, "replace").encode("utf-8", "replace")
    return lambda offset, count: text[offset : offset + count], len(text)


class TextRows:
    """Lines with their numbers, coloured where there is a lexer."""

    unit = "line"

    def __init__(self, read_at: ReadAt, size_bytes: int, lexer: Any | None, *, ascii_only: bool) -> None:
        self.read_at, self.size_bytes = read_at, size_bytes
        self._index = LineIndex(read_at, size_bytes)
        self._lexer = lexer
        self._ascii = ascii_only

    @property
    def row_count(self) -> int:
        return self._index.row_count

    def scan(self) -> bool:
        return self._index.scan()

    def block(self, number: int) -> list[Shown]:
        found = self._index.block(number)
        lines = [harmless(raw.decode("utf-8", "replace"), ascii_only=self._ascii) for _, raw in found]
        if self._lexer is not None and sum(map(len, lines)) <= MAX_BYTES:
            parts = coloured(lines, self._lexer)
        else:
            parts = [[(line, "")] for line in lines]
        return [
            Shown(f"{line if line is not None else '':>6}  ", row)
            for (line, _), row in zip(found, parts, strict=True)
        ]

    def row_of(self, offset: int) -> int:
        return self._index.row_of(offset)

    def start_of(self, row: int) -> int:
        return self._index.start_of(row)


class HexRows:
    """Sixteen bytes a row: offset, hexadecimal, what of it is ASCII."""

    unit = "row"

    def __init__(self, read_at: ReadAt, size_bytes: int) -> None:
        self.read_at, self.size_bytes = read_at, size_bytes
        self.row_count = -(-size_bytes // _HEX_ROW)

    def scan(self) -> bool:
        return False

    def block(self, number: int) -> list[Shown]:
        start = number * BLOCK * _HEX_ROW
        data = self.read_at(start, BLOCK * _HEX_ROW)
        return [
            _hex_row(start + place, data[place : place + _HEX_ROW]) for place in range(0, len(data), _HEX_ROW)
        ]

    def row_of(self, offset: int) -> int:
        return offset // _HEX_ROW

    def start_of(self, row: int) -> int:
        return row * _HEX_ROW


def _hex_row(offset: int, data: bytes) -> Shown:
    parts: list[Part] = []
    for half in (data[:8], data[8:]):
        parts += ((f"{byte:02x} ", "" if byte else "faint") for byte in half)
        parts.append((" " + "   " * (8 - len(half)), ""))
    for byte in data:
        printable = 32 <= byte < 127
        parts.append((chr(byte) if printable else ".", "accent" if printable else "faint"))
    return Shown(f" {offset:08x}  ", _joined(parts))


def _joined(parts: list[Part]) -> list[Part]:
    """Neighbours of one style as one."""
    found: list[Part] = []
    for text, style in parts:
        if found and found[-1][1] == style:
            found[-1] = (found[-1][0] + text, style)
        else:
            found.append((text, style))
    return found


class FactRows:
    """Rows that are known beforehand."""

    unit = "row"
    size_bytes = 0

    def __init__(self, rows: Sequence[Sequence[Part]]) -> None:
        self._rows = [Shown(" ", list(row)) for row in rows]
        self.row_count = len(self._rows)

    def scan(self) -> bool:
        return False

    def block(self, number: int) -> list[Shown]:
        return self._rows[number * BLOCK : (number + 1) * BLOCK]

    def row_of(self, offset: int) -> int:
        return min(offset, max(0, self.row_count - 1))

    def start_of(self, row: int) -> int:
        return row

    def read_at(self, offset: int, count: int) -> bytes:  # noqa: ARG002 - there are none
        return b""

    def find(self, text: str, start: int, step: int) -> int | None:
        """The next row that holds a text, whatever its case."""
        wanted = text.lower()
        places = range(start, self.row_count if step > 0 else -1, step)
        for row in places:
            if wanted in "".join(part for part, _ in self._rows[row].parts).lower():
                return row
        return None
