"""Where an image can be, and how a test puts one there."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from layerscope.engines.podman_endpoints import podman_endpoints

NAME = "shop/api:1.4.0"
"""The name in the sample that is put everywhere."""


class Putting:
    """What it takes to put an archive somewhere: fixtures by name, tools, the environment."""

    def __init__(self, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
        self.request = request
        self.monkeypatch = monkeypatch
        self.tool: Callable[[str], str] = request.getfixturevalue("tool")

    def setting(self, name: str, fixture: str) -> str:
        """Set a variable to what a fixture gives, for the rest of the test."""
        value = str(self.request.getfixturevalue(fixture))
        self.monkeypatch.setenv(name, value)
        return value

    def once(self, where: str, program: str, *arguments: str) -> None:
        """Run a tool that puts something there, unless it was put there before."""
        done: set[tuple[str, ...]] = self.request.getfixturevalue("already_put")
        if (where, *arguments) not in done:
            self.run(program, *arguments)
            done.add((where, *arguments))

    def run(self, program: str, *arguments: str) -> str:
        """Run a tool and give what it says."""
        done = subprocess.run([self.tool(program), *arguments], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout


def in_docker(put: Putting, archive: Path, host: str = "docker_host") -> str:
    """``docker load``."""
    url = put.setting("DOCKER_HOST", host)
    put.once(url, "docker", "load", "-i", str(archive))
    return f"docker:{NAME}"


def in_dockers_containerd_store(put: Putting, archive: Path) -> str:
    """``docker load`` into an engine with the other store."""
    return in_docker(put, archive, "docker_containerd_host")


def in_podman(put: Putting, archive: Path) -> str:
    """``podman load``; opened through the command, since no socket is to be found."""
    for name, value in put.request.getfixturevalue("podman_storage").items():
        put.monkeypatch.setenv(name, value)
    put.monkeypatch.setattr("layerscope.engines.podman.podman_endpoints", list)
    put.once("podman", "podman", "load", "-i", str(archive))
    return f"podman:{NAME}"


def in_podmans_socket(put: Putting, archive: Path) -> str:
    """``podman load``; opened through the socket."""
    reference = in_podman(put, archive)
    put.monkeypatch.setattr("layerscope.engines.podman.podman_endpoints", podman_endpoints)
    put.setting("CONTAINER_HOST", "podman_host")
    return reference


def in_buildah(put: Putting, archive: Path) -> str:
    """``podman load``; opened where there is no podman."""
    reference = in_podman(put, archive)
    only = Path(put.request.getfixturevalue("tmp_path")) / "only"
    only.mkdir()
    (only / "buildah").symlink_to(put.tool("buildah"))
    put.monkeypatch.setenv("PATH", str(only))
    return reference


def in_containerd(put: Putting, archive: Path) -> str:
    """``ctr images import``."""
    address = put.setting("CONTAINERD_ADDRESS", "containerd_address")
    put.once(address, "ctr", "--address", address, "images", "import", "--no-unpack", str(archive))
    return f"containerd:{NAME}"


def in_registry(put: Putting, archive: Path) -> str:
    """``skopeo copy`` into a registry on this machine."""
    name = f"{put.request.getfixturevalue('loopback_registry')}/{NAME}"
    put.once(
        *("registry", "skopeo", "--insecure-policy", "copy", "--quiet", "--dest-tls-verify=false"),
        *(f"docker-archive:{archive}", f"docker://{name}"),
    )
    return f"registry:{name}"


def in_layout(put: Putting, archive: Path, kind: str = "oci") -> str:
    """``skopeo copy`` into a layout, whose layers it compresses."""
    place = Path(put.request.getfixturevalue("tmp_path")) / f"a.{kind}"
    put.run(
        "skopeo",
        "--insecure-policy",
        "copy",
        "--quiet",
        f"docker-archive:{archive}",
        f"{kind}:{place}:{NAME}",
    )
    return f"{kind}:{place}"


def in_oci_archive(put: Putting, archive: Path) -> str:
    """``skopeo copy`` into a layout that is a tar."""
    return in_layout(put, archive, "oci-archive")


# To have another place in every test: a function that puts an archive there, and gives the reference.
PLACES: Mapping[str, Callable[[Putting, Path], str]] = {
    "docker": in_docker,
    "docker-containerd-store": in_dockers_containerd_store,
    "podman-socket": in_podmans_socket,
    "podman-command": in_podman,
    "buildah": in_buildah,
    "containerd": in_containerd,
    "registry": in_registry,
    "layout": in_layout,
    "oci-archive": in_oci_archive,
}
ENGINES = tuple(name for name in PLACES if name not in ("registry", "layout", "oci-archive"))
"""Those that hold images, list them and know them by ID."""
