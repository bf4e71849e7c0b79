"""What we write out of an image is what docker exports, umoci unpacks and GNU tar extracts."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from layerscope.cli import run as layerscope
from layerscope.content import Content
from layerscope.inspection import inspecting
from layerscope.model.entry import Entry, Kind
from tests.engines.building import archive_of, oracles_of
from tests.engines.oracles import recorded, unpacked
from tests.engines.places import PLACES, Putting
from tests.engines.test_corpus_oracles import ARCHIVES
from tests.engines.test_live_tools import run, sample, skopeo_copy
from tests.engines.tolerances import (
    time_before_1970,
    time_in_whole_seconds,
    time_of_a_mount_points_parent,
    time_of_an_implied_directory,
    without_mount_points,
    without_root,
)
from tests.engines.tree import Difference, Tree, differences
from tests.sources.images import saved

Tool = Callable[[str], str]
COMPRESSIONS = ["", "gzip", "zstd"]

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can write owners and devices")


def without_xattrs(difference: Difference) -> bool:
    """Extended attributes, capabilities among them, are never written."""
    return difference.field in {"capability", "xattrs"}


# Runs of data that are no whole blocks stand one behind the other there, as Go and Python read them;
# GNU tar, which never writes such, begins each at a block.
NOT_AS_GNU_TAR_WRITES_THEM = {"metadata/sparse-pax", "metadata/sparse-gnu"}

TOLERATED = [without_xattrs, time_in_whole_seconds, time_before_1970, time_of_a_mount_points_parent]


def written(image: Path | str, folder: Path, *more: str) -> Tree:
    """What ``layerscope extract`` makes of the whole image, with all that root can keep."""
    options = ["-q", "--owners", "--devices", "--keep-special"]
    assert layerscope(["extract", str(image), "/", "-o", str(folder), *options, *more]) == 0
    return unpacked(folder)


@pytest.mark.engine
@pytest.mark.parametrize(
    ("name", "compression"), [("accounts", ""), ("changes", ""), ("changes", "gzip"), ("changes", "zstd")]
)
def test_what_is_written_as_of_every_layer_is_what_docker_exports(
    name: str, compression: str, built: Callable[[str], Path], tool: Tool, tmp_path: Path
) -> None:
    """Path, type, mode, owner, size, target, SHA-256, time, hard link group."""
    folder = built(name)
    image = archive_of(folder)
    if compression:
        image = skopeo_copy(tool("skopeo"), image, tmp_path / "copy", "oci-archive", compression)

    differing = {}
    for layer, oracle in sorted(oracles_of(folder).items()):
        ours = without_mount_points(written(image, tmp_path / str(layer), "--layer", str(layer)))
        found = differences(ours, without_mount_points(recorded(oracle)), TOLERATED)
        if found:
            differing[layer] = found

    assert differing == {}


@pytest.mark.engine
@pytest.mark.parametrize("name", ["wasteful", "lean"])
def test_what_is_written_is_what_umoci_unpacks(name: str, tool: Tool, tmp_path: Path) -> None:
    layout = skopeo_copy(tool("skopeo"), sample(name), tmp_path / "layout", "oci", "gzip")
    run(tool("umoci"), "unpack", "--image", f"{layout}:image", str(tmp_path / "bundle"))
    theirs = without_root(unpacked(tmp_path / "bundle/rootfs"))

    ours = written(layout, tmp_path / "out")

    assert differences(ours, theirs, [without_xattrs, time_of_an_implied_directory, of_our_own_making]) == []


def of_our_own_making(difference: Difference) -> bool:
    """A directory that no layer mentions has the time at which it was made."""
    ours, theirs = difference.ours, difference.theirs
    hour_ns = 3600 * 10**9
    return (
        difference.field == "mtime_ns"
        and (ours is not None and ours.type == "d" and ours.mtime_ns is not None)
        and (theirs is not None and theirs.mtime_ns is not None)
        and abs(ours.mtime_ns - theirs.mtime_ns) < hour_ns
    )


@pytest.mark.engine
@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize("name", ["wasteful", "lean", "odd"])
def test_every_content_of_every_layer_is_what_gnu_tar_extracts(
    name: str, compression: str, tool: Tool, tmp_path: Path
) -> None:
    """Also of what later layers delete or overwrite."""
    image = sample(name)
    if compression:
        image = skopeo_copy(tool("skopeo"), image, tmp_path / "copy", "oci-archive", compression)
    with inspecting(str(sample(name))) as plain:
        blobs = [layer.blob for layer in plain.image.layers]

    with inspecting(str(image)) as inspection:
        differing, count = [], 0
        for number, (blob, changeset) in enumerate(zip(blobs, inspection.changesets, strict=True)):
            folder = tmp_path / str(number)
            folder.mkdir()
            (tmp_path / "layer.tar").write_bytes(run(tool("tar"), "-xOf", str(sample(name)), blob))
            # It cannot make hard links to what a lower layer has, and says so; the contents are there.
            extraction = [tool("tar"), "-xf", str(tmp_path / "layer.tar"), "-C", str(folder)]
            subprocess.run(extraction, capture_output=True, check=False)
            last = {entry.path: entry for entry in changeset.entries}
            for path, entry in last.items():
                if entry.kind is not Kind.FILE or path in NOT_AS_GNU_TAR_WRITES_THEM:
                    continue
                count += 1
                theirs = (folder / (entry.spelling or path).lstrip("/")).read_bytes()
                if sha256_of(inspection.content, number, entry) != sha256(theirs).hexdigest():
                    differing.append(path)

    assert count > 20
    assert differing == []


def sha256_of(content: Content, layer: int, entry: Entry) -> str:
    """Of a content as we read it."""
    digest = sha256()
    with closing(content.open((layer, entry))) as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


@pytest.mark.engine
@pytest.mark.parametrize("how", [["gnu"], ["posix", "0.0"], ["posix", "0.1"], ["posix", "1.0"]])
def test_sparse_files_of_gnu_tar_are_written_with_their_holes(
    how: list[str], tool: Tool, tmp_path: Path
) -> None:
    """More runs of data than one header holds, the last one shorter than a block."""
    made = tmp_path / "sparse"
    with made.open("wb") as file:
        for number in range(40):
            file.seek(number * 200_000 + 12345)
            file.write(random.Random(number).randbytes(5000))
        file.truncate(20_000_000)
    version = [f"--sparse-version={how[1]}"] if len(how) > 1 else []
    tar = run(
        tool("tar"), "--sparse", f"--format={how[0]}", *version, "-C", str(tmp_path), "-cf", "-", "sparse"
    )

    tree = written(saved(tmp_path, tar), tmp_path / "out")

    assert tree[b"sparse"].sha256 == sha256(made.read_bytes()).hexdigest()
    assert (tmp_path / "out/sparse").stat().st_blocks * 512 < 2_000_000


@pytest.mark.engine
@pytest.mark.parametrize("place", PLACES)
def test_what_is_written_is_the_same_wherever_the_image_lives(
    place: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Engines and registries give streams, of which what is looked at is kept."""
    reference = PLACES[place](Putting(request, monkeypatch), sample("wasteful"))

    tree = written(reference, tmp_path / "out")

    theirs = written(sample("wasteful"), tmp_path / "archive")
    assert differences(tree, theirs, [of_our_own_making]) == []


@pytest.mark.shared
@pytest.mark.parametrize("archive", ARCHIVES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_is_written_of_the_corpus_is_what_docker_exports(archive: Path, tmp_path: Path) -> None:
    theirs = recorded(archive.with_name(f"{archive.name.split('.')[0]}.oracle.tsv"))

    ours = without_mount_points(written(archive, tmp_path / "out"))

    assert differences(ours, theirs, TOLERATED) == []
