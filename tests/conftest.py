"""What any test may ask for: the shared corpus, a container engine, a tool on PATH."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import settings

PROJECT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("LAYERSCOPE_SHARED") or PROJECT.parent / "shared")
DOCKERD = Path("/usr/sbin/dockerd")
START_TIMEOUT_S = 60

settings.register_profile("dev", deadline=None, max_examples=100)
settings.register_profile("ci", deadline=None, max_examples=300, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with what its fixtures need, so that `-m "not engine"` leaves none out."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if fixtures & {"docker_host", "tool"}:
            item.add_marker(pytest.mark.engine)
        if "shared_dir" in fixtures:
            item.add_marker(pytest.mark.shared)


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """Return the folder of real images and oracles, which lies beside the project."""
    if not SHARED.is_dir():
        pytest.skip("the shared corpus is not beside the project (or set LAYERSCOPE_SHARED)")
    return SHARED


@pytest.fixture(scope="session")
def docker_host() -> Iterator[str]:
    """Give the URL of an engine that is ours to fill: the one named, or one of our own.

    Each xdist worker that asks starts its own; they do not disturb each other.
    """
    if given := os.environ.get("LAYERSCOPE_TEST_DOCKER_HOST"):
        yield given
        return
    if not DOCKERD.exists():
        engine_missing(f"{DOCKERD} is not installed (Debian: docker.io)")
    if os.geteuid() != 0:
        engine_missing("only root can start a docker daemon")
    with scratch_daemon() as url:
        yield url


@pytest.fixture(scope="session")
def tool() -> Callable[[str], str]:
    """Return a function that finds an engine's tool by name, or ends the test without it."""

    def find(name: str) -> str:
        path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
        return path or engine_missing(f"{name} is not installed")

    return find


def engine_missing(reason: str) -> NoReturn:
    """Skip the test; fail it where engines must be there, so that CI cannot pass by skipping."""
    if os.environ.get("LAYERSCOPE_REQUIRE_ENGINES") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@contextmanager
def scratch_daemon() -> Iterator[str]:
    """Run a docker daemon that has its own data, socket and no network, and remove it after."""
    # Not pytest's own folder: a socket's path ends at 107 bytes.
    with tempfile.TemporaryDirectory(prefix="layerscope-engine-", ignore_cleanup_errors=True) as name:
        home = Path(name)
        with (home / "log").open("wb") as log:
            daemon = subprocess.Popen(  # not on PATH by name: another dockerd may come first there
                [
                    DOCKERD,
                    *("--data-root", home / "data"),
                    *("--exec-root", home / "exec"),
                    *("--pidfile", home / "pid"),
                    *("--host", f"unix://{home}/docker.sock"),
                    *("--iptables=false", "--bridge=none"),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            wait_until_it_answers(daemon, home)
            yield f"unix://{home}/docker.sock"
        finally:
            stop(daemon)
            unmount_under(home)


def wait_until_it_answers(daemon: subprocess.Popen[bytes], home: Path) -> None:
    """Return when the daemon answers a ping; end the test with its last words if it never does."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and daemon.poll() is None:
        if answers(home / "docker.sock"):
            return
        time.sleep(0.1)
    last_words = (home / "log").read_text(errors="replace").splitlines()[-5:]
    engine_missing("dockerd does not start: " + " | ".join(last_words))


def answers(path: Path) -> bool:
    """Tell whether an engine answers a ping on this socket."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(5)
        try:
            connection.connect(str(path))
            connection.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
            return connection.recv(64).startswith(b"HTTP/1.0 200")
        except OSError:
            return False


def stop(daemon: subprocess.Popen[bytes]) -> None:
    """End the daemon and everything it started."""
    daemon.terminate()
    try:
        daemon.wait(timeout=30)
    except subprocess.TimeoutExpired:
        os.killpg(daemon.pid, signal.SIGKILL)
        daemon.wait()


def unmount_under(folder: Path) -> None:
    """Unmount what a killed daemon leaves mounted, deepest first, so that it can be removed."""
    with Path("/proc/self/mounts").open() as mounts:
        points = [line.split()[1] for line in mounts]
    for point in sorted((p for p in points if p.startswith(f"{folder}/")), reverse=True):
        subprocess.run(["umount", "--lazy", point], check=False)
