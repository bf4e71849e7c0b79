"""``layerscope images`` and ``doctor`` beside what the engines' own commands say."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.cli.command import environment, launch
from tests.sources.samples import LEAN, WASTEFUL


@pytest.fixture(params=["docker", "podman"])
def engine(
    request: pytest.FixtureRequest, tool: Callable[[str], str], tmp_path: Path
) -> tuple[str, Mapping[str, str]]:
    """An engine that holds two sample images, and the environment in which it is found."""
    command = tool(request.param)
    if request.param == "docker":
        env = {"DOCKER_HOST": request.getfixturevalue("docker_host")}
    else:
        storage = tmp_path / "storage.conf"
        places = f'runroot = "{tmp_path}/run"\ngraphroot = "{tmp_path}/graph"\n'
        storage.write_text(f'[storage]\ndriver = "vfs"\n{places}')
        env = {"CONTAINERS_STORAGE_CONF": str(storage)}
    for sample in (LEAN, WASTEFUL):
        subprocess.run([command, "load", "-i", sample], env=environment(**env), check=True)
    return request.param, env


def test_the_images_are_those_that_the_engine_lists(engine: tuple[str, Mapping[str, str]]) -> None:
    name, env = engine
    rows = "{{.ID}} {{.Repository}}:{{.Tag}}"
    listed = subprocess.run(
        [name, "images", "--no-trunc", "--format", rows],
        env=environment(**env),
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()

    outcome = launch("images", "shop/api", "--json", env=env)

    images = [json.loads(line) for line in outcome.out.splitlines()]
    ours = [
        f"sha256:{image['id'].removeprefix('sha256:')} {known}"
        for image in images
        if image["engine"] == name
        for known in image["names"]
        if "shop/api:" in known
    ]
    assert sorted(ours) == sorted(row for row in listed if "shop/api:" in row)
    assert len(ours) == 2


def test_the_doctor_finds_the_engine_and_its_version(engine: tuple[str, Mapping[str, str]]) -> None:
    name, env = engine
    form = "{{.Server.Version}}" if name == "docker" else "{{.Client.Version}}"
    version = subprocess.run(
        [name, "version", "--format", form],
        env=environment(**env),
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()

    outcome = launch("doctor", "--json", env=env)

    (check,) = [check for check in json.loads(outcome.out)["sources"] if check["name"] == name]
    assert check["ok"]
    assert version in check["found"]
