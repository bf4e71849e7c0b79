"""What we export, given to docker, podman, skopeo, umoci, GNU tar and sha256sum."""

from __future__ import annotations

import json
import os
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from layerscope.errors import ImageError, UsageError
from layerscope.exporter import Exported, ExportOptions, Format, export
from tests.conftest import PROJECT
from tests.engines.building import archive_of
from tests.engines.oracles import unpacked
from tests.engines.ours import listing
from tests.engines.tolerances import time_of_the_unpacking, without_root
from tests.engines.tree import differences
from tests.oci.write.outputs import NAMES, content_of

pytestmark = pytest.mark.engine

Tool = Callable[[str], str]

SAMPLES = ["wasteful", "lean"]
# By their quirks: gzip layers with absolute paths, hybrid, jib, bazel with symlinks, 32 layers, zstd,
# an index, identical layers, Docker's manifest, before 1.10, estargz.
REAL = [
    "alpine310-gzlayers-whiteout.tar",
    "alpine314-docker25.tar",
    "jib-docker-save.tar",
    "whiteout-file.tar",
    "garden-rootfs-32layers.oci.tar",
    "local-corner-oci-zstdchunked.oci.tar",
    "busybox-attestation-containerd.tar",
    "dockle-suid-opq.tar",
    "kiali-operator-registry.oci.tar",
    "v10-busybox.tar.gz",
    "dive-oci-estargz.tar",
]
ARCHIVES: list[Format] = ["docker-archive", "oci-archive"]


def sample(name: str) -> Path:
    """The archive of a sample image."""
    return PROJECT / f"sample_images/{name}.tar"


def written(image: Path, form: Format, folder: Path, name: str = "team/app:1") -> tuple[Exported, Path]:
    """An export of this image under one name."""
    destination = folder / NAMES[form]
    return export(str(image), destination, how=ExportOptions(format=form, names=(name,))), destination


def run(*command: str | Path) -> str:
    """Run a tool to its end and give what it wrote on standard output."""
    finished = subprocess.run(command, capture_output=True, check=False)
    assert finished.returncode == 0, f"{command}: {finished.stderr.decode(errors='replace')}"
    return finished.stdout.decode()


def loaded(engine: Any, archive: Path) -> Any:
    """What docker says of an image that it has loaded, and removed again."""
    with archive.open("rb") as file:
        said = list(engine.load_image(file))
    assert [line for line in said if "error" in line] == []
    try:
        return engine.inspect_image("team/app:1")
    finally:
        engine.remove_image("team/app:1", force=True)


@pytest.mark.parametrize("form", ARCHIVES)
@pytest.mark.parametrize("name", SAMPLES)
def test_docker_loads_a_sample_with_the_same_id(name: str, form: Format, engine: Any, tmp_path: Path) -> None:
    said, archive = written(sample(name), form, tmp_path)

    found = loaded(engine, archive)

    assert found["Id"] == said.image_id
    assert len(found["RootFS"]["Layers"]) == said.layers


@pytest.mark.parametrize("form", ARCHIVES)
@pytest.mark.parametrize("name", REAL)
def test_docker_loads_what_other_tools_have_made(
    name: str, form: Format, shared_dir: Path, engine: Any, tmp_path: Path
) -> None:
    said, archive = written(shared_dir / "images/archives" / name, form, tmp_path)
    if "manifest.json" not in content_of(archive):
        pytest.skip("this docker loads no zstd layers, so they are not offered to it")

    found = loaded(engine, archive)

    assert found["Id"] == said.image_id
    assert len(found["RootFS"]["Layers"]) == said.layers


@pytest.mark.parametrize("form", ARCHIVES)
def test_docker_takes_its_own_image_back_unchanged(
    form: Format, built: Callable[[str], Path], engine: Any, tmp_path: Path
) -> None:
    """Built and saved by docker, with names of every kind in its layers."""
    saved = archive_of(built("changes"))

    said, archive = written(saved, form, tmp_path)

    with tarfile.open(saved) as tar:
        manifest = tar.extractfile("manifest.json")
        assert manifest is not None
        [entry] = json.load(manifest)
    assert loaded(engine, archive)["Id"] == said.image_id == f"sha256:{entry['Config'][:64]}"


