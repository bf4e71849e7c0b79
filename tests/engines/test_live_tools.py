"""Skopeo, podman, umoci, sha256sum and GNU tar, each held against what we say of the same image."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from layerscope.inspection import inspect
from layerscope.model.entry import Entry, Kind
from tests.conftest import PROJECT
from tests.engines.building import archive_of, once
from tests.engines.oracles import unpacked
from tests.engines.ours import listing, report
from tests.engines.tolerances import without_root
from tests.engines.tree import differences

pytestmark = pytest.mark.engine

Tool = Callable[[str], str]

IMAGES = ["wasteful", "changes"]
SAMPLES = ["wasteful", "lean", "odd"]
# Where skopeo copies to, by what it writes there, and how it is told to compress.
SKOPEO_COPIES = {
    "oci-archive-gzip": ("oci-archive", "gzip"),
    "oci-archive-zstd": ("oci-archive", "zstd"),
    "oci-archive-zstd-chunked": ("oci-archive", "zstd:chunked"),
    "oci-layout-gzip": ("oci", "gzip"),
    "oci-layout-zstd": ("oci", "zstd"),
    "docker-archive": ("docker-archive", ""),
}
PODMAN_FORMATS = ["docker-archive", "oci-archive", "oci-dir"]


@pytest.fixture
def source(built: Callable[[str], Path]) -> Callable[[str], Path]:
    """A function that gives an image's archive by name: a sample, or one that docker builds."""
    return lambda name: sample(name) if name in SAMPLES else archive_of(built(name))


@pytest.fixture
def saved_by_podman(source: Callable[[str], Path], tool: Tool, common_folder: Path) -> Callable[[str], Path]:
    """A function that gives the folder in which podman saved an image in each of its formats."""
    return lambda name: once(
        common_folder / f"podman-{name}", lambda folder: save_all(tool("podman"), source(name), folder)
    )


@pytest.mark.parametrize("copy", SKOPEO_COPIES)
@pytest.mark.parametrize("image", IMAGES)
def test_every_copy_by_skopeo_is_the_same_image(
    image: str, copy: str, source: Callable[[str], Path], tool: Tool, tmp_path: Path
) -> None:
    transport, compression = SKOPEO_COPIES[copy]

    written = skopeo_copy(tool("skopeo"), source(image), tmp_path / copy, transport, compression)

    assert differences(listing(written), listing(source(image))) == []
    assert accounts(written) == accounts(source(image))
    expected = {compression.partition(":")[0] or "none"}
    assert {layer["compression"] for layer in report(written)["layers"]} == expected


@pytest.mark.parametrize("written", PODMAN_FORMATS)
@pytest.mark.parametrize("image", IMAGES)
def test_every_format_of_podman_save_is_the_same_image(
    image: str, written: str, source: Callable[[str], Path], saved_by_podman: Callable[[str], Path]
) -> None:
    saved = saved_by_podman(image) / written

    assert differences(listing(saved), listing(source(image))) == []
    assert accounts(saved) == accounts(source(image))


@pytest.mark.parametrize("image", IMAGES)
def test_umoci_unpacks_what_we_list(
    image: str, source: Callable[[str], Path], tool: Tool, tmp_path: Path
) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can unpack with all owners and devices")
    layout = skopeo_copy(tool("skopeo"), source(image), tmp_path / "layout", "oci", "gzip")
    run(tool("umoci"), "unpack", "--image", f"{layout}:image", str(tmp_path / "bundle"))

    theirs = unpacked(tmp_path / "bundle/rootfs")

    assert differences(listing(layout), without_root(theirs)) == []


def test_digests_and_diff_ids_are_those_of_skopeo_and_sha256sum(tool: Tool, tmp_path: Path) -> None:
    layout = skopeo_copy(tool("skopeo"), sample("wasteful"), tmp_path / "layout", "oci", "gzip")
    blobs = layout / "blobs/sha256"
    raw = [tool("skopeo"), "inspect", "--raw"]
    manifest = run(*raw, f"oci:{layout}:image")
    config = run(*raw, "--config", f"oci:{layout}:image")

    said = report(layout, "--verify")

    digests = [layer["digest"].removeprefix("sha256:") for layer in said["layers"]]
    diff_ids = [layer["diff_id"].removeprefix("sha256:") for layer in said["layers"]]
    assert digests == [sha256sum(tool, ["cat", str(blobs / digest)]) for digest in digests]
    assert diff_ids == [sha256sum(tool, ["gzip", "-dc", str(blobs / digest)]) for digest in digests]
    assert all(digest.encode() in manifest for digest in digests)
    assert all(diff_id.encode() in config for diff_id in diff_ids)
    assert {layer["verified"] for layer in said["layers"]} == {"diff_id"}
    assert (blobs / said["image"]["digest"].removeprefix("sha256:")).read_bytes() == manifest
    assert (blobs / said["image"]["image_id"].removeprefix("sha256:")).read_bytes() == config


