"""A finding's own words, followed with a real engine, save the bytes that it says."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from layerscope.inspection import inspect
from layerscope.model.suggestion import Suggestion
from tests.conftest import engine_missing
from tests.engines.building import BUSYBOX, content, import_base
from tests.rules.rebuilt.cases import CASES, MODE_WHILE_COPYING, TOOLS, Case
from tests.rules.rebuilt.edits import Build

BASE = "layerscope-test/base-rebuilt:1"
NEARLY = 0.1
TIMEOUT_S = 120


class Built(NamedTuple):
    """What the engine saved of an image: its content, counted here, and our findings by rule."""

    content_bytes: int
    findings: Mapping[str, list[Suggestion]]


class Builder:
    """An engine's builder, and the context of one case."""

    def __init__(
        self, folder: Path, env: Mapping[str, str], base: str, build: list[str], save: list[str]
    ) -> None:
        self._folder = folder
        self._env = env
        self._base = base
        self._build = build
        self._save = save
        self._count = 0

    def build(self, case: Case, steps: Iterable[str], ignored: Iterable[str]) -> Built:
        """Build, save, and look at the image."""
        context = self._folder / "context"
        context.mkdir(exist_ok=True)
        for path, size_bytes in case.files.items():
            name = path.rpartition("/")[2]
            file = context / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(TOOLS[name].encode() if name in TOOLS else content(path, size_bytes))
            file.chmod(0o755 if name in TOOLS else 0o644)
        (self._folder / "Dockerfile").write_text("\n".join([self._base, *steps, ""]))
        (context / ".dockerignore").write_text("\n".join([*ignored, ""]))
        self._count += 1
        tag = f"layerscope-test/rebuilt-{os.getpid()}:{self._count}"
        self._run(*self._build, "-f", str(self._folder / "Dockerfile"), "-t", tag, str(context))
        archive = self._folder / f"{self._count}.tar"
        self._run(*(word.format(archive=archive, tag=tag) for word in self._save))
        return looked_at(archive)

    def _run(self, *command: str) -> None:
        done = subprocess.run(
            command, env=self._env, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def looked_at(archive: Path) -> Built:
    """Findings of the archive's image, and what is in its layers by the standard library."""
    findings: dict[str, list[Suggestion]] = {}
    for suggestion in inspect(str(archive)).suggestions:
        findings.setdefault(suggestion.rule, []).append(suggestion)
    content_bytes = 0
    with tarfile.open(archive) as saved:
        for member in saved:
            blob = saved.extractfile(member) if member.name.endswith(".tar") and member.isfile() else None
            if blob is not None:
                with tarfile.open(fileobj=blob) as layer:
                    content_bytes += sum(entry.size for entry in layer if entry.isreg())
    return Built(content_bytes, findings)


def check(case: Case, builder: Builder) -> None:
    """Build, do what the findings say, build again, and compare."""
    before = builder.build(case, case.steps, [])
    findings = before.findings[case.rule]
    build: Build = (list(case.steps), [])
    for finding in findings:
        build = case.edit(build, finding)

    after = builder.build(case, *build)

    followed = [*findings, *(one for rule in case.also for one in before.findings[rule])]
    predicted_bytes = sum(finding.net_bytes for finding in followed)
    saved_bytes = before.content_bytes - after.content_bytes
    assert saved_bytes == pytest.approx(predicted_bytes, rel=NEARLY), f"{build}\n{findings}"


@pytest.fixture
def docker(docker_host: str, tool: Callable[[str], str], tmp_path: Path) -> Builder:
    """The classic builder of an engine that is ours."""
    import docker as api

    client: Any = api.APIClient(base_url=docker_host, timeout=TIMEOUT_S)
    import_base(client, BASE)
    client.close()
    command = tool("docker")
    env = os.environ | {"DOCKER_HOST": docker_host, "DOCKER_BUILDKIT": "0"}
    build = [command, "build", "--quiet", "--network=host"]
    return Builder(tmp_path, env, f"FROM {BASE}", build, [command, "save", "-o", "{archive}", "{tag}"])


@pytest.fixture
def buildah(tool: Callable[[str], str], tmp_path: Path) -> Builder:
    """Buildah, with a storage of its own; two copies of busybox are its base."""
    command = tool("buildah")
    if os.geteuid() != 0 or not BUSYBOX.exists():
        engine_missing(f"this needs root and {BUSYBOX}")
    conf = tmp_path / "storage.conf"
    conf.write_text(f'[storage]\ndriver = "vfs"\ngraphroot = "{tmp_path}/root"\nrunroot = "{tmp_path}/run"\n')
    (tmp_path / "context").mkdir()
    shutil.copy(BUSYBOX, tmp_path / "context" / "busybox")
    base = "FROM scratch\nCOPY busybox /bin/sh\nCOPY busybox /bin/chmod"
    build = [command, "bud", "--layers", "--isolation=chroot"]
    save = [command, "push", "{tag}", "docker-archive:{archive}"]
    return Builder(tmp_path, os.environ | {"CONTAINERS_STORAGE_CONF": str(conf)}, base, build, save)


@pytest.mark.parametrize("name", CASES)
def test_a_fix_saves_what_the_finding_says(name: str, docker: Builder) -> None:
    check(CASES[name], docker)


def test_a_mode_is_given_while_copying(buildah: Builder) -> None:
    check(MODE_WHILE_COPYING, buildah)
