"""All layers of an image, read by as many processes as are worth their while."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Protocol

from layerscope.extensions import LayerJob, Opened
from layerscope.model.changeset import Changeset
from layerscope.model.image import Layer

_WORTH_A_PROCESS_BYTES = 32 << 20
"""A further process costs a tenth of a second: what is left to it must take longer."""

EMPTY = Changeset(entries=[], content_bytes=0, tar_bytes=0, compressed_bytes=0, compression="none")
"""What a missing layer yields."""

Progress = Callable[[int], None]


def read_layers(opened: Opened, processes: int, progress: Progress | None) -> list[Changeset]:
    """One changeset for each layer, an empty one where the layer is missing; raises ImageError.

    The same blob is read once, however many layers it makes. This process reads the largest
    layer, since what another one reads has to be handed over, and then helps with the rest.
    """
    reading = _Reading(opened, progress)
    workers = _start(reading.helpers(processes))
    threads = [threading.Thread(target=reading.read_with, args=(worker,), daemon=True) for worker in workers]
    try:
        for thread in threads:
            thread.start()
        reading.read_here()
        if reading.failed:
            for worker in workers:
                worker.kill()
        for thread in threads:
            thread.join()
    finally:
        for worker in workers:
            worker.close()
    return [reading.outcome(layer) for layer in opened.image.layers]


class _Worker(Protocol):
    def run(self, job: LayerJob) -> Changeset: ...
    def kill(self) -> None: ...
    def close(self) -> None: ...


def _start(count: int) -> list[_Worker]:
    if not count:
        return []
    from layerscope.oci.worker import Worker

    return [Worker() for _ in range(count)]


class _Reading:
    """The blobs still to be read, the largest first, and what became of the others."""

    def __init__(self, opened: Opened, progress: Progress | None) -> None:
        self._opened = opened
        self._progress = progress
        self._layers = {layer.blob: layer for layer in opened.image.layers if not layer.missing}
        self._jobs = {blob: opened.job(layer) for blob, layer in self._layers.items()}
        self._results: dict[str, Changeset] = {}
        self._failed = threading.Event()
        self._error: BaseException | None = None
        self._order = sorted(self._layers, key=self._size, reverse=True)
        self._waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
        for blob in self._order[1:]:
            self._waiting.put(blob)

    def _size(self, blob: str) -> int:
        job = self._jobs[blob]
        return job.size_bytes if job is not None else 0

    def helpers(self, processes: int) -> int:
        """How many further processes have enough to do."""
        left = [self._size(blob) for blob in self._order[1:]]
        return max(0, min(processes - 1, sum(left) // _WORTH_A_PROCESS_BYTES, len(left)))

    @property
    def failed(self) -> bool:
        """Whether a blob could not be read, or reading was interrupted."""
        return self._failed.is_set()

    def read_here(self) -> None:
        """Read the largest blob, then whatever nobody else has begun."""
        blob: str | None = self._order[0] if self._order else None
        while blob is not None:
            self._read(blob, lambda blob: self._opened.read_layer(self._layers[blob]))
            blob = self._next()

    def read_with(self, worker: _Worker) -> None:
        """Have another process read one blob after another."""

        def read(blob: str) -> Changeset:
            job = self._jobs[blob]
            changeset = worker.run(job) if job is not None else self._opened.read_layer(self._layers[blob])
            if self._progress is not None:
                self._progress(changeset.tar_bytes)
            return changeset

        while (blob := self._next()) is not None:
            self._read(blob, read)

    def _next(self) -> str | None:
        """The next blob to read, None where there is none left or one has failed."""
        try:
            return None if self._failed.is_set() else self._waiting.get_nowait()
        except queue.Empty:
            return None

    def _read(self, blob: str, read: Callable[[str], Changeset]) -> None:
        try:
            self._results[blob] = read(blob)
        except BaseException as error:  # noqa: BLE001 - raised by `outcome`, in the thread that asked
            # The first one counts: the others may come of being stopped for its sake.
            self._error = self._error or error
            self._failed.set()

    def outcome(self, layer: Layer) -> Changeset:
        """A layer's changeset; raises what reading any of them raised first."""
        if self._error is not None:
            raise self._error
        return self._results.get(layer.blob, EMPTY)
