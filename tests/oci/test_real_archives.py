"""Every real archive beside the project, held against what its index says of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from layerscope.errors import (
    AmbiguousImage,
    BlobMismatch,
    ImageError,
    IncompleteImage,
    LayerscopeError,
    NotAnImage,
)
from layerscope.model.platform import parse_platform
from layerscope.oci.blobs.archive import ArchiveBlobs
from layerscope.oci.blobs.pipe import PipedBlobs
from layerscope.oci.compression import Decompressed
from layerscope.oci.layer import check_layer
from layerscope.oci.opened import OpenedBlobs
from tests.oci.build import VERIFY, changesets

Way = Callable[[], OpenedBlobs]


class Row(NamedTuple):
    """One line of INDEX.md, as far as it is measured there."""

    layers: str
    entries: str
    quirks: str


class Refusal(NamedTuple):
    """What must be raised, and why that is right."""

    error: type[LayerscopeError]
    message: str
    reason: str


SIZE = "a manifest's size is not what the index says; sizes are always checked"
DIGEST = "the manifest was edited by hand; its digest is another one, which only --verify finds"
SEVERAL = "several images: containers/image wants a choice too"
REFUSED = {
    "alpine-busybox-two-images-oci.tar": Refusal(AmbiguousImage, "2 images", SEVERAL),
    "busybox-imgutil-multiplatform.oci.tar": Refusal(IncompleteImage, "missing", "no manifest"),
    "busyboxlight-v1.tar": Refusal(ImageError, "not a tar", "layers are the text 'not a real tarball'"),
    "common-artifact-index.oci.tar": Refusal(NotAnImage, "artifact of type", "artifacts only"),
    "common-docker-two-images.tar.xz": Refusal(AmbiguousImage, "2 images", SEVERAL),
    "containers-image-7manifests.oci.tar": Refusal(AmbiguousImage, "images", SEVERAL),
    "exported-container-not-image.tar": Refusal(NotAnImage, "root filesystem", "podman export"),
    "grootfs-also-corrupted.oci.tar": Refusal(BlobMismatch, "size 502", SIZE),
    "grootfs-cloudfoundry.image.base-directory.oci.tar": Refusal(BlobMismatch, "has digest", DIGEST),
    "grootfs-corrupted.oci.tar": Refusal(BlobMismatch, "size 502", SIZE),
    "grootfs-garden-busybox-remote.oci.tar": Refusal(BlobMismatch, "size 452", SIZE),
    "grootfs-grootfs-busybox.oci.tar": Refusal(BlobMismatch, "size 808", SIZE),
    "grootfs-invalid-manifest-size-more-than-physical-size.oci.tar": Refusal(
        BlobMismatch, "size", "that is what its name says"
    ),
    "oci-layout-2016-refs.tar": Refusal(NotAnImage, "before 1.0", "refs/latest instead of index.json"),
    "oci-missing-3-layers.tar.gz": Refusal(BlobMismatch, "size 509", "the one layer is a stub"),
    "oci-two-tags-gutted.tar": Refusal(AmbiguousImage, "2 images", SEVERAL),
    "oras-artifacts.oci.tar": Refusal(AmbiguousImage, "images", SEVERAL),
    "oras-images-nonjson-config.oci.tar": Refusal(AmbiguousImage, "images", SEVERAL),
    "regclient-testrepo.oci.tar": Refusal(AmbiguousImage, "images", SEVERAL),
    "skopeo-dir-in-tar.tar": Refusal(ImageError, "manifest.json: expected an array", "skopeo dir:"),
    "sylabs-aufs-docker-v2-manifest.oci.tar": Refusal(BlobMismatch, "size", SIZE),
    "sylabs-overlayfs-docker-v2-manifest.oci.tar": Refusal(ImageError, "squashfs", "no tar"),
    "trivy-oci-bad-index.oci.tar": Refusal(ImageError, "index.json: not valid JSON", "'foo bar'"),
    "trivy-oci-multi-absent.tar": Refusal(IncompleteImage, "missing", "no manifest is there"),
    "trivy-oci-no-manifests.oci.tar": Refusal(NotAnImage, "lists no manifests", "an empty list"),
    "two-images-v12.tar.gz": Refusal(AmbiguousImage, "2 images", SEVERAL),
    "v10-hundred-layers.tar.gz": Refusal(NotAnImage, "no image", "images in a folder each"),
    "zot-busybox-nested.oci.tar": Refusal(AmbiguousImage, "images", SEVERAL),
}


class Choice(NamedTuple):
    """An image of several: which one, and its layers and entries."""

    wanted: str | None
    platform: str | None
    layers: int
    entries: int


CHOSEN = {
    # INDEX.md lists the figures of several images with slashes; this is the one that is meant.
    "alpine-busybox-two-images-oci.tar": Choice("example.com/empty:latest", None, 1, 423),
    "alpine321-registry-2arch.oci.tar": Choice(None, "linux/arm64", 1, 520),
    "apko-multiarch.oci.tar": Choice(None, "linux/amd64", 2, 76),
    "common-docker-two-images.tar.xz": Choice("example.com/empty/but:different", None, 1, 1),
    "ggcr-index.oci.tar": Choice("4", None, 1, 3),
    "sylabs-hello-world-cosign-manifest.oci.tar": Choice(None, None, 1, 1),
    "sylabs-hello-world-cosign-manifest-list.oci.tar": Choice(None, "linux/riscv64", 1, 1),
    "sylabs-hello-world-docker-v2-manifest-list.oci.tar": Choice(None, "linux/386", 1, 1),
    "two-images-v12.tar.gz": Choice("bkimminich/juice-shop-ctf", None, 6, 6),
    "zot-busybox-nested.oci.tar": Choice("1.0.0", None, 1, 420),
}
OTHERWISE = {
    "busybox-jib.tar": ((2, 421), "the index's tool reads no lower-case keys; buildah mounts 421 paths"),
    "jib-small.tar": ((2, 14), "likewise; docker's export of it, jib-docker-save.tar, has 14"),
    "v10-no-repositories.tar.gz": ((3, 110), "the index's tool does not follow the parents"),
}
INCOMPLETE = {
    "dockergoof.tar",
    "foreign-layer-sparse.tar",
    "grootfs-noparents.oci.tar",
    "layer-mismatch-nginx.tar",
    "nginx-osrelease-link.tar",
    "sarus-malicious.tar",
    "spring-export-legacy.tar",
    "spring-export-symlinks.tar",
    "testjar-opq.tar",
    "zot-distroless.oci.tar",
}
"""Layers that are absent, or a config that counts other layers than the manifest (INDEX.md)."""


@cache
def rows(images: Path) -> dict[str, Row]:
    """The tables of INDEX.md by archive."""
    found: dict[str, Row] = {}
    for line in (images / "INDEX.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == 8 and cells[1].isdigit():
            found[cells[0]] = Row(cells[3], cells[4], cells[5])
        elif len(cells) == 5 and cells[1].isdigit():
            found[cells[0]] = Row(cells[2], cells[3], cells[4])
    return found


def ways(path: Path, wanted: str | None = None, platform: str | None = None) -> list[Way]:
    """The archive through a pipe and, where it is not compressed, from the file."""
    parsed = parse_platform(platform) if platform else None

    def piped() -> OpenedBlobs:
        with path.open("rb") as stream:
            return OpenedBlobs(PipedBlobs(stream, str(path), VERIFY), wanted, parsed, "test")

    def filed() -> OpenedBlobs:
        return OpenedBlobs(ArchiveBlobs(str(path), VERIFY), wanted, parsed, "test")

    with path.open("rb") as stream:
        return [piped] if Decompressed(stream).compressed else [piped, filed]


def counted(opened: OpenedBlobs) -> tuple[int, int]:
    """Layers that the image names and entries in those that are there."""
    present = [layer for layer in opened.image.layers if layer.missing is None]
    return len(opened.image.layers), sum(len(opened.read_layer(layer).entries) for layer in present)


def test_every_archive_has_the_layers_and_entries_that_the_index_says(shared_dir: Path) -> None:
    """Through a pipe and from the file; where the archive is one image."""
    images = shared_dir / "images"
    wrong: dict[str, object] = {}
    compared = 0
    for name, row in rows(images).items():
        if name in REFUSED or name in CHOSEN:
            continue
        expected = OTHERWISE[name][0] if name in OTHERWISE else (int(row.layers), int(row.entries))
        compared += 1
        for way in ways(images / "archives" / name):
            try:
                opened = way()
                found = counted(opened)
            except LayerscopeError as error:
                wrong[name] = error.message
                continue
            if found != expected or opened.image.complete is (name in INCOMPLETE):
                wrong[name] = (found, expected, opened.image.complete)

    assert wrong == {}
    assert compared >= 90


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_single_whole_image_is_refused_with_its_reason(shared_dir: Path, name: str) -> None:
    """The same error whichever way it is opened."""
    expected = REFUSED[name]
    for way in ways(shared_dir / "images" / "archives" / name):
        with pytest.raises(expected.error, match=re.escape(expected.message)) as caught:
            counted(way())

        assert type(caught.value) is expected.error
        assert name in caught.value.message


@pytest.mark.parametrize("name", CHOSEN)
def test_the_image_that_is_asked_for_is_found_among_several(shared_dir: Path, name: str) -> None:
    choice = CHOSEN[name]
    path = shared_dir / "images" / "archives" / name

    found = [counted(way()) for way in ways(path, choice.wanted, choice.platform)]

    assert set(found) == {(choice.layers, choice.entries)}
    row = rows(shared_dir / "images")[name]
    assert str(choice.layers) in re.split(r"[/…]", row.layers)
    assert str(choice.entries) in re.split(r"[/…]", row.entries)


def test_every_archive_is_in_the_index_and_the_tables_speak_of_archives_that_are_there(
    shared_dir: Path,
) -> None:
    images = shared_dir / "images"
    present = {path.name for path in (images / "archives").iterdir()}

    assert present == set(rows(images))
    assert set(REFUSED) | set(CHOSEN) | set(OTHERWISE) | INCOMPLETE <= present


def test_file_and_pipe_give_the_same_images_and_layers(shared_dir: Path) -> None:
    """Entries, hashes, sizes, offset points, digests: all of it."""
    images = shared_dir / "images"
    compared = 0
    for name in rows(images):
        if name in REFUSED or name in CHOSEN or name.endswith((".gz", ".xz")):
            continue
        piped, filed = [way() for way in ways(images / "archives" / name)]
        compared += 1

        assert piped.image == filed.image, name
        for layer in filed.image.layers:
            if layer.missing is None:
                assert piped.read_layer(layer) == filed.read_layer(layer), (name, layer.number)

    assert compared >= 80


def test_case_92_layers_that_are_not_what_the_config_says_are_found(shared_dir: Path) -> None:
    """Where the index measured "content != diff_id" and as many diff IDs as layers are there."""
    images = shared_dir / "images"
    without_diff_ids = {"repositories-only.tar", "emptylayer-v1.tar", "v10-busybox.tar.gz"}
    without_diff_ids |= INCOMPLETE | {"v10-no-repositories.tar.gz"}
    found: set[str] = set()
    for name in rows(images):
        if name in REFUSED or name in CHOSEN:
            continue
        opened = ways(images / "archives" / name)[0]()
        try:
            changesets(opened)
        except BlobMismatch as error:
            found |= {name} if "diff ID" in error.message else set()

    measured = {name for name, row in rows(images).items() if "content != diff_id" in row.quirks}
    assert found == measured - without_diff_ids - set(REFUSED) - set(CHOSEN)
    assert found == {"ubuntu1804-badtar.tar", "windows-java.tar"}


def test_case_93_estargz_and_zstd_chunked_are_read_as_what_they_hold(shared_dir: Path) -> None:
    """One content in two encodings; the tables of contents are no entries."""
    archives = shared_dir / "images" / "archives"
    plain, chunked = (
        [opened.read_layer(layer) for layer in opened.image.layers]
        for name in ("local-corner-oci-gzip.oci.tar", "local-corner-oci-zstdchunked.oci.tar")
        for opened in [OpenedBlobs(ArchiveBlobs(str(archives / name), VERIFY), None, None, "test")]
    )
    estargz = OpenedBlobs(ArchiveBlobs(str(archives / "dive-oci-estargz.tar"), VERIFY), None, None, "test")

    assert [one.entries for one in plain] == [one.entries for one in chunked]
    assert {one.compression for one in plain} == {"gzip"}
    assert {one.compression for one in chunked} == {"zstd"}
    assert [len(changeset.entries) for changeset in changesets(estargz)] == [1]


def test_case_98_one_image_saved_by_two_tools_has_the_same_entries(shared_dir: Path) -> None:
    archives = shared_dir / "images" / "archives"
    twins = [("operator-bundle-docker.tar", "operator-bundle-podman.tar")]
    twins += [("jib-small.tar", "jib-docker-save.tar")]
    for one, other in twins:
        found = []
        for name in (one, other):
            opened = OpenedBlobs(ArchiveBlobs(str(archives / name), VERIFY), None, None, "test")
            layers = changesets(opened)
            found.append([(e.path, e.kind, e.size_bytes, e.content_hash) for c in layers for e in c.entries])

        assert found[0] == found[1]


def test_every_layer_of_a_sound_archive_is_verified(shared_dir: Path) -> None:
    """Diff IDs fit wherever there are any; nothing is left unchecked without a reason."""
    images = shared_dir / "images"
    unverified = set()
    for name in rows(images):
        if name in REFUSED or name in CHOSEN or name in ("ubuntu1804-badtar.tar", "windows-java.tar"):
            continue
        opened = ways(images / "archives" / name)[0]()
        for layer in opened.image.layers:
            if layer.missing is None and check_layer(layer, opened.read_layer(layer)) == "none":
                unverified.add(name)

    v1 = {"repositories-only.tar", "emptylayer-v1.tar", "v10-busybox.tar.gz", "v10-no-repositories.tar.gz"}
    missing_only = {"foreign-layer-sparse.tar", "grootfs-noparents.oci.tar", "zot-distroless.oci.tar"}
    assert unverified == v1 | INCOMPLETE - missing_only
