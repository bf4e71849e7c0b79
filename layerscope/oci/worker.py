"""Another process that reads layers: jobs come in on its standard input, changesets go out.

A plain subprocess, not a pool of a library: whoever uses layerscope as a library need not guard
their main module, and nothing of the calling process is imported again. A program that is ours and
has but one thread forks instead.

Messages are a length (8 bytes, big-endian) and that many bytes. Changesets are msgpack; one with
names that are not UTF-8, which msgpack cannot hold, is pickled. Both ends are our own.
Before the changeset come counts of bytes that were read, where somebody wants to be told.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import IO

import msgspec

from layerscope.errors import ImageError
from layerscope.extensions import LayerJob, Progress
from layerscope.model.changeset import Changeset
from layerscope.oci import SWITCH_INTERVAL_S
from layerscope.oci.compression import keep_freed_blocks
from layerscope.oci.forked import Forked
from layerscope.oci.layer import run_job

_MSGPACK, _PICKLE, _ERROR, _COUNT = b"m", b"p", b"e", b"c"
_TOLD_BYTES = 4 << 20
_CODE = "from layerscope.oci.worker import live; live()"


def _send(stream: IO[bytes], message: bytes) -> None:
    stream.write(len(message).to_bytes(8, "big"))
    stream.write(message)
    stream.flush()


def _receive(stream: IO[bytes]) -> bytes:
    """The next message, empty where the other side has gone, also in the middle of one."""
    head = stream.read(8)
    if len(head) < 8:
        return b""
    length = int.from_bytes(head, "big")
    message = stream.read(length)
    return message if len(message) == length else b""


def live() -> None:
    """The whole life of a process that was started for this."""
    gc.disable()
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    keep_freed_blocks()
    serve(os.fdopen(0, "rb"), os.fdopen(1, "wb"))


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Read jobs until there are no more."""
    try:
        while message := _receive(requests):
            job, told = pickle.loads(message)  # noqa: S301 - from the process that started us
            _send(answers, _answer(job, _Counts(answers) if told else None))
    except (BrokenPipeError, KeyboardInterrupt):
        pass


class _Counts:
    """Progress that is sent to the process that started us, a few megabytes at a time."""

    def __init__(self, answers: IO[bytes]) -> None:
        self._answers = answers
        self._untold_bytes = 0

    def expect(self, total_bytes: int) -> None:
        """Known to the process that started us."""

    def begin(self, part: str, total_bytes: int | None) -> None:
        """Known to the process that started us."""

    def advance(self, part: str, count: int) -> None:  # noqa: ARG002
        """Send the count once it is worth a message."""
        self._untold_bytes += count
        if self._untold_bytes >= _TOLD_BYTES:
            self._send()

    def end(self, part: str) -> None:  # noqa: ARG002
        """Send what is left."""
        self._send()

    def _send(self) -> None:
        _send(self._answers, _COUNT + self._untold_bytes.to_bytes(8, "big"))
        self._untold_bytes = 0


def _answer(job: LayerJob, progress: Progress | None) -> bytes:
    try:
        changeset = run_job(job, progress=progress)
    except ImageError as error:
        return _ERROR + pickle.dumps((type(error), error.message, error.hint))
    try:
        return _MSGPACK + msgspec.msgpack.encode(changeset)
    except UnicodeEncodeError:
        return _PICKLE + pickle.dumps(changeset)


def _spawned() -> subprocess.Popen[bytes]:
    """A new interpreter, with the same modules as here and none of the current folder's."""
    path = os.pathsep.join(entry for entry in sys.path if entry)
    return subprocess.Popen(
        [sys.executable, "-P", "-c", _CODE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": path},
    )


class Worker:
    """One worker process, as the calling process sees it; `close` it."""

    def __init__(self, *, fork: bool) -> None:
        self._process = Forked(serve) if fork else _spawned()

    def run(self, job: LayerJob, told: Callable[[int], None] | None = None) -> Changeset:
        """Have a job done; ``told`` hears of the bytes as they are read.

        Raises what doing it raised, ImageError where the process ended early.
        """
        requests, answers = self._process.stdin, self._process.stdout
        assert requests is not None
        assert answers is not None
        try:
            _send(requests, pickle.dumps((job, told is not None)))
            answer = _receive(answers)
            while told is not None and answer[:1] == _COUNT:
                told(int.from_bytes(answer[1:], "big"))
                answer = _receive(answers)
        except BrokenPipeError:
            answer = b""
        if answer[:1] == _MSGPACK:
            return msgspec.msgpack.decode(memoryview(answer)[1:], type=Changeset)
        if not answer:
            raise ImageError(f"{job.where}: the process that read it ended with {self._process.wait()}")
        content = pickle.loads(memoryview(answer)[1:])  # noqa: S301 - written by our own process
        if isinstance(content, Changeset):
            return content
        kind, message, hint = content
        raise kind(message, hint=hint)

    def kill(self) -> None:
        """End the process at once; a job that it has fails."""
        self._process.kill()

    def close(self) -> None:
        """End the process and let go of its pipes."""
        self.kill()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()
        self._process.wait()
