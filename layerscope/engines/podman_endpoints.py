"""Where Podman listens: what the environment or the default connection names, else its usual sockets."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from layerscope.engines.endpoint import Endpoint, Words
from layerscope.errors import EngineUnreachable

PODMAN = Words(
    title="Podman",
    start_hint="systemctl --user start podman.socket, podman machine start, or install podman",
    denied_hint="use your own socket (systemctl --user start podman.socket), or run as the socket's owner",
)
_ROOTFUL = "/run/podman/podman.sock"
_MACHINE_SOCKETS = (
    "~/.local/share/containers/podman/machine/podman.sock",
    "~/.local/share/containers/podman/machine/qemu/podman.sock",
    "$TMPDIR/podman/podman-machine-default-api.sock",
)


def podman_endpoints(environment: Mapping[str, str] = os.environ) -> list[Endpoint]:
    """The one endpoint that the environment names, else the default connection and every socket there is.

    Raises EngineUnreachable for a connection that does not exist.
    """
    if host := environment.get("CONTAINER_HOST"):
        return [Endpoint(url=host, origin="CONTAINER_HOST")]
    default, connections = _connections(environment)
    if name := environment.get("CONTAINER_CONNECTION"):
        if name not in connections:
            raise EngineUnreachable(
                f"Podman: there is no connection {name!r}", hint="podman system connection ls lists them"
            )
        return [Endpoint(url=connections[name], origin=f"CONTAINER_CONNECTION {name}")]
    found = []
    if default is not None and default in connections:
        found.append(Endpoint(url=connections[default], origin=f"connection {default}"))
    found += [
        Endpoint(url=f"unix://{path}", origin="its usual place")
        for path in _usual_sockets(environment)
        if _is_there(path)
    ]
    return found


def _usual_sockets(environment: Mapping[str, str]) -> list[str]:
    runtime = environment.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"
    folder = environment.get("TMPDIR", "/tmp").rstrip("/")  # noqa: S108 - where a machine puts its socket
    machine = [str(Path(path.replace("$TMPDIR", folder)).expanduser()) for path in _MACHINE_SOCKETS]
    own = [_ROOTFUL] if os.getuid() == 0 else [f"{runtime}/podman/podman.sock"]
    return list(dict.fromkeys([*own, *machine, _ROOTFUL]))


def _is_there(path: str) -> bool:
    """Whether a socket is there; one in a folder that may not be looked into is nobody's business."""
    try:
        return Path(path).exists()
    except OSError:
        return False


def _connections(environment: Mapping[str, str]) -> tuple[str | None, dict[str, str]]:
    """The default connection's name and the URLs of all: Podman 5 keeps them in a file of their own."""
    folder = Path(environment.get("XDG_CONFIG_HOME") or Path("~/.config").expanduser()) / "containers"
    main = environment.get("CONTAINERS_CONF") or folder / "containers.conf"
    engine = _mapping(_toml(Path(main)).get("engine"))
    default = engine.get("active_service")
    urls = _urls(engine.get("service_destinations"), "uri")
    connection = _mapping(_json(folder / "podman-connections.json").get("Connection"))
    urls |= _urls(connection.get("Connections"), "URI")
    default = connection.get("Default") or default
    return default if isinstance(default, str) else None, urls


def _urls(destinations: Any, key: str) -> dict[str, str]:
    return {
        name: url
        for name, destination in _mapping(destinations).items()
        if isinstance(url := _mapping(destination).get(key), str)
    }


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text())
    except (OSError, ValueError):
        return {}


def _json(path: Path) -> dict[str, Any]:
    try:
        return _mapping(json.loads(path.read_bytes()))
    except (OSError, ValueError):
        return {}
