"""What we make smaller, given to docker, skopeo and umoci: the same files come out."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from layerscope.config import Options
from layerscope.exporter import ExportOptions, Format
from layerscope.optimize.optimizing import Optimized, optimize
from layerscope.optimize.steps import Range, Steps
from layerscope.spool import TEMP_VARIABLE
from tests.engines.building import archive_of, export, oracles_of
from tests.engines.oracles import recorded, unpacked
from tests.engines.tolerances import time_of_a_mount_points_parent, without_mount_points, without_root
from tests.engines.tree import Tree, differences
from tests.oci.write.outputs import NAMES

pytestmark = pytest.mark.engine

Tool = Callable[[str], str]
TAG = "layerscope-test/optimized:1"
OWN = 1
WAYS = [
    Steps(prune=True),
    Steps(squash_own=True),
    Steps(flatten=True),
    Steps(squash=(Range(2, 5), Range(7, 9))),
    Steps(prune=True, squash_own=True),
    Steps(prune=True, include_base=True),
]


@pytest.fixture(autouse=True)
def temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder for temporary data."""
    monkeypatch.setenv(TEMP_VARIABLE, str(tmp_path / "temp"))


def made(image: Path, steps: Steps, form: Format, folder: Path) -> tuple[Optimized, Path]:
    """What becomes of an image, under one name."""
    destination = folder / NAMES[form]
    how = ExportOptions(format=form, names=(TAG,))
    return optimize(str(image), steps, destination, Options(base_layers=OWN), how), destination


def files_in_docker(engine: Any, image: str, folder: Path) -> Tree:
    """What ``docker export`` gives of an image."""
    export(engine, image, folder / "after.tsv")
    return files(folder / "after.tsv")


def files(oracle: Path) -> Tree:
    """What docker told, without what it makes itself."""
    return without_mount_points(without_root(recorded(oracle)))


def last_oracle(folder: Path) -> Path:
    """The filesystem of the whole image, as docker exported it."""
    oracles = oracles_of(folder)
    return oracles[max(oracles)]


def run(*command: str | Path) -> str:
    """Run a tool to its end and give what it wrote on standard output."""
    finished = subprocess.run(command, capture_output=True, check=False)
    assert finished.returncode == 0, f"{command}: {finished.stderr.decode(errors='replace')}"
    return finished.stdout.decode()


@pytest.mark.parametrize("form", ["docker-archive", "oci-archive"])
@pytest.mark.parametrize("steps", WAYS, ids=str)
@pytest.mark.parametrize("name", ["changes", "accounts"])
def test_docker_exports_the_same_files(
    name: str, steps: Steps, form: Format, built: Callable[[str], Path], engine: Any, tmp_path: Path
) -> None:
    """Loaded into a real engine, and compared with its own export of the image as it was built."""
    folder = built(name)

    done, archive = made(archive_of(folder), steps, form, tmp_path)

    with archive.open("rb") as file:
        said = list(engine.load_image(file))
    assert [line for line in said if "error" in line] == []
    try:
        assert done.changed
        assert len(engine.inspect_image(TAG)["RootFS"]["Layers"]) == len(done.layers)
        after = files_in_docker(engine, TAG, tmp_path)
    finally:
        engine.remove_image(TAG, force=True)
    assert differences(after, files(last_oracle(folder)), [time_of_a_mount_points_parent]) == []


@pytest.mark.parametrize("steps", WAYS, ids=str)
def test_umoci_unpacks_the_same_files(
    steps: Steps, built: Callable[[str], Path], tool: Tool, tmp_path: Path
) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can unpack with all owners and devices")
    skopeo, folder = tool("skopeo"), built("changes")
    run(
        *(
            skopeo,
            "--insecure-policy",
            "copy",
            "--quiet",
            "--dest-compress",
            "--dest-compress-format",
            "gzip",
        ),
        *(f"docker-archive:{archive_of(folder)}", f"oci:{tmp_path}/before:1"),
    )

    _, layout = made(tmp_path / "before", steps, "oci", tmp_path)

    trees = []
    for image in (tmp_path / "before", layout):
        bundle = tmp_path / f"bundle-{image.name}"
        run(tool("umoci"), "unpack", "--image", f"{image}:1", bundle)
        trees.append(without_root(unpacked(bundle / "rootfs")))
    assert differences(trees[1], trees[0]) == []


@pytest.mark.parametrize("form", NAMES)
def test_skopeo_copies_and_checks_every_blob(
    form: Format, built: Callable[[str], Path], tool: Tool, tmp_path: Path
) -> None:
    """Into a plain folder, which compares all digests on the way."""
    done, archive = made(archive_of(built("accounts")), Steps(squash_own=True), form, tmp_path)
    copy = tmp_path / "copy"

    run(tool("skopeo"), "--insecure-policy", "copy", "--quiet", f"{form}:{archive}", f"dir:{copy}")

    manifest = json.loads((copy / "manifest.json").read_bytes())
    assert done.exported is not None
    assert manifest["config"]["digest"] == done.exported.image_id
    assert len(manifest["layers"]) == len(done.layers) == OWN + 1
