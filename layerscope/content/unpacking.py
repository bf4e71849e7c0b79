"""A compressed layer that is unpacked once into a private file, and read while that goes on."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator
from contextlib import closing

from layerscope.content.layer_bytes import Cancelled, read_fully
from layerscope.content.temporary import Temporary
from layerscope.errors import ImageError, LayerscopeError
from layerscope.extensions import Progress, Stored
from layerscope.model.changeset import Changeset
from layerscope.oci.compression import Decompressed

_WATCH_S = 0.05


class _Stopped(Exception):
    """Nobody wants the layer any more."""


class _Told:
    """A stored blob that tells how far it has been read."""

    def __init__(self, stored: Stored, part: str, progress: Progress | None) -> None:
        self._stored = stored
        self._part = part
        self._progress = progress

    def read(self, count: int = -1, /) -> bytes:
        taken = self._stored.read(count)
        if self._progress is not None:
            self._progress.advance(self._part, len(taken))
        return taken


class Unpacking:
    """One layer's bytes; a thread writes them, any other waits for those that it wants.

    The thread goes on as long as it is told to `go_ahead` or somebody waits.
    """

    def __init__(
        self,
        open_blob: Callable[[], Stored],
        name: str,
        changeset: Changeset,
        temporary: Temporary,
        progress: Progress | None,
    ) -> None:
        self.kept_bytes = changeset.tar_bytes
        self._open_blob = open_blob
        self._name = name
        self._compressed_bytes = changeset.compressed_bytes
        self._temporary = temporary
        self._progress = progress
        self._changed = threading.Condition()
        self._file = -1
        self._written = 0
        self._waiting = 0
        self._ahead = True
        self._stopped = False
        self._done = False
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="layerscope-unpacking", daemon=True)
        self._thread.start()

    @property
    def failed(self) -> bool:
        """Whether it ended before the layer did."""
        return self._error is not None

    @property
    def written_bytes(self) -> int:
        """How much of the layer there is so far."""
        return self._written

    def go_ahead(self, *, wanted: bool) -> None:
        """Whether to unpack what nobody waits for yet."""
        with self._changed:
            self._ahead = wanted
            self._changed.notify_all()

    def read_at(self, offset: int, count: int, cancel: threading.Event | None) -> bytes | None:
        """The bytes, once they have been written; raises Cancelled and what unpacking raised."""
        end = min(offset + count, self.kept_bytes)
        with self._changed:
            self._waiting += 1
            self._changed.notify_all()
            try:
                while not (self._written >= end or self._done or self._stopped or self._error):
                    if cancel is not None and cancel.is_set():
                        raise Cancelled
                    self._changed.wait(None if cancel is None else _WATCH_S)
            finally:
                self._waiting -= 1
            if self._stopped:
                return None
            if self._error is not None and self._written < end:
                raise self._error
            return read_fully(self._file, self._name, offset, max(0, end - offset))

    def close(self) -> None:
        """End the thread and remove the file."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        self._thread.join()
        with self._changed:
            if self._file >= 0:
                os.close(self._file)
                self._file = -1
        if self._done:
            self._temporary.drop(self._kept_as)

    @property
    def _kept_as(self) -> str:
        return f"unpacked {self._name}"

    def _work(self) -> None:
        try:
            self._unpack()
        except _Stopped:
            pass
        except BaseException as error:  # noqa: BLE001 - raised by `read_at`, in the thread that asked
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        if isinstance(error, ImageError):
            error = type(error)(f"{self._name}: {error.message}", hint=error.hint)
        elif isinstance(error, OSError) and not isinstance(error, LayerscopeError):
            error = ImageError(f"{self._name}: {error.strerror or error}")
        with self._changed:
            self._error = error
            self._changed.notify_all()

    def _unpack(self) -> None:
        progress = self._progress
        if progress is not None:
            progress.begin(self._name, self._compressed_bytes)
        try:
            with (
                self._temporary.begin(self._kept_as) as target,
                closing(self._open_blob()) as stored,
                closing(self._blocks(stored)) as blocks,
            ):
                self._file = os.open(target.name, os.O_RDONLY | os.O_CLOEXEC)
                for block in blocks:
                    target.write(block)
                    self._note(len(block))
        finally:
            if progress is not None:
                progress.end(self._name)
        with self._changed:
            self._done = True
            self._changed.notify_all()

    def _blocks(self, stored: Stored) -> Generator[bytes, None, None]:
        """The layer's blocks; raises ImageError where they are not as many as when it was scanned."""
        for block in Decompressed(_Told(stored, self._name, self._progress)):
            if self._written + len(block) > self.kept_bytes:
                raise ImageError("the layer is longer than it was when it was scanned")
            yield block
        if self._written < self.kept_bytes:
            raise ImageError("the layer is shorter than it was when it was scanned")

    def _note(self, count: int) -> None:
        """Tell of bytes that can be read, and wait while nobody wants more."""
        with self._changed:
            self._written += count
            if self._waiting:
                self._changed.notify_all()
            while not (self._ahead or self._waiting or self._stopped):
                self._changed.wait()
            if self._stopped:
                raise _Stopped