@pytest.mark.parametrize("image", [*SAMPLES, "accounts", "changes"])
def test_gnu_tar_lists_the_same_names_in_the_same_order(
    image: str, source: Callable[[str], Path], tool: Tool, tmp_path: Path
) -> None:
    archive = source(image)
    inspection = inspect(str(archive))
    layer_tar = tmp_path / "layer.tar"

    for layer, changeset in zip(inspection.image.layers, inspection.changesets, strict=True):
        layer_tar.write_bytes(run(tool("tar"), "-xOf", str(archive), layer.blob))
        theirs = [normal(name) for name in listed(tool, layer_tar)]

        assert [in_the_archive(entry) for entry in changeset.entries] == theirs


def sample(name: str) -> Path:
    """The archive of a sample image."""
    return PROJECT / f"sample_images/{name}.tar"


def run(*command: str) -> bytes:
    """Run a tool to its end and give what it wrote on standard output."""
    finished = subprocess.run(command, capture_output=True, check=False)
    assert finished.returncode == 0, f"{command}: {finished.stderr.decode(errors='replace')}"
    return finished.stdout


def skopeo_copy(skopeo: str, archive: Path, target: Path, transport: str, compression: str) -> Path:
    """Copy a docker-archive with skopeo, recompressed where a compression is named."""
    how = ["--dest-compress", "--dest-compress-format", compression] if compression else []
    run(
        *(skopeo, "--insecure-policy", "copy", "--quiet", *how),
        *(f"docker-archive:{archive}", f"{transport}:{target}:image"),
    )
    return target


def save_all(podman: str, archive: Path, folder: Path) -> None:
    """Load an archive into a store of podman's that is ours alone, and save it in every format."""
    # Not in pytest's folder: podman refuses a run root whose name has more than 50 characters.
    with TemporaryDirectory(prefix="ls-", dir="/tmp") as store:
        save_from(podman, store, archive, folder)


def save_from(podman: str, store: str, archive: Path, folder: Path) -> None:
    """Do so in this store, which is empty."""
    # vfs: an overlay on an overlay, as in a container, is refused.
    own = ["--root", f"{store}/root", "--runroot", f"{store}/run", "--storage-driver", "vfs"]
    run(podman, *own, "load", "--quiet", "--input", str(archive))
    [image] = run(podman, *own, "images", "--quiet", "--no-trunc").decode().split()
    for written in PODMAN_FORMATS:
        run(podman, *own, "save", "--quiet", "--format", written, "--output", str(folder / written), image)
    run(podman, *own, "rmi", "--all", "--force")


def accounts(image: Path | str) -> Any:
    """What does not depend on how an image is stored, nor on who wrote its config anew."""
    said = report(image, "--verify")
    kept = {name: said[name] for name in ("totals", "layers", "waste", "duplicates", "directories")}
    return json.loads(
        json.dumps(kept),
        object_hook=lambda found: {name: found[name] for name in found.keys() - _OF_THE_WRITER},
    )


_OF_THE_WRITER = {
    *("digest", "media_type", "blob", "compression", "verified"),
    *("compressed_bytes", "compressed_wasted_bytes"),
    "created",  # the same time with fewer zeros at its end
}


def sha256sum(tool: Tool, command: list[str]) -> str:
    """What ``sha256sum`` says of a command's output."""
    digest = subprocess.run([tool("sha256sum")], input=run(*command), capture_output=True, check=True)
    return digest.stdout.decode().split()[0]


def listed(tool: Tool, tar: Path) -> list[bytes]:
    """The names that ``tar --list`` prints, its escapes undone."""
    printed = run(tool("tar"), "--list", "--quoting-style=escape", "--file", str(tar))
    return [line.decode("unicode_escape").encode("latin-1") for line in printed.split(b"\n") if line]


def normal(name: bytes) -> bytes:
    """A name without what changes nothing in it: ``.`` as a part, and slashes at the ends or twice."""
    return b"/".join(part for part in name.split(b"/") if part not in {b"", b"."})


def in_the_archive(entry: Entry) -> bytes:
    """The name under which an entry of ours stands in its layer."""
    name = entry.path
    folder, slash, last = name.rpartition("/")
    if entry.kind is Kind.WHITEOUT:
        name = f"{folder}{slash}.wh.{last}"
    elif entry.kind is Kind.OPAQUE:
        name = f"{name}/.wh..wh..opq".lstrip("/")
    return name.encode("utf-8", "surrogateescape")
