"""Which of podman's connections is taken."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from layerscope.engines.podman_endpoints import podman_endpoints
from layerscope.errors import (
    EngineUnreachable,
)

CONTAINERS_CONF = """[engine]
active_service = "old"
[engine.service_destinations.old]
uri = "unix:///old.sock"
[engine.service_destinations.other]
uri = "unix:///other.sock"
"""

CONNECTIONS = {
    "Connection": {"Default": "new", "Connections": {"new": {"URI": "unix:///new.sock", "Identity": "/key"}}}
}


@pytest.mark.parametrize(
    ("conf", "connections", "environment", "expected"),
    [
        (CONTAINERS_CONF, None, {}, "unix:///old.sock"),
        (CONTAINERS_CONF, CONNECTIONS, {}, "unix:///new.sock"),
        (CONTAINERS_CONF, CONNECTIONS, {"CONTAINER_CONNECTION": "other"}, "unix:///other.sock"),
        (CONTAINERS_CONF, CONNECTIONS, {"CONTAINER_HOST": "unix:///host.sock"}, "unix:///host.sock"),
        ("[engine", "no object", {"CONTAINER_HOST": "tcp://h:1"}, "tcp://h:1"),
    ],
)
def test_the_environment_comes_before_the_default_connection(
    conf: str, connections: object, environment: dict[str, str], expected: str, tmp_path: Path
) -> None:
    (tmp_path / "containers").mkdir()
    (tmp_path / "containers" / "containers.conf").write_text(conf)
    if connections is not None:
        (tmp_path / "containers" / "podman-connections.json").write_text(json.dumps(connections))

    found = podman_endpoints({"XDG_CONFIG_HOME": str(tmp_path)} | environment)

    assert found[0].url == expected


def test_a_connection_that_does_not_exist_is_said(tmp_path: Path) -> None:
    with pytest.raises(EngineUnreachable, match="there is no connection 'nowhere'"):
        podman_endpoints({"XDG_CONFIG_HOME": str(tmp_path), "CONTAINER_CONNECTION": "nowhere"})


def test_an_own_socket_comes_before_the_rootful_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    rootful = tmp_path / "rootful.sock"
    rootful.touch()
    monkeypatch.setattr("layerscope.engines.podman_endpoints._ROOTFUL", str(rootful))
    own = tmp_path / "podman" / "podman.sock"
    own.parent.mkdir()
    own.touch()

    found = podman_endpoints({"XDG_RUNTIME_DIR": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)})

    assert [endpoint.url for endpoint in found] == [f"unix://{own}", f"unix://{rootful}"]
