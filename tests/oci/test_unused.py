"""What lies in an archive beside the image that was chosen."""

from __future__ import annotations

import io
import random
from pathlib import Path
from typing import cast

import msgspec
import pytest

from layerscope.extensions import ScanOptions
from layerscope.model.image import Image, Unused, Why
from layerscope.model.platform import parse_platform
from layerscope.oci.blobs.archive import ArchiveBlobs
from layerscope.oci.blobs.folder import FolderBlobs
from layerscope.oci.blobs.pipe import PipedBlobs
from layerscope.oci.opened import OpenedBlobs
from layerscope.rules import unneeded_in_archive
from tests.oci.build import (
    INDEX,
    MANIFEST,
    Built,
    Files,
    Link,
    as_folder,
    as_tar,
    blob_path,
    built,
    descriptor,
    docker_archive,
    encoded,
    hybrid,
    image_blobs,
    index,
    layout,
    layout_of,
    manifest_of,
    named,
)
from tests.oci.tar.raw import END, member
from tests.rules.dsl import Case, case, step
from tests.union.dsl import file

WITH_FACTS = ScanOptions(probes=("os-release",))
MB = 1_000_000


def large(name: str, seed: int = 1) -> bytes:
    """A layer of one file of 200 kB."""
    return member(name.encode(), random.Random(seed).randbytes(200_000)) + END


OWN, OTHER = large("own"), large("other", 2)
SHARED = large("shared", 5)
AMD = built(SHARED, OWN)
ARM = built(SHARED, OTHER, cpu="arm64")
STRAY = large("stray", 3)


def with_platforms(**more: bytes) -> Files:
    """An image for two platforms that share their base, with what is attested of it."""
    amd, arm = image_blobs(AMD), image_blobs(ARM)
    statement = image_blobs(Built((large("statement", 4),), encoded({"architecture": "unknown"})))
    unknown = {"os": "unknown", "architecture": "unknown"}
    inner = index(
        descriptor(manifest_of(arm), MANIFEST, platform={"os": "linux", "architecture": "arm64"}),
        descriptor(manifest_of(amd), MANIFEST, platform={"os": "linux", "architecture": "amd64"}),
        descriptor(manifest_of(statement), MANIFEST, platform=unknown),
    )
    top = descriptor(inner, INDEX) | named("app:1")
    return layout_of({**amd, **arm, **statement, blob_path(inner): inner, **more}, top)


def from_file(files: Files, folder: Path, wanted: str | None = None, scan: ScanOptions = WITH_FACTS) -> Image:
    """The image for this platform in an archive that is a file."""
    path = folder / "image.tar"
    path.write_bytes(as_tar(files))
    return OpenedBlobs(ArchiveBlobs(str(path), scan), wanted, parse_platform("linux/amd64"), "test").image


def told(image: Image) -> dict[str, str]:
    """Why each of the files is there."""
    return {one.name: one.why for one in image.unused}


def test_other_platforms_attestations_and_strays_are_told_apart(tmp_path: Path) -> None:
    """The base that both platforms have is needed; small documents are not worth a word."""
    image = from_file(with_platforms(**{blob_path(STRAY): STRAY}), tmp_path)

    assert told(image) == {
        blob_path(OTHER): "platform",
        blob_path(large("statement", 4)): "attestation",
        blob_path(STRAY): "unreferenced",
    }
    assert {one.size_bytes for one in image.unused} == {len(OTHER), len(STRAY)}


def test_of_a_folder_only_what_its_index_leads_to_is_told(tmp_path: Path) -> None:
    """What nothing refers to there may be what somebody else's index does."""
    files = with_platforms(**{blob_path(STRAY): STRAY})
    folder = FolderBlobs(as_folder(files, tmp_path / "layout"), WITH_FACTS)

    image = OpenedBlobs(folder, None, parse_platform("linux/amd64"), "test").image

    assert sorted(told(image).values()) == ["attestation", "platform"]


def test_an_image_of_another_name_is_there_on_purpose(tmp_path: Path) -> None:
    one, two = built(OWN, names=("one:1",)), built(OTHER, names=("two:2",))

    assert from_file(layout(one, two), tmp_path, "one:1").unused == ()


def damaged() -> Files:
    """A layout in which nobody can tell what one of the manifests refers to."""
    files, broken = layout(AMD), b"x" * 100
    one = descriptor(manifest_of(image_blobs(AMD)), MANIFEST) | named("app:1")
    return files | {
        "index.json": index(one, descriptor(broken, MANIFEST) | named("b:1")),
        blob_path(broken): broken,
        blob_path(STRAY): STRAY,
    }


def absent() -> Files:
    """The same with a manifest that is not there."""
    return {name: data for name, data in damaged().items() if data != b"x" * 100}


@pytest.mark.parametrize(
    "files",
    [
        layout(AMD),
        hybrid(AMD),
        docker_archive(AMD) | {blob_path(STRAY): STRAY},
        hybrid(AMD)
        | {
            "manifest.json": encoded([{"Config": "x", "Layers": [blob_path(STRAY)]}]),
            blob_path(STRAY): STRAY,
        },
        layout(AMD) | {"real.tar": OWN, blob_path(OWN): Link("../../real.tar")},
        damaged(),
        absent(),
    ],
    ids=["one image", "hybrid", "docker's", "needed by manifest.json", "links", "damaged", "absent"],
)
def test_nothing_is_told_where_all_is_needed_or_nobody_knows(files: Files, tmp_path: Path) -> None:
    assert from_file(files, tmp_path, "app:1").unused == ()


def test_what_passes_once_and_a_run_without_suggestions_are_not_looked_through(tmp_path: Path) -> None:
    files = with_platforms()

    assert from_file(files, tmp_path, scan=ScanOptions()).unused == ()
    pipe = PipedBlobs(io.BytesIO(as_tar(files)), "pipe", WITH_FACTS)
    assert OpenedBlobs(pipe, None, parse_platform("linux/amd64"), "test").image.unused == ()


def holding(**sizes: int) -> Case:
    """An image beside so many bytes of each kind, in two blobs."""
    beside = case(step("COPY a /", file("a", b"x")))
    unused = tuple(
        Unused(name=f"{why}{part}", size_bytes=size_bytes // 2, why=cast("Why", why))
        for why, size_bytes in sizes.items()
        for part in (1, 2)
    )
    image = msgspec.structs.replace(beside.image, unused=unused)
    return Case(image, beside.changesets, beside.analysis)


def test_each_kind_is_a_finding_of_its_own() -> None:
    found = holding(platform=3 * MB, attestation=100_000, unreferenced=MB).advice(unneeded_in_archive.RULE)

    assert {one.gross_bytes: one.confidence for one in found} == {3 * MB: "low", 100_000: "low", MB: "high"}
    assert all((one.net_bytes, one.compressed_bytes) == (0, one.gross_bytes) for one in found)


def test_a_few_bytes_are_no_finding() -> None:
    assert holding(platform=99_998).advice(unneeded_in_archive.RULE) == ()
