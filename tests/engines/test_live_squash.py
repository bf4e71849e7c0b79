"""What docker-squash makes of an image has the same files as what we make of it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from layerscope.config import Options
from layerscope.exporter import ExportOptions, export
from layerscope.optimize.optimizing import optimize
from layerscope.optimize.steps import Steps
from layerscope.spool import TEMP_VARIABLE
from tests.conftest import PROJECT
from tests.engines.test_live_optimize import files_in_docker
from tests.engines.tolerances import time_of_a_mount_points_parent
from tests.engines.tree import differences

pytestmark = pytest.mark.engine

OURS, THEIRS = "layerscope-test/ours:1", "layerscope-test/theirs:1"
BASE_LAYERS = 1


@pytest.fixture
def docker_squash() -> str:
    """The program, which has an environment of its own: it wants other versions than we have."""
    found = os.environ.get("LAYERSCOPE_TEST_DOCKER_SQUASH") or shutil.which("docker-squash")
    if not found:
        pytest.skip("docker-squash is not installed (or set LAYERSCOPE_TEST_DOCKER_SQUASH)")
    return found


@pytest.mark.parametrize("sample", ["wasteful", "lean"])
def test_docker_squash_comes_to_the_same_files(
    sample: str,
    docker_squash: str,
    engine: Any,
    docker_host: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Of images that it can squash: where a file became a folder, docker refuses what it writes."""
    monkeypatch.setenv("DOCKER_HOST", docker_host)
    monkeypatch.setenv(TEMP_VARIABLE, str(tmp_path / "temp"))
    image = f"layerscope-test/squashed-{sample}:1"
    archive = PROJECT / f"sample_images/{sample}.tar"
    export(str(archive), image, how=ExportOptions(format="docker", replace=True))
    history = len(engine.history(image))
    squashed = tmp_path / "theirs.tar"
    # Its own way into the engine does not wait for the engine's answer.
    how = [
        "-f",
        str(history - BASE_LAYERS),
        "-t",
        THEIRS,
        "--output-path",
        str(squashed),
        "--load-image",
        "false",
    ]
    subprocess.run([docker_squash, *how, image], check=True, capture_output=True, timeout=300)
    with squashed.open("rb") as file:
        said = list(engine.load_image(file))
    assert [line for line in said if "error" in line] == []

    optimize(
        f"docker:{image}",
        Steps(squash_own=True),
        OURS,
        Options(base_layers=BASE_LAYERS),
        ExportOptions(format="docker", replace=True),
    )

    trees = []
    for tag in (OURS, THEIRS):
        (tmp_path / tag[-6:-2]).mkdir()
        trees.append(files_in_docker(engine, tag, tmp_path / tag[-6:-2]))
    assert len(trees[0]) > 20
    assert differences(trees[1], trees[0], [time_of_a_mount_points_parent]) == []
