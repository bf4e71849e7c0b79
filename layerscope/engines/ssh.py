"""An engine behind ssh: which command to run over there, and the transport that it is."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from layerscope.errors import UsageError

_CONNECT_TIMEOUT_S = 30


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
    from docker.transport.basehttpadapter import BaseHTTPAdapter

    from layerscope.engines.ssh_connection import SshPool

    class Adapter(BaseHTTPAdapter):
        """Sends every request through the pool."""

        def __init__(self) -> None:
            self._pool = SshPool(ssh_command(url))
            super().__init__()

        def get_connection(self, url: Any, proxies: Any = None) -> Any:  # noqa: ARG002
            return self._pool

        def request_url(self, request: Any, proxies: Any) -> str:  # noqa: ARG002
            return str(request.path_url)

        def close(self) -> None:
            self._pool.close()
            super().close()

    return Adapter()
