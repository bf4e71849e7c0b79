"""A machine on which no engine is, so that a test says what there is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from layerscope.engines import containerd, docker_endpoints, podman_endpoints
from tests.engines.fake_engine import FakeEngine, fake_engine

VARIABLES = (
    *("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"),
    *("CONTAINER_HOST", "CONTAINER_CONNECTION", "CONTAINERS_CONF", "CONTAINERS_STORAGE_CONF"),
    *("CONTAINERD_ADDRESS", "CONTAINERD_NAMESPACE", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"),
)


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder, and no engine: neither its socket nor its command. Gives the folder for commands."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / ".docker"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    home_only = tuple(path for path in docker_endpoints._SOCKETS if path[0] in "~$")  # noqa: SLF001
    monkeypatch.setattr(docker_endpoints, "_SOCKETS", home_only)
    monkeypatch.setattr(podman_endpoints, "_ROOTFUL", str(tmp_path / "absent.sock"))
    monkeypatch.setattr(containerd, "_SOCKETS", (str(tmp_path / "absent-containerd.sock"),))
    commands = tmp_path / "commands"
    commands.mkdir()
    monkeypatch.setenv("PATH", str(commands))
    return commands


@pytest.fixture
def engine(bare: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeEngine]:  # noqa: ARG001
    """A fake engine that DOCKER_HOST names."""
    with fake_engine() as fake:
        monkeypatch.setenv("DOCKER_HOST", fake.url)
        yield fake


def command(folder: Path, name: str, script: str) -> None:
    """Put a command on PATH, a shell script that finds nothing but what is built in and in /bin."""
    path = folder / name
    path.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n")
    path.chmod(0o755)


def still_running(pid: int) -> bool:
    """Whether a process is there, a zombie too."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
