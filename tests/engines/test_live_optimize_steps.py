"""Files dropped, linked, normalised, layers compressed anew: what docker, podman, skopeo and umoci say."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from layerscope.config import Options
from layerscope.exporter import ExportOptions, Format
from layerscope.oci.write.compressing import parse_codec
from layerscope.optimize.optimizing import Optimized, optimize
from layerscope.optimize.steps import Steps
from layerscope.spool import TEMP_VARIABLE
from tests.conftest import PROJECT
from tests.engines.building import archive_of, export
from tests.engines.oracles import recorded, unpacked
from tests.engines.test_live_export import podman_store, run
from tests.engines.tolerances import time_of_a_mount_points_parent, without_mount_points, without_root
from tests.engines.tree import SECOND_NS, Difference, Tree, differences
from tests.oci.write.outputs import NAMES

pytestmark = pytest.mark.engine

Tool = Callable[[str], str]
TAG, BEFORE = "layerscope-test/steps:1", "layerscope-test/before:1"
SAMPLE = PROJECT / "sample_images/wasteful.tar"
OWN = 3
DROPPED = b"usr/share/doc"
EPOCH_S = 1_000_000_000

DROP = Steps(drop=("/usr/share/doc",))
DEDUPE = Steps(dedupe=True, squash_own=True)
NORMALIZE = Steps(latest_s=EPOCH_S, include_base=True)
GZIP = Steps(recompress=parse_codec("gzip:9"))
ALL = Steps(drop=("/usr/share/doc",), dedupe=True, latest_s=EPOCH_S, flatten=True, recompress=GZIP.recompress)
ZSTD = Steps(recompress=parse_codec("zstd"), prune=True)
WAYS = [DROP, DEDUPE, NORMALIZE, GZIP, ALL]


@pytest.fixture(autouse=True)
def temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder for temporary data."""
    monkeypatch.setenv(TEMP_VARIABLE, str(tmp_path / "temp"))


def made(image: Path, steps: Steps, form: Format, folder: Path) -> tuple[Optimized, Path]:
    """What becomes of an image, under one name."""
    destination = folder / NAMES[form]
    how = ExportOptions(format=form, names=(TAG,))
    return optimize(str(image), steps, destination, Options(base_layers=OWN), how), destination


def wanted(tree: Tree, steps: Steps) -> Tree:
    """What an image's files are to be."""
    if not steps.drop:
        return tree
    return {path: row for path, row in tree.items() if not (path + b"/").startswith(DROPPED + b"/")}


def asked_for(steps: Steps) -> Callable[[Difference], bool]:
    """What may differ: later times, and links between files that are equal."""

    def tolerated(difference: Difference) -> bool:
        ours, theirs = difference.ours, difference.theirs
        if ours is None or theirs is None:
            return False
        if difference.field == "mtime_ns" and steps.latest_s is not None and theirs.mtime_ns is not None:
            return ours.mtime_ns == min(theirs.mtime_ns, EPOCH_S * SECOND_NS)
        return difference.field in ("group", "nlink") and steps.dedupe

    return tolerated


def in_docker(engine: Any, archive: Path, tag: str, folder: Path) -> Tree:
    """The files that docker exports of an archive that it has loaded, and removed again."""
    with archive.open("rb") as file:
        said = list(engine.load_image(file))
    assert [line for line in said if "error" in line] == []
    try:
        export(engine, tag, folder / "files.tsv")
        return without_mount_points(without_root(recorded(folder / "files.tsv")))
    finally:
        engine.remove_image(tag, force=True)


@pytest.mark.parametrize("form", ["docker-archive", "oci-archive"])
@pytest.mark.parametrize("steps", WAYS, ids=str)
def test_docker_exports_what_was_asked_for(steps: Steps, form: Format, engine: Any, tmp_path: Path) -> None:
    before_folder = tmp_path / "before"
    before_folder.mkdir()
    how = ExportOptions(names=(BEFORE,))
    optimize(str(SAMPLE), Steps(squash=()), before_folder / "in.tar", Options(), how)
    before = in_docker(engine, before_folder / "in.tar", BEFORE, before_folder)

    done, archive = made(SAMPLE, steps, form, tmp_path)

    assert done.changed
    after = in_docker(engine, archive, TAG, tmp_path)
    tolerances = [time_of_a_mount_points_parent, asked_for(steps)]
    assert differences(after, wanted(before, steps), tolerances) == []


