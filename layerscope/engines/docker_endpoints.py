"""Where Docker listens: what the environment or a context names, else the sockets it is known to use."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from layerscope.engines.endpoint import Endpoint, TlsFiles, Words
from layerscope.errors import EngineUnreachable

DOCKER = Words(
    title="Docker",
    start_hint="start Docker (systemctl start docker, or Docker Desktop), or name it in DOCKER_HOST",
    denied_hint="add yourself to the group docker (sudo usermod -aG docker $USER) and log in again, "
    "or use rootless Docker or Podman",
)
_TLS_NAMES = {"ca": "ca.pem", "cert": "cert.pem", "key": "key.pem"}
# As the client that the default context stands for looks for it, then as other products install it.
_SOCKETS = (
    "/var/run/docker.sock",
    "~/.docker/run/docker.sock",
    "~/.docker/desktop/docker.sock",
    "~/.colima/default/docker.sock",
    "~/.config/colima/default/docker.sock",
    "~/.rd/docker.sock",
    "~/.orbstack/run/docker.sock",
    "$XDG_RUNTIME_DIR/docker.sock",
)


def docker_endpoints(environment: Mapping[str, str] = os.environ) -> list[Endpoint]:
    """The one endpoint that the user chose, else every socket that is there, in order.

    Raises EngineUnreachable for a context that does not exist.
    """
    config = Path(environment.get("DOCKER_CONFIG") or Path("~/.docker").expanduser())
    if host := environment.get("DOCKER_HOST"):
        return [Endpoint(url=_as_url(host), origin="DOCKER_HOST", tls=_environment_tls(environment, config))]
    named = environment.get("DOCKER_CONTEXT")
    context = named or _document(config / "config.json").get("currentContext")
    if isinstance(context, str) and context not in ("", "default"):
        return [_context(config / "contexts", context)]
    return [
        Endpoint(url=f"unix://{path}", origin="its usual place")
        for pattern in _SOCKETS
        if (path := _expanded(pattern, environment)) is not None and Path(path).exists()
    ]


def _as_url(host: str) -> str:
    """What DOCKER_HOST may leave out; a bare path is a socket."""
    if "://" in host:
        return host
    return f"unix://{host}" if host.startswith("/") else f"tcp://{host}"


def _environment_tls(environment: Mapping[str, str], config: Path) -> TlsFiles | None:
    verify = bool(environment.get("DOCKER_TLS_VERIFY"))
    if not verify and not environment.get("DOCKER_TLS"):
        return None
    return _tls_files(Path(environment.get("DOCKER_CERT_PATH") or config), verify=verify)


def _tls_files(folder: Path, *, verify: bool) -> TlsFiles:
    found = {key: str(folder / name) for key, name in _TLS_NAMES.items() if (folder / name).is_file()}
    return TlsFiles(verify=verify, **found)


def _context(store: Path, name: str) -> Endpoint:
    """The endpoint of a context, as ``docker context create`` stores it."""
    import hashlib

    folder = hashlib.sha256(name.encode()).hexdigest()
    endpoint = _document(store / "meta" / folder / "meta.json").get("Endpoints")
    endpoint = endpoint.get("docker") if isinstance(endpoint, dict) else None
    host = endpoint.get("Host") if isinstance(endpoint, dict) else None
    if not isinstance(endpoint, dict) or not isinstance(host, str) or not host:
        raise EngineUnreachable(
            f"Docker: the context {name!r} names no endpoint", hint="docker context ls lists the contexts"
        )
    material = store / "tls" / folder / "docker"
    skip = bool(endpoint.get("SkipTLSVerify"))
    tls = _tls_files(material, verify=not skip) if material.is_dir() or skip else None
    return Endpoint(url=_as_url(host), origin=f"context {name}", tls=tls)


def _document(path: Path) -> dict[str, Any]:
    """A JSON object in a file; an empty one where there is none that can be read."""
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def _expanded(pattern: str, environment: Mapping[str, str]) -> str | None:
    """A path with the home folder and the runtime folder put in; None where that is not set."""
    runtime = environment.get("XDG_RUNTIME_DIR")
    if pattern.startswith("$XDG_RUNTIME_DIR"):
        return pattern.replace("$XDG_RUNTIME_DIR", runtime, 1) if runtime else None
    return str(Path(pattern).expanduser())
