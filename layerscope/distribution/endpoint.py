"""Where the registry behind a name is, and whether it may be spoken to without encryption."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

HUB = "docker.io"
HUB_HOSTS = frozenset((HUB, "index.docker.io", "registry-1.docker.io"))
_HUB_API = "registry-1.docker.io"


def api_host(host: str) -> str:
    """The host and port that answer for those in an image's name."""
    return _HUB_API if host == HUB else host


def is_loopback(host: str) -> bool:
    """Whether a host, with a port or without, is this machine itself."""
    name = host.partition("]")[0].removeprefix("[") if host.startswith("[") else host.partition(":")[0]
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def origin(url: httpx.URL) -> tuple[str, str, int | None]:
    """Scheme, host and port: what a secret is meant for."""
    port = url.port or {"https": 443, "http": 80}.get(url.scheme)
    return url.scheme, url.host, port


def shown_url(url: httpx.URL) -> str:
    """The URL for a message: without user, password and query, where signatures are."""
    port = "" if url.port is None else f":{url.port}"
    host = f"[{url.host}]" if ":" in url.host else url.host
    return f"{url.scheme}://{host}{port}{url.path}"
