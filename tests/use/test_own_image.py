"""``Dockerfile``: built by a real engine on a base of Debian's packages, run by another, judged by itself."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import pytest

from layerscope.inspection import inspect
from tests.cli.looking import Run, look
from tests.conftest import PROJECT, engine_missing
from tests.sources.samples import WASTEFUL

__all__ = ["look"]

BASE, NAME = "localhost/python-base:1", "localhost/layerscope:test"
WANTED = ("python3-venv", "base-files", "dash", "coreutils", "ca-certificates")
TIMEOUT_S = 900
# What a build needs of this machine to reach a package index, and leaves in no layer.
LENT = ("/etc/ssl/certs", "/etc/pip.conf")


def run(*command: str | Path, cwd: Path | None = None) -> str:
    found = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert found.returncode == 0, found.stdout[-2000:] + found.stderr[-2000:]
    return found.stdout


def debian_with_python(folder: Path) -> Path:
    """A root of Debian's packages, unpacked and not set up: enough for Python; as a tar."""
    packages, root = folder / "packages", folder / "root"
    packages.mkdir()
    kinds = ("recommends", "suggests", "conflicts", "breaks", "replaces", "enhances")
    depends = ["apt-cache", "depends", "--recurse", *(f"--no-{kind}" for kind in kinds), *WANTED]
    names = sorted({line for line in run(*depends).splitlines() if line[:1].isalnum()})
    candidates = re.findall(
        r"^(\S+):\n.*\n  Candidate: [^(]", run("apt-cache", "policy", *names), re.MULTILINE
    )
    fetched = subprocess.run(
        ["apt-get", "-qq", "download", *candidates],
        cwd=packages,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    if fetched.returncode:
        engine_missing(f"Debian's packages cannot be fetched: {fetched.stderr.strip()[-200:]}")
    for package in sorted(packages.iterdir()):
        run("dpkg-deb", "-x", package, root)
    if not (root / "bin/sh").exists():
        (root / "bin/sh").symlink_to("dash")
    (root / "tmp").mkdir(mode=0o1777, exist_ok=True)
    run("tar", "-C", root, "-cf", folder / "base.tar", ".")
    return folder / "base.tar"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory, tool: Callable[[str], str]) -> Iterator[Path]:
    """The image as an archive, built with buildah in a store of its own."""
    for needed in ("apt-get", "dpkg-deb"):
        tool(needed)
    folder = tmp_path_factory.mktemp("own")
    store = ("--root", str(folder / "store"), "--runroot", str(folder / "run"), "--storage-driver", "vfs")

    def buildah(*arguments: str | Path) -> str:
        command, *rest = arguments
        return run(tool("buildah"), *store, command, *rest).strip()

    container = buildah("from", "scratch")
    buildah("add", "-q", container, debian_with_python(folder), "/")
    buildah("config", "--env", "PATH=/usr/local/bin:/usr/bin:/bin", container)
    buildah("commit", "-q", container, BASE)
    lent = [f"--volume={path}:{path}:ro" for path in LENT if Path(path).exists()]
    buildah(
        *("bud", "-q", "--isolation", "chroot", "--network", "host", "--ulimit", "nofile=20000:20000"),
        *(*lent, "--build-arg", f"BASE={BASE}", "-t", NAME, str(PROJECT)),
    )
    buildah("push", "-q", NAME, f"docker-archive:{folder / 'own.tar'}:{NAME}")
    yield folder / "own.tar"
    buildah("rm", "-a")
    buildah("rmi", "-a", "-f")


def ran(docker_host: str, archive: Path) -> tuple[int, str, str]:
    """Judge a sample in a container that has no network and may write nothing: code, output, user."""
    client = docker.DockerClient(base_url=docker_host, timeout=120)
    try:
        (image,) = client.images.load(archive.read_bytes())
        container = client.containers.run(
            image,
            ["/image.tar", "--ci", "--max-waste", "50%"],
            volumes={str(WASTEFUL): {"bind": "/image.tar", "mode": "ro"}},
            network_mode="none",
            read_only=True,
            detach=True,
        )
        code = container.wait(timeout=120)["StatusCode"]
        said = container.logs().decode()
        container.remove(force=True)
        client.images.remove(str(image.id), force=True)
        return code, said, image.attrs["Config"]["User"]
    finally:
        client.close()


@pytest.mark.slow
def test_it_passes_its_own_gates_and_an_engine_runs_it(archive: Path, look: Run, docker_host: str) -> None:
    """One test, since the image takes a minute to build: its gates, its layer, a container of it."""
    judged = look(
        *(archive, "--ci", "--base-layers", "1", "--max-waste", "1%", "--max-own-waste", "0B"),
        *("--max-layer-size", "200MB", "--no-root", "--no-secrets", "--max-findings", "error=0"),
    )
    _, own = inspect(str(archive)).changesets
    code, said, user = ran(docker_host, archive)

    assert judged.code == 0, judged.out
    assert {"/".join(entry.path.split("/")[:2]) for entry in own.entries} == {"opt", "opt/layerscope"}
    assert not [entry.path for entry in own.entries if "/site-packages/pip/" in entry.path]
    assert (code, user) == (0, "65534:65534"), said
    assert said.splitlines()[-1] == "verdict: pass"
