"""``layerscope build`` with the real commands: what they built is what is looked at."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import Outcome, launch

DOCKERFILE = "FROM scratch\nCOPY first /file\nCOPY second /file\nLABEL made.by=test\n"
FIRST_BYTES, SECOND_BYTES = 70_000, 500

Environment = Mapping[str, str]


@pytest.fixture
def context(tmp_path: Path) -> Path:
    """A folder to build from: 70,000 bytes that 500 others overwrite."""
    folder = tmp_path / "context"
    folder.mkdir()
    (folder / "Dockerfile").write_text(DOCKERFILE)
    (folder / "first").write_bytes(bytes(FIRST_BYTES))
    (folder / "second").write_bytes(bytes(SECOND_BYTES))
    return folder


@pytest.fixture
def own_storage(tmp_path: Path) -> dict[str, str]:
    """A store for podman and buildah that starts empty and is gone with the test."""
    file = tmp_path / "storage.conf"
    places = f'runroot = "{tmp_path}/run"\ngraphroot = "{tmp_path}/graph"\n'
    file.write_text(f'[storage]\ndriver = "vfs"\n{places}')
    return {"CONTAINERS_STORAGE_CONF": str(file)}


@pytest.fixture(params=["docker", "podman", "buildah"])
def builder(request: pytest.FixtureRequest, tool: Callable[[str], str]) -> tuple[str, dict[str, str]]:
    """A command that builds, and the environment in which it finds its own engine."""
    tool(request.param)
    if request.param == "docker":
        host = request.getfixturevalue("docker_host")
        return "docker", {"DOCKER_HOST": host, "DOCKER_BUILDKIT": "0"}
    tool("podman")  # where what buildah built is read
    storage: dict[str, str] = request.getfixturevalue("own_storage")
    return request.param, storage


def built(builder: tuple[str, Environment], context: Path, *options: str, ours: tuple[str, ...]) -> Outcome:
    """Build from a folder and look at the result."""
    name, env = builder
    layers = ["--layers"] if name == "buildah" else []
    return launch("build", *ours, "--", name, *layers, *options, context, env=env)


def test_what_was_built_is_what_is_looked_at(builder: tuple[str, Environment], context: Path) -> None:
    outcome = built(builder, context, "-t", "layerscope-test/built:1", ours=("--json", "-"))

    assert outcome.code == 0, outcome.err
    report: dict[str, Any] = json.loads(outcome.out)
    assert report["totals"]["content_bytes"] == FIRST_BYTES + SECOND_BYTES
    assert report["totals"]["wasted_bytes"] == FIRST_BYTES
    assert len(report["layers"]) == 2
    assert "COPY first /file" in outcome.err  # the builder's own words
    assert any("layerscope-test/built:1" in name for name in report["image"]["names"])


def test_gates_judge_what_was_built(builder: tuple[str, Environment], context: Path) -> None:
    """Without a name for the image: only its ID tells which one it is."""
    outcome = built(builder, context, ours=("--ci", "--max-waste", str(FIRST_BYTES)))
    failing = built(builder, context, ours=("--ci", "--max-waste", str(FIRST_BYTES - 1)))

    assert outcome.out.endswith("verdict: pass\n"), outcome.err
    assert (outcome.code, failing.code) == (0, 1)
    assert failing.out.endswith("verdict: fail max-waste\n")


def test_a_build_that_fails_ends_with_the_builders_code(
    builder: tuple[str, Environment], context: Path
) -> None:
    (context / "Dockerfile").write_text("FROM scratch\nCOPY absent /\n")

    outcome = built(builder, context, ours=("--json", "-"))

    assert outcome.out == ""
    assert outcome.code in (1, 125)
    assert f"error: {builder[0]} build failed: exit code {outcome.code}\n" in outcome.err
    assert "Traceback" not in outcome.err
