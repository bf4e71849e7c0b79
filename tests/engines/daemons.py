"""Podman and containerd with folders of their own, and an engine with containerd's image store."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import engine_missing, stop, unmount_under
from tests.engines.registries import running

Tool = Callable[[str], str]
START_TIMEOUT_S = 30


@pytest.fixture(scope="session")
def podman_storage(tool: Tool) -> Iterator[dict[str, str]]:
    """The environment in which podman and buildah have a storage of their own."""
    tool("podman")
    if os.geteuid() != 0:
        engine_missing("only root can give podman a storage of its own here")
    with scratch_folder("podman") as home:
        conf = home / "storage.conf"
        conf.write_text(
            # vfs: an overlay on an overlay, as in a container, is refused.
            f'[storage]\ndriver = "vfs"\ngraphroot = "{home}/root"\nrunroot = "{home}/run"\n'
        )
        yield {"CONTAINERS_STORAGE_CONF": str(conf)}


@pytest.fixture(scope="session")
def podman_host(podman_storage: dict[str, str], tool: Tool) -> Iterator[str]:
    """The URL of a podman socket over that storage."""
    with scratch_folder("podman-socket") as home:
        url = f"unix://{home}/podman.sock"
        command = [tool("podman"), "system", "service", "--time=0", url]
        with daemon(command, home, home / "podman.sock", podman_storage):
            yield url


@pytest.fixture(scope="session")
def containerd_address(tool: Tool) -> Iterator[str]:
    """The socket of a containerd that nobody else uses."""
    containerd = tool("containerd")
    tool("ctr")
    if os.geteuid() != 0:
        engine_missing("only root can start containerd")
    with scratch_folder("containerd") as home:
        config = home / "config.toml"
        config.write_text('version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n')
        address = home / "containerd.sock"
        command = [containerd, "--config", str(config), "--root", str(home / "root")]
        command += ["--state", str(home / "state"), "--address", str(address)]
        with daemon(command, home, address, {}):
            yield str(address)


@pytest.fixture(scope="session")
def loopback_registry(tool: Tool) -> Iterator[str]:
    """``host:port`` of a registry that anybody may fill."""
    with scratch_folder("registry") as home, running(tool("docker-registry"), home) as registry:
        yield registry.host


@pytest.fixture(scope="session")
def docker_containerd_host() -> str:
    """The URL of a docker engine with containerd's image store; Debian 12 has none to start."""
    given = os.environ.get("LAYERSCOPE_TEST_DOCKER_CONTAINERD_HOST")
    if not given:
        pytest.skip("no engine with containerd's image store (LAYERSCOPE_TEST_DOCKER_CONTAINERD_HOST)")
    return given


@pytest.fixture(scope="session")
def already_put() -> set[tuple[str, ...]]:
    """What was put into which engine, so that it is put there once."""
    return set()


@contextmanager
def scratch_folder(name: str) -> Iterator[Path]:
    """A folder for a daemon; not pytest's own, since a socket's path ends at 107 bytes."""
    home = Path(tempfile.mkdtemp(prefix=f"layerscope-{name}-"))
    try:
        yield home
    finally:
        unmount_under(home)
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def daemon(command: list[str], home: Path, address: Path, more: dict[str, str]) -> Iterator[None]:
    """Run a daemon until its socket takes connections, and end it afterwards."""
    with (home / "log").open("wb") as log:
        running = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=os.environ | more,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + START_TIMEOUT_S
        while not listens(address):
            if running.poll() is not None or time.monotonic() > deadline:
                last_words = (home / "log").read_text(errors="replace").splitlines()[-5:]
                engine_missing(f"{command[0]} does not start: {' | '.join(last_words)}")
            time.sleep(0.1)
        yield
    finally:
        stop(running)


def listens(address: Path) -> bool:
    """Whether a socket takes connections."""
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(str(address))
        except OSError:
            return False
        return True
