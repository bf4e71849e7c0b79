"""An engine behind ssh: the connection is the input and output of a command that runs over there."""

from __future__ import annotations

import socket
import subprocess
import tempfile
from http.client import HTTPException
from typing import IO, Any
from urllib.parse import urlsplit

from layerscope.engines.secrets import without_secrets
from layerscope.errors import EngineUnreachable, UsageError

_CONNECT_TIMEOUT_S = 30
_LAST_WORDS_S = 5
_KEPT_BYTES = 4096


def ssh_command(url: str) -> list[str]:
    """The command that connects to ``ssh://[user@]host[:port][/path of podman's socket]``.

    Raises UsageError for a URL without a host.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise UsageError("the engine's ssh:// URL cannot be understood") from None
    if not parts.hostname or parts.hostname.startswith("-") or (parts.username or "").startswith("-"):
        raise UsageError("the engine's ssh:// URL names no host")
    command = ["ssh", "-T", "-o", f"ConnectTimeout={_CONNECT_TIMEOUT_S}"]
    command += ["-l", parts.username] if parts.username else []
    command += ["-p", str(port)] if port else []
    command += ["--", parts.hostname]
    if parts.path.strip("/"):
        import shlex

        return [*command, "podman", "--url", shlex.quote(f"unix://{parts.path}"), "system", "dial-stdio"]
    return [*command, "docker", "system", "dial-stdio"]


def ssh_adapter(url: str) -> Any:
    """A transport for the client, as the docker package has them for sockets."""
    import urllib3
    import urllib3.connection
    from docker.transport.basehttpadapter import BaseHTTPAdapter

    command = ssh_command(url)

    class Connection(urllib3.connection.HTTPConnection):
        """The process is one connection."""

        process: subprocess.Popen[bytes] | None = None
        said: IO[bytes] | None = None
        last_words = b""

        def connect(self) -> None:
            ours, theirs = socket.socketpair()
            with theirs:
                self.said = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the connection
                self.process = _start(command, theirs, self.said)
            ours.settimeout(self.timeout if isinstance(self.timeout, int | float) else None)
            self.sock = ours

        def getresponse(self) -> Any:
            try:
                return super().getresponse()
            except (HTTPException, ConnectionError):
                self.close()
                _explain(self.last_words)
                raise

        def close(self) -> None:
            super().close()
            if self.process is not None:
                _end(self.process)
                self.process = None
            if self.said is not None:
                self.said.seek(0)
                self.last_words = self.said.read(_KEPT_BYTES)
                self.said.close()
                self.said = None

    class Pool(urllib3.connectionpool.HTTPConnectionPool):
        """One process at a time."""

        ConnectionCls = Connection

    class Adapter(BaseHTTPAdapter):
        """Sends every request through the pool."""

        def __init__(self) -> None:
            self._pool = Pool("localhost", maxsize=1)
            super().__init__()

        def get_connection(self, url: Any, proxies: Any = None) -> Any:  # noqa: ARG002
            return self._pool

        def request_url(self, request: Any, proxies: Any) -> str:  # noqa: ARG002
            return str(request.path_url)

        def close(self) -> None:
            self._pool.close()
            super().close()

    return Adapter()


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
