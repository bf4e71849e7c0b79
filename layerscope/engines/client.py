"""A client of an engine's API, of the docker package, for any kind of endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from layerscope.engines.documents import About
from layerscope.engines.endpoint import Endpoint

if TYPE_CHECKING:
    from docker import APIClient

CALL_TIMEOUT_S = 60
_FIRST_VERSION = "1.24"
"""Every engine that is still about speaks it; used until the engine's own is known."""
_BEHIND_A_COMMAND = "http://engine.invalid:80"


def connect(endpoint: Endpoint) -> APIClient:
    """A client that speaks the engine's own version of the API; raises what the package raises."""
    first = _client(endpoint, _FIRST_VERSION)
    try:
        version = msgspec.convert(first.version(api_version=False), About).api_version
    finally:
        first.close()
    return _client(endpoint, version)


def _client(endpoint: Endpoint, version: str) -> APIClient:
    from docker import APIClient

    url = endpoint.url
    over_ssh = url.startswith("ssh://")
    client = APIClient(
        base_url=_BEHIND_A_COMMAND if over_ssh else url,
        version=version,
        timeout=CALL_TIMEOUT_S,
        tls=_tls(endpoint),
    )
    # Nothing from ~/.netrc or REQUESTS_CA_BUNDLE: the endpoint says which certificates count.
    client.trust_env = False
    if over_ssh:
        from layerscope.engines.ssh import ssh_adapter

        client.mount(_BEHIND_A_COMMAND, ssh_adapter(url))
    elif url.startswith(("tcp://", "http")):
        from requests.utils import get_environ_proxies

        client.proxies.update(get_environ_proxies(client.base_url))
    return client


def _tls(endpoint: Endpoint) -> Any:
    """The certificates as the package takes them; False where there are none."""
    tls = endpoint.tls
    if tls is None or endpoint.socket_path is not None or endpoint.url.startswith(("ssh://", "npipe://")):
        return False
    from docker.tls import TLSConfig

    if not tls.verify:
        import urllib3

        # The user has said so; a warning at each request tells nobody anything new.
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    pair = (tls.cert, tls.key) if tls.cert and tls.key else None
    return TLSConfig(client_cert=pair, ca_cert=tls.ca, verify=tls.verify)
