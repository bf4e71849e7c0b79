"""The engine's client, and images that are built or loaded once for all workers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engines.building import build, once
from tests.engines.daemons import (
    already_put,
    containerd_address,
    docker_containerd_host,
    loopback_registry,
    podman_host,
    podman_storage,
)
from tests.engines.images import RECIPES

__all__ = [
    "already_put",
    "containerd_address",
    "docker_containerd_host",
    "loopback_registry",
    "podman_host",
    "podman_storage",
]

TIMEOUT_S = 120


@pytest.fixture(scope="session")
def engine(docker_host: str) -> Iterator[Any]:
    """A client of the engine that is ours to fill."""
    import docker

    client = docker.APIClient(base_url=docker_host, timeout=TIMEOUT_S)
    yield client
    client.close()


@pytest.fixture(scope="session")
def common_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this run share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def built(request: pytest.FixtureRequest, common_folder: Path) -> Callable[[str], Path]:
    """A function that gives the folder of an image of `RECIPES`, by name.

    The engine starts only where the image is built: one worker builds it, all read it.
    """

    def folder_of(name: str) -> Path:
        return once(
            common_folder / f"built-{name}",
            lambda folder: build(request.getfixturevalue("engine"), RECIPES[name], name, folder),
        )

    return folder_of
