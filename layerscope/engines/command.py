"""An engine's command: run to its end, followed line by line, or read as a stream of bytes."""

from __future__ import annotations

import os
import re
import select
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Thread
from typing import IO

import msgspec

from layerscope.engines.secrets import without_secrets
from layerscope.errors import EngineUnreachable, SourceError

CALL_TIMEOUT_S = 60
EXPORT_SILENCE_S = 900
"""As for an engine's API: some write the archive to their disk before its first byte comes."""
_END_TIMEOUT_S = 10
_KEPT_BYTES = 4096
_ESCAPE = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")
_PIPE_BYTES = 1 << 20
_SET_PIPE_SIZE = 1031  # F_SETPIPE_SZ, which only Linux has


class Finished(msgspec.Struct, frozen=True, kw_only=True):
    """What a command said, and its exit code."""

    code: int
    out: bytes
    complaint: str


def run(command: Sequence[str], *, timeout_s: float = CALL_TIMEOUT_S) -> Finished:
    """Run a command to its end; raises SourceError where it cannot be started or takes too long."""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout_s, check=False
        )
    except subprocess.TimeoutExpired:
        raise SourceError(
            f"{_title(command)} did not end within {timeout_s:g} s", hint="is the engine stuck?"
        ) from None
    except OSError as error:
        raise _cannot_start(command, error) from None
    return Finished(
        code=done.returncode, out=done.stdout, complaint=_words(done.stderr) or f"exit code {done.returncode}"
    )


def follow(command: Sequence[str], told: Callable[[str], None]) -> Finished:
    """Run a command and hand on each line it says, on either stream, as it comes.

    Its complaint is the last line that names an error: those before it tell of attempts.
    """
    last, verdict = b"", ""
    with _started(command, stderr=subprocess.STDOUT) as process:
        assert process.stdout is not None
        for line in process.stdout:
            last = (last + line)[-_KEPT_BYTES:]
            if words := _words(line):
                told(words)
                verdict = words if words.lower().startswith("error") else verdict
        code = process.wait()
    return Finished(code=code, out=b"", complaint=verdict or _words(last) or f"exit code {code}")


def feed(command: Sequence[str], blocks: Iterable[bytes]) -> Finished:
    """Run a command on an input; where that breaks off, the command is killed and sees no end of it."""
    with tempfile.TemporaryFile() as said, _started(command, stdin=subprocess.PIPE, stderr=said) as process:
        assert process.stdin is not None
        drain = Thread(target=_discard, args=(process.stdout,), daemon=True)
        drain.start()
        try:
            for block in blocks:
                left = memoryview(block)
                while left:
                    left = left[process.stdin.write(left) :]
        except BrokenPipeError:  # it has ended: it says why
            pass
        except BaseException:
            process.kill()
            raise
        finally:
            with suppress(BrokenPipeError):
                process.stdin.close()
            drain.join(EXPORT_SILENCE_S)
        code = process.wait(_END_TIMEOUT_S)
        said.seek(max(0, said.seek(0, os.SEEK_END) - _KEPT_BYTES))
        words = _words(said.read())
    return Finished(code=code, out=b"", complaint=words or f"exit code {code}")


def _discard(stream: IO[bytes] | None) -> None:
    while stream is not None and stream.read(_KEPT_BYTES):
        pass


class CommandStream:
    """What a command writes to its standard output, bytes by bytes.

    Reading raises SourceError where the command fails, also at the end of what it wrote; `close`
    ends it where it still runs.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._title = _title(command)
        self._started = _started(command, stderr=subprocess.PIPE)
        self._process = self._started.__enter__()
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._file = self._process.stdout.fileno()
        _widen(self._file)
        self._poll = select.poll()
        self._poll.register(self._file, select.POLLIN)
        self._said = b""
        self._listener = Thread(target=self._listen, args=(self._process.stderr,), daemon=True)
        self._listener.start()
        self._count = 0

    def _listen(self, errors: IO[bytes]) -> None:
        while said := os.read(errors.fileno(), _KEPT_BYTES):
            self._said = (self._said + said)[-_KEPT_BYTES:]

    def read(self, count: int = -1, /) -> bytes:
        """The next bytes, fewer than asked for only at the end."""
        parts = []
        left = count
        while left:
            if not self._poll.poll(EXPORT_SILENCE_S * 1000):
                raise SourceError(
                    f"{self._title} wrote nothing for {EXPORT_SILENCE_S} s", hint="is the engine stuck?"
                )
            part = os.read(self._file, left if left > 0 else _PIPE_BYTES)
            if not part:
                self._check_end()
                break
            parts.append(part)
            left -= len(part) if left > 0 else 0
            self._count += len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _check_end(self) -> None:
        try:
            code = self._process.wait(_END_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            raise SourceError(f"{self._title} closed its output and did not end") from None
        self._listener.join(_END_TIMEOUT_S)
        if code != 0:
            said = _words(self._said) or (f"signal {-code}" if code < 0 else f"exit code {code}")
            raise SourceError(
                f"{self._title} failed after {self._count} bytes: {said}", hint=f"try it alone: {self._title}"
            )

    def close(self) -> None:
        """End the command, whatever it still has to say."""
        assert self._process.stdout is not None
        self._process.stdout.close()  # so that it does not wait for a reader
        if self._process.poll() is None:
            self._process.terminate()
        _wait(self._process)
        self._listener.join()  # it reads until the command is gone
        self._started.__exit__(None, None, None)


@contextmanager
def _started(
    command: Sequence[str], stderr: int | IO[bytes], stdin: int = subprocess.DEVNULL
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is gone afterwards, whatever happens."""
    try:
        process = subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE, stderr=stderr, bufsize=0)
    except OSError as error:
        raise _cannot_start(command, error) from None
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            _wait(process)
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def _wait(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(_END_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _widen(pipe: int) -> None:
    """A pipe holds 64 KiB; more of them save changes between us and the command."""
    try:
        import fcntl

        fcntl.fcntl(pipe, _SET_PIPE_SIZE, _PIPE_BYTES)
    except (ImportError, OSError):
        return


def _cannot_start(command: Sequence[str], error: OSError) -> EngineUnreachable:
    return EngineUnreachable(f"{command[0]}: {error.strerror}", hint=f"install {command[0]}")


def _title(command: Sequence[str]) -> str:
    """The command as messages name it, without secrets."""
    return without_secrets(" ".join(command))


def _words(said: bytes) -> str:
    """What was said, without the escape sequences of those who draw their progress whoever reads it."""
    return without_secrets(_ESCAPE.sub(b"", said).decode("utf-8", "replace"))
