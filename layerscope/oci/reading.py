"""All layers of an image, read by as many processes as are worth their while."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Protocol

from layerscope.config import Options
from layerscope.errors import LimitExceeded
from layerscope.extensions import LayerJob, Opened, Progress
from layerscope.model.changeset import Changeset
from layerscope.model.image import Layer
from layerscope.oci.compression import keep_freed_blocks
from layerscope.oci.forked import can_fork

_WORTH_A_PROCESS_BYTES = 32 << 20
"""A further process costs a tenth of a second: what is left to it must take longer."""

_UNPACKING_COSTS = 4
"""How much longer a stored byte takes that is compressed."""

EMPTY = Changeset(entries=[], content_bytes=0, tar_bytes=0, compressed_bytes=0, compression="none")
"""What a missing layer yields."""


def read_image(opened: Opened, options: Options) -> list[Changeset]:
    """All layers as `read_layers` gives them, within the bound on what they may unpack to."""
    changesets = read_layers(opened, options.jobs or _processors(), options.progress, fork=options.fork)
    unpacked = sum(changeset.tar_bytes for changeset in changesets)
    if options.max_unpacked_bytes is not None and unpacked > options.max_unpacked_bytes:
        raise LimitExceeded(
            f"the image unpacks to {unpacked} bytes, {options.max_unpacked_bytes} are allowed",
            hint="raise --max-unpacked if you trust the image",
        )
    return changesets


def _processors() -> int:
    """How many processors there are for this process."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def read_layers(
    opened: Opened, processes: int, progress: Progress | None, *, fork: bool = False
) -> list[Changeset]:
    """One changeset for each layer, an empty one where the layer is missing; raises ImageError.

    The same blob is read once, however many layers it makes. This process reads the largest
    layer, since what another one reads has to be handed over, and then helps with the rest.
    """
    keep_freed_blocks()
    reading = _Reading(opened, progress)
    fork = fork and can_fork()
    workers = _start(reading.helpers(processes, fork=fork), fork=fork)
    threads = [threading.Thread(target=reading.read_with, args=(worker,), daemon=True) for worker in workers]
    threads += [threading.Thread(target=reading.read_more, daemon=True) for _ in range(reading.streams)]
    try:
        reading.announce()
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
    def run(self, job: LayerJob, told: Callable[[int], None] | None = None) -> Changeset: ...
    def kill(self) -> None: ...
    def close(self) -> None: ...


def _start(count: int, *, fork: bool) -> list[_Worker]:
    if not count:
        return []
    from layerscope.oci.worker import Worker

    workers: list[_Worker] = []
    with suppress(OSError):  # no process, memory or file to be had: what there is will do
        workers.extend(Worker(fork=fork) for _ in range(count))
    return workers


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
        self._waiting = deque(self._order[1:])

    def _size(self, blob: str) -> int:
        job, descriptor = self._jobs[blob], self._layers[blob].descriptor
        if job is not None:
            return job.size_bytes
        return descriptor.size_bytes if descriptor is not None else 0

    def _compressed(self, blob: str) -> bool:
        descriptor = self._layers[blob].descriptor
        return descriptor is not None and descriptor.media_type.endswith(("gzip", "zstd"))

    def announce(self) -> None:
        """Tell how much there is to read; what came through one pipe has been read."""
        if self._progress is not None and (self._opened.streams > 1 or any(self._jobs.values())):
            self._progress.expect(sum(map(self._size, self._order)))

    def helpers(self, processes: int, *, fork: bool) -> int:
        """How many further processes have enough to do; a forked one, there at once, may unpack a little."""
        left = [
            self._size(blob) * (_UNPACKING_COSTS if fork and self._compressed(blob) else 1)
            for blob in self._order[1:]
            if self._jobs[blob] is not None
        ]
        return max(0, min(processes - 1, sum(left) // _WORTH_A_PROCESS_BYTES, len(left)))

    @property
    def streams(self) -> int:
        """How many further threads are to read what only this process can read."""
        left = sum(1 for blob in self._order if self._jobs[blob] is None)
        return max(0, min(self._opened.streams, left) - 1)

    @property
    def failed(self) -> bool:
        """Whether a blob could not be read, or reading was interrupted."""
        return self._failed.is_set()

    def read_here(self) -> None:
        """Read the largest blob, then whatever nobody else has begun."""
        if self._order:
            self._read(self._order[0], self._read_layer)
        self.read_more()

    def read_more(self) -> None:
        """Read whatever nobody else has begun."""
        while (blob := self._next()) is not None:
            self._read(blob, self._read_layer)

    def _read_layer(self, blob: str) -> Changeset:
        return self._opened.read_layer(self._layers[blob])

    def read_with(self, worker: _Worker) -> None:
        """Have another process read one blob after another."""

        def read(blob: str) -> Changeset:
            job = self._jobs[blob]
            if job is None:
                return self._read_layer(blob)
            if self._progress is None:
                return worker.run(job)
            self._progress.begin(job.name, job.size_bytes)
            changeset = worker.run(job, partial(self._progress.advance, job.name))
            self._progress.end(job.name)
            return changeset

        while (blob := self._next()) is not None:
            self._read(blob, read)

    def _next(self) -> str | None:
        """The next blob to read, None where there is none left or one has failed."""
        try:
            return None if self._failed.is_set() else self._waiting.popleft()
        except IndexError:
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