@pytest.mark.parametrize("form", ARCHIVES)
def test_an_image_straight_from_docker_goes_back_into_it_with_the_same_id(
    form: Format, docker_host: str, engine: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What docker streams passes once, so it goes by way of temporary data."""
    monkeypatch.setenv("DOCKER_HOST", docker_host)
    monkeypatch.setenv("LAYERSCOPE_TEMP", str(tmp_path / "temp"))
    _, archive = written(sample("lean"), "docker-archive", tmp_path)
    with archive.open("rb") as file:
        list(engine.load_image(file))

    said = export("docker:team/app:1", tmp_path / f"from-docker-{form}", how=ExportOptions(format=form))

    assert "team/app:1" in said.names  # others may have given it further ones
    assert loaded(engine, tmp_path / f"from-docker-{form}")["Id"] == said.image_id
    assert list((tmp_path / "temp").iterdir()) == []


@pytest.mark.parametrize("form", NAMES)
def test_podman_loads_every_format_with_the_same_id(form: Format, tool: Tool, tmp_path: Path) -> None:
    """And under its name; a folder gets its own."""
    said, archive = written(sample("wasteful"), form, tmp_path)

    with podman_store(tool("podman")) as podman:
        answer = run(*podman, "load", "--quiet", "--input", archive)
        [found] = json.loads(run(*podman, "image", "inspect", answer.removeprefix("Loaded image: ").strip()))

    assert found["Id"] == said.image_id.removeprefix("sha256:")
    assert len(found["RootFS"]["Layers"]) == said.layers
    [name] = found["RepoTags"]
    assert name.endswith("/out:latest") if form == "oci" else name == "docker.io/team/app:1"


def test_podman_finds_both_of_two_names(tool: Tool, tmp_path: Path) -> None:
    how = ExportOptions(format="oci-archive", names=("team/app:1", "localhost/other:2"))
    export(str(sample("lean")), tmp_path / "out.oci.tar", how=how)

    with podman_store(tool("podman")) as podman:
        run(*podman, "load", "--quiet", "--input", tmp_path / "out.oci.tar")
        names = [json.loads(run(*podman, "image", "inspect", name))[0]["Id"] for name in how.names or ()]

    assert len(names) == 2
    assert len(set(names)) == 1


@contextmanager
def podman_store(podman: str) -> Iterator[list[str]]:
    """The command that works in a store of podman's that is ours alone."""
    # Not in pytest's folder: podman refuses a run root whose name has more than 50 characters.
    with TemporaryDirectory(prefix="ls-", dir="/tmp") as store:
        # vfs: an overlay on an overlay, as in a container, is refused.
        command = [podman, "--root", f"{store}/root", "--runroot", f"{store}/run", "--storage-driver", "vfs"]
        yield command
        run(*command, "rmi", "--all", "--force")


@pytest.mark.parametrize("form", NAMES)
@pytest.mark.parametrize("name", REAL)
def test_skopeo_copies_and_checks_every_blob(
    name: str, form: Format, shared_dir: Path, tool: Tool, tmp_path: Path
) -> None:
    """Into a plain folder, which compares all digests on the way."""
    said, archive = written(shared_dir / "images/archives" / name, form, tmp_path)
    copy = tmp_path / "copy"

    run(tool("skopeo"), "--insecure-policy", "copy", "--quiet", f"{form}:{archive}", f"dir:{copy}")

    manifest = json.loads((copy / "manifest.json").read_bytes())
    assert manifest["config"]["digest"] == said.image_id
    assert len(manifest["layers"]) == said.layers


@pytest.mark.parametrize("form", ["oci-archive", "oci"])
def test_skopeo_finds_the_digest_that_we_name(form: Format, tool: Tool, tmp_path: Path) -> None:
    said, archive = written(sample("wasteful"), form, tmp_path)

    found = json.loads(run(tool("skopeo"), "inspect", f"{form}:{archive}:1"))

    assert found["Digest"] == said.digest
    assert len(found["Layers"]) == said.layers


def test_an_oci_image_of_skopeos_keeps_its_digest(tool: Tool, tmp_path: Path) -> None:
    skopeo = tool("skopeo")
    how = ["--insecure-policy", "copy", "--quiet", "--dest-compress", "--dest-compress-format", "gzip"]
    run(skopeo, *how, f"docker-archive:{sample('lean')}", f"oci-archive:{tmp_path}/theirs.tar:app:1")
    theirs = json.loads(run(skopeo, "inspect", f"oci-archive:{tmp_path}/theirs.tar"))

    said, _ = written(tmp_path / "theirs.tar", "oci-archive", tmp_path)

    assert said.digest == theirs["Digest"]


def test_umoci_unpacks_what_we_list(tool: Tool, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can unpack with all owners and devices")
    skopeo, how = tool("skopeo"), ["--dest-compress", "--dest-compress-format", "gzip"]
    run(
        *(skopeo, "--insecure-policy", "copy", "--quiet", *how),
        *(f"docker-archive:{sample('wasteful')}", f"oci:{tmp_path}/theirs:x"),
    )
    _, layout = written(tmp_path / "theirs", "oci", tmp_path)

    run(tool("umoci"), "unpack", "--image", f"{layout}:1", tmp_path / "bundle")

    theirs = without_root(unpacked(tmp_path / "bundle/rootfs"))
    assert differences(listing(sample("wasteful")), theirs, [time_of_the_unpacking]) == []


@pytest.mark.parametrize("form", ARCHIVES)
def test_sha256sum_gives_the_names_of_the_blobs_that_gnu_tar_lists(
    form: Format, tool: Tool, tmp_path: Path
) -> None:
    _, archive = written(sample("wasteful"), form, tmp_path)
    run(tool("tar"), "--extract", "--file", archive, "--directory", tmp_path)

    names = run(tool("tar"), "--list", "--file", archive).split()

    blobs = [name for name in names if not name.endswith(("index.json", "manifest.json", "oci-layout"))]
    sums = run(tool("sha256sum"), *(tmp_path / name for name in blobs)).splitlines()
    assert len(blobs) == 18 if form == "docker-archive" else 19
    assert [Path(name).stem for name in blobs] == [line.split()[0] for line in sums]


@pytest.mark.parametrize("form", NAMES)
def test_every_real_image_is_exported_whole_or_refused(
    form: Format, shared_dir: Path, tmp_path: Path
) -> None:
    """And what was exported is exported again as the same bytes."""
    done = 0
    for image in sorted((shared_dir / "images/archives").iterdir()):
        folder = tmp_path / image.name
        (folder / "again").mkdir(parents=True)
        how = ExportOptions(format=form)
        try:
            export(str(image), folder / NAMES[form], how=how)
        except (ImageError, UsageError):
            assert [path.name for path in folder.iterdir()] == ["again"]
            continue
        export(str(folder / NAMES[form]), folder / "again" / NAMES[form], how=how)
        assert content_of(folder / "again" / NAMES[form]) == content_of(folder / NAMES[form]), image.name
        done += 1

    assert done > 80
