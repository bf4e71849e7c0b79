"""A connection that is the input and output of an ssh command."""

from __future__ import annotations

import socket
import subprocess
import tempfile
from functools import partial
from http.client import HTTPException
from typing import IO, Any

from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool

from layerscope.engines.secrets import without_secrets
from layerscope.errors import EngineUnreachable

_LAST_WORDS_S = 5
_KEPT_BYTES = 4096


class SshConnection(HTTPConnection):
    """The process is one connection."""

    def __init__(self, command: list[str], *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._said: IO[bytes] | None = None
        self._last_words = b""

    def connect(self) -> None:
        """Start the process; raises EngineUnreachable where there is no ssh."""
        ours, theirs = socket.socketpair()
        with theirs:
            self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the connection
            self._process = _start(self._command, theirs, self._said)
        ours.settimeout(self.timeout if isinstance(self.timeout, int | float) else None)
        self.sock = ours

    def getresponse(self) -> Any:
        """The response; raises EngineUnreachable with what ssh said where it ended instead."""
        try:
            return super().getresponse()
        except (HTTPException, ConnectionError):
            self.close()
            _explain(self._last_words)
            raise

    def close(self) -> None:
        """End the process."""
        super().close()
        if self._process is not None:
            _end(self._process)
            self._process = None
        if self._said is not None:
            self._said.seek(0)
            self._last_words = self._said.read(_KEPT_BYTES)
            self._said.close()
            self._said = None


class SshPool(HTTPConnectionPool):
    """One process at a time."""

    def __init__(self, command: list[str]) -> None:
        super().__init__("localhost", maxsize=1)
        self.ConnectionCls: Any = partial(SshConnection, command)


def _explain(said: bytes) -> None:
    """Raise EngineUnreachable with what ssh, or the command over there, said before it ended."""
    if text := without_secrets(said.decode("utf-8", "replace")):
        raise EngineUnreachable(f"ssh: {text}", hint="try it alone: ssh HOST docker version")


def _start(command: list[str], end: socket.socket, errors: IO[bytes]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(command, stdin=end.fileno(), stdout=end.fileno(), stderr=errors)
    except OSError as error:
        raise EngineUnreachable(f"ssh: {error.strerror}", hint="ssh:// endpoints need OpenSSH") from None


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_LAST_WORDS_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
