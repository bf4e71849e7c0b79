"""All layers of an image, read by as many processes as are worth their while."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping
from typing import Protocol

from layerscope.extensions import LayerJob, Opened
from layerscope.model.changeset import Changeset
from layerscope.model.image import Layer

_WORTH_A_PROCESS_BYTES = 32 << 20
"""A further process costs a tenth of a second: what is left to it must take longer."""

EMPTY = Changeset(entries=[], content_bytes=0, tar_bytes=0, compressed_bytes=0, compression="none")
"""What a missing layer yields."""


def read_layers(opened: Opened, processes: int, progress: Callable[[int], None] | None) -> list[Changeset]:
    """One changeset for each layer, an empty one where the layer is missing; raises ImageError.

    The same blob is read once, however many layers it makes. The largest layers come first, and
    this process reads too.
    """
    blobs: dict[str, Layer] = {layer.blob: layer for layer in opened.image.layers if not layer.missing}
    jobs = {blob: opened.job(layer) for blob, layer in blobs.items()}
    ordered = sorted(blobs, key=lambda blob: -_size(jobs[blob]))
    helpers = _helpers(sorted((_size(jobs[blob]) for blob in blobs), reverse=True), processes)
    results: dict[str, Changeset | BaseException] = {}
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
    for blob in ordered[1:] if helpers else ordered:
        waiting.put(blob)

    def take(read: Callable[[str], Changeset]) -> None:
        """Read one layer after another until there is none left or one has failed."""
        while not any(isinstance(result, BaseException) for result in tuple(results.values())):
            try:
                blob = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                results[blob] = read(blob)
            except BaseException as error:  # noqa: BLE001 - raised by the calling thread
                results[blob] = error

    def help_out(worker: _Worker) -> None:
        def read(blob: str) -> Changeset:
            job = jobs[blob]
            assert job is not None
            changeset = worker.run(job)
            if progress is not None:
                progress(changeset.tar_bytes)
            return changeset

        take(read)

    workers = _start(helpers)
    threads = [threading.Thread(target=help_out, args=(worker,), daemon=True) for worker in workers]
    try:
        for thread in threads:
            thread.start()
        if helpers:
            # The largest layer is read here: what is read elsewhere has to be handed over.
            results[ordered[0]] = opened.read_layer(blobs[ordered[0]])
        take(lambda blob: opened.read_layer(blobs[blob]))
        for thread in threads:
            thread.join()
    finally:
        for worker in workers:
            worker.close()
    return [_outcome(results, layer) for layer in opened.image.layers]


def _outcome(results: Mapping[str, Changeset | BaseException], layer: Layer) -> Changeset:
    """A layer's changeset; raises what reading it raised, that of the lowest layer first."""
    result = results.get(layer.blob, EMPTY)
    if isinstance(result, BaseException):
        raise result
    return result


class _Worker(Protocol):
    def run(self, job: LayerJob) -> Changeset: ...
    def close(self) -> None: ...


def _start(count: int) -> list[_Worker]:
    if not count:
        return []
    from layerscope.oci.worker import Worker

    return [Worker() for _ in range(count)]


def _size(job: LayerJob | None) -> int:
    return job.size_bytes if job is not None else 0


def _helpers(sizes: list[int], processes: int) -> int:
    """How many further processes have enough to do, when this one takes the largest layer."""
    return max(0, min(processes - 1, sum(sizes[1:]) // _WORTH_A_PROCESS_BYTES, len(sizes) - 1))
