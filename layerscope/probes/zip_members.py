"""The members of a zip archive of which only parts are at hand (PKWARE, APPNOTE.TXT)."""

from __future__ import annotations

import struct
import zlib

from layerscope.model.line_index import ReadAt

_END_BYTES = 22
_MOST_COMMENT_BYTES = 0xFFFF
_MOST_TEXT_BYTES = 1 << 16
_STORED, _DEFLATED = 0, 8

Place = tuple[int, int, int]
"""Where a member's own header is, the bytes of its content as stored, and the method."""


class Members:
    """A table of contents, by path; a path that stands twice is the last one's, as in Java."""

    def __init__(self, read_at: ReadAt, places: dict[str, Place]) -> None:
        self._read_at = read_at
        self.places = places

    @classmethod
    def of(cls, read_at: ReadAt, size_bytes: int) -> Members | None:
        """The members; None where this is no zip archive, or its table of contents is not at hand."""
        try:
            return cls(read_at, _table(read_at, size_bytes))
        except (struct.error, ValueError):
            return None

    def text(self, path: str) -> str:
        """The beginning of a member's content; empty where it is not at hand or damaged."""
        if path not in self.places:
            return ""
        offset, stored_bytes, method = self.places[path]
        header = self._read_at(offset, 30)
        if len(header) < 30 or method not in (_STORED, _DEFLATED):
            return ""
        start = offset + 30 + sum(struct.unpack_from("<HH", header, 26))
        data = self._read_at(start, min(stored_bytes, _MOST_TEXT_BYTES))
        if method == _DEFLATED:
            try:
                data = zlib.decompressobj(-15).decompress(data, _MOST_TEXT_BYTES)
            except zlib.error:
                return ""
        return data.decode("utf-8", "replace")


def _table(read_at: ReadAt, size_bytes: int) -> dict[str, Place]:
    start = max(0, size_bytes - _END_BYTES - _MOST_COMMENT_BYTES)
    tail = read_at(start, size_bytes - start)
    at = tail.rindex(b"PK\5\6")
    length, offset = struct.unpack_from("<II", tail, at + 12)
    end = start + at
    if tail[max(0, at - 20) :].startswith(b"PK\6\7"):  # the form for large archives, in addition
        (end,) = struct.unpack_from("<Q", tail, at - 12)
        length, offset = struct.unpack("<QQ", read_at(end + 40, 16))
    # A script may stand in front of the archive: offsets count from behind it.
    before = max(0, end - length - offset)
    table = read_at(offset + before, min(length, size_bytes))
    if len(table) < length:
        raise ValueError("the table of contents is not at hand")
    places: dict[str, Place] = {}
    place = 0
    while table[place : place + 4] == b"PK\1\2":
        fields = struct.unpack_from("<10xH8xI4xHHH8xI", table, place)
        method, stored_bytes, name, extra, comment, header = fields
        path = table[place + 46 : place + 46 + name].decode("utf-8", "replace")
        places[path] = (header + before, stored_bytes, method)
        place += 46 + name + extra + comment
    return places