@pytest.mark.parametrize("steps", [DEDUPE, NORMALIZE, ALL], ids=str)
def test_a_container_finds_its_files_as_before(
    steps: Steps, built: Callable[[str], Path], engine: Any, tmp_path: Path
) -> None:
    """Every file's checksum, as the image's own busybox computes it."""
    folder = built("accounts")
    said = []
    for name, way in (("before", Steps()), ("after", steps)):
        (tmp_path / name).mkdir()
        _, archive = made(archive_of(folder), without_names(way), "docker-archive", tmp_path / name)
        with archive.open("rb") as file:
            list(engine.load_image(file))
        container = engine.create_container(
            TAG,
            [
                "/bin/busybox",
                "sh",
                "-c",
                "busybox find /w -type f | busybox sort | busybox xargs busybox md5sum",
            ],
            network_disabled=True,
        )
        try:
            engine.start(container)
            assert engine.wait(container)["StatusCode"] == 0
            said.append(engine.logs(container))
        finally:
            engine.remove_container(container, force=True)
            engine.remove_image(TAG, force=True)

    assert said[0] == said[1]
    assert said[0].count(b"\n") > 5


def without_names(steps: Steps) -> Steps:
    """The same without what names paths of the sample."""
    return Steps(dedupe=steps.dedupe, latest_s=steps.latest_s, flatten=steps.flatten)


@pytest.mark.parametrize(
    ("steps", "form"),
    [(GZIP, "docker-archive"), (ALL, "docker-archive"), (ALL, "oci-archive"), (ZSTD, "oci-archive")],
    ids=str,
)
def test_podman_loads_it_with_the_same_id(steps: Steps, form: Format, tool: Tool, tmp_path: Path) -> None:
    done, archive = made(SAMPLE, steps, form, tmp_path)

    with podman_store(tool("podman")) as podman:
        answer = run(*podman, "load", "--quiet", "--input", archive)
        [found] = json.loads(run(*podman, "image", "inspect", answer.removeprefix("Loaded image: ").strip()))

    assert done.exported is not None
    assert f"sha256:{found['Id']}" == done.exported.image_id


@pytest.mark.parametrize(
    ("steps", "form"),
    [*((steps, form) for steps in WAYS for form in NAMES), (ZSTD, "oci-archive"), (ZSTD, "oci")],
    ids=str,
)
def test_skopeo_copies_and_checks_every_blob(steps: Steps, form: Format, tool: Tool, tmp_path: Path) -> None:
    """Into a plain folder, which compares all digests on the way."""
    done, archive = made(SAMPLE, steps, form, tmp_path)

    copy = tmp_path / "copy"
    run(tool("skopeo"), "--insecure-policy", "copy", "--quiet", f"{form}:{archive}", f"dir:{copy}")

    manifest = json.loads((copy / "manifest.json").read_bytes())
    assert done.exported is not None
    assert manifest["config"]["digest"] == done.exported.image_id
    if steps is ZSTD:
        kinds = [layer["mediaType"] for layer in manifest["layers"][OWN:]]
        assert {kind.rpartition("+")[2] for kind in kinds} == {"zstd"}


@pytest.mark.parametrize("steps", WAYS, ids=str)
def test_umoci_unpacks_what_was_asked_for(steps: Steps, tool: Tool, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can unpack with all owners and devices")
    run(
        *(tool("skopeo"), "--insecure-policy", "copy", "--quiet", "--dest-compress"),
        *(f"docker-archive:{SAMPLE}", f"oci:{tmp_path}/before:1"),
    )

    _, layout = made(tmp_path / "before", steps, "oci", tmp_path)

    trees = []
    for image in (tmp_path / "before", layout):
        bundle = tmp_path / f"bundle-{image.name}"
        run(tool("umoci"), "unpack", "--image", f"{image}:1", bundle)
        trees.append(without_root(unpacked(bundle / "rootfs")))
    assert differences(trees[1], wanted(trees[0], steps), [asked_for(steps)]) == []
