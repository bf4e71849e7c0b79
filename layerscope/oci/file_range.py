"""A part of a file as a stream."""

from __future__ import annotations

from typing import BinaryIO

from layerscope.errors import ImageError


class FileRange:
    """A part of a file as a stream; raises ImageError where the file ends before it."""

    def __init__(self, file: BinaryIO, offset: int, size_bytes: int) -> None:
        self._file = file
        self._left = size_bytes
        file.seek(offset)

    def read(self, count: int = -1, /) -> bytes:
        """The next bytes, fewer than asked for only at the end of the part."""
        wanted = self._left if count < 0 else min(count, self._left)
        taken = self._file.read(wanted)
        if wanted and not taken:
            raise ImageError(f"truncated: the archive ends {self._left} bytes early")
        self._left -= len(taken)
        return taken

    def close(self) -> None:
        """Close the file."""
        self._file.close()
