"""HTTP clients: the right certificates for each host, the environment's proxies, a limit on every wait."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from layerscope import __version__
from layerscope.distribution.certificates import certificate_folders, trust
from layerscope.distribution.endpoint import is_loopback
from layerscope.distribution.patience import Patience
from layerscope.errors import SourceError

if TYPE_CHECKING:
    import ssl

    import httpx

_READ_BYTES = 1 << 20
_DEFAULT_PORTS = {"https": 443, "http": 80}


class Connections:
    """Clients by host; one serves all hosts that have no certificates of their own."""

    def __init__(self, *, insecure: bool, patience: Patience) -> None:
        self._insecure = insecure
        self._patience = patience
        self._clients: dict[str, httpx.Client] = {}
        self._lock = threading.Lock()

    def client_for(self, url: httpx.URL) -> httpx.Client:
        """The client that may speak to the URL's host; raises SourceError where a certificate is broken."""
        host = url.netloc.decode("ascii")
        folders = certificate_folders(host)
        if url.port in (None, _DEFAULT_PORTS.get(url.scheme)):
            folders += certificate_folders(f"{host}:{_DEFAULT_PORTS.get(url.scheme)}")
        # No proxy of another machine reaches this one's loopback, whatever NO_PROXY says.
        alone = bool(folders) or is_loopback(host)
        with self._lock:
            key = host if alone else ""
            if key not in self._clients:
                self._clients[key] = self._new(trust(folders, insecure=self._insecure), is_loopback(host))
            return self._clients[key]

    def _new(self, context: ssl.SSLContext, here: bool) -> httpx.Client:  # noqa: FBT001
        import httpx

        _read_more_at_once()
        try:
            return httpx.Client(
                verify=context,
                trust_env=not here,
                timeout=httpx.Timeout(
                    self._patience.read_timeout_s, connect=self._patience.connect_timeout_s
                ),
                headers={"User-Agent": f"layerscope/{__version__}", "Accept-Encoding": "identity"},
            )
        except (ValueError, ImportError, httpx.InvalidURL):
            raise SourceError(
                "the environment names a proxy that cannot be used",
                hint="HTTPS_PROXY, HTTP_PROXY and ALL_PROXY hold a URL such as http://proxy.example:3128",
            ) from None

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            for client in self._clients.values():
                client.close()
            self._clients.clear()


def _read_more_at_once() -> None:
    """Have httpx ask the system for a megabyte at a time: 64 KiB cost four times the processor time.

    There is no setting for it; where a later httpcore has no such constant, this changes nothing.
    """
    from httpcore._sync.http11 import HTTP11Connection

    HTTP11Connection.READ_NUM_BYTES = _READ_BYTES
