"""The bytes of one uncompressed layer at any offset."""

from __future__ import annotations

import os
import stat
import threading
from typing import Protocol

from layerscope.errors import ImageError
from layerscope.extensions import Opened
from layerscope.model.image import Layer


class Cancelled(Exception):
    """The reader's ``cancel`` was set while it waited."""


class LayerBytes(Protocol):
    """A layer's uncompressed tar; for any number of threads."""

    kept_bytes: int
    """What it takes of the quota."""

    @property
    def failed(self) -> bool:
        """Whether it has to be made anew before anything can be read."""

    def read_at(self, offset: int, count: int, cancel: threading.Event | None) -> bytes | None:
        """``count`` bytes, fewer only at the end; None where it was closed; raises ImageError."""

    def close(self) -> None:
        """Let go of files and threads."""


class FilePart:
    """A layer that lies uncompressed in a file of its own, or in a part of one."""

    kept_bytes = 0
    failed = False

    def __init__(self, file: int, where: str, offset: int, size_bytes: int) -> None:
        self._file = file
        self._where = where
        self._offset = offset
        self._size_bytes = size_bytes
        # So that a number that was closed, and perhaps is another file's by then, is never read from.
        self._using = threading.Lock()

    def read_at(self, offset: int, count: int, cancel: threading.Event | None) -> bytes | None:  # noqa: ARG002
        """The bytes, from where they lie."""
        count = max(0, min(count, self._size_bytes - offset))
        with self._using:
            if self._file < 0:
                return None
            return read_fully(self._file, self._where, self._offset + offset, count)

    def close(self) -> None:
        """Close the file."""
        with self._using:
            if self._file >= 0:
                os.close(self._file)
                self._file = -1


def read_fully(file: int, where: str, offset: int, count: int) -> bytes:
    """``count`` bytes of a file, fewer only at its end; raises ImageError."""
    try:
        found = os.pread(file, count, offset)
        while len(found) < count and (more := os.pread(file, count - len(found), offset + len(found))):
            found += more
    except OSError as error:
        raise ImageError(f"{where}: {error.strerror}") from error
    return found


def file_part(opened: Opened, layer: Layer) -> FilePart | None:
    """A layer's place in a file; None where it is in none."""
    job = opened.job(layer)
    if job is not None:
        try:
            file = os.open(job.path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise ImageError(f"{job.where}: {error.strerror}") from error
        return FilePart(file, job.where, job.offset, job.size_bytes)
    stored = opened.open_layer(layer)
    try:
        number = stored.fileno()  # type: ignore[attr-defined]
        status = os.fstat(number)
        if not stat.S_ISREG(status.st_mode):
            return None
        return FilePart(os.dup(number), layer.blob, 0, status.st_size)
    except (AttributeError, OSError):  # not a file
        return None
    finally:
        stored.close()
