"""Which of several platforms is meant (LAYER_CASES 90)."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerscope.errors import (
    AmbiguousImage,
    PlatformNotFound,
)
from layerscope.model.platform import Platform, parse_platform
from tests.oci.build import (
    BASE,
    INDEX,
    MANIFEST,
    TOP,
    Files,
    Json,
    blob_path,
    built,
    descriptor,
    digest,
    docker_archive,
    image_blobs,
    index,
    layout,
    layout_of,
    manifest_of,
)
from tests.oci.choosing import opened, platforms, refused


def test_case_90_a_single_image_is_taken_whatever_its_platform(tmp_path: Path) -> None:
    for files in (
        platforms("windows/arm64"),
        layout(built(os="plan9", cpu="mips")),
        docker_archive(built(cpu="z")),
    ):
        assert opened(files, tmp_path).platform is not None


@pytest.mark.parametrize("own", ["linux/amd64", "linux/arm64"])
def test_case_90_among_several_platforms_the_machines_own_is_taken(
    own: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("layerscope.oci.candidate.own_platform", lambda: parse_platform(own))

    image = opened(platforms("linux/s390x", "linux/arm64", "linux/amd64"), tmp_path)

    assert str(image.platform) == own


def test_case_90_several_platforms_without_the_machines_own_are_not_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("layerscope.oci.candidate.own_platform", lambda: parse_platform("linux/riscv64"))

    error = refused(PlatformNotFound, platforms("linux/s390x", "linux/arm64"), tmp_path)

    assert error.exit_code == 3
    assert "linux/s390x" in (error.hint or "")
    assert "--platform" in (error.hint or "")


@pytest.mark.parametrize("wanted", ["linux/s390x", "linux/arm64", "linux/arm64/v8", "LINUX/aarch64"])
def test_case_90_an_explicit_platform_is_found(wanted: str, tmp_path: Path) -> None:
    image = opened(platforms("linux/s390x", "linux/arm64", "linux/amd64"), tmp_path, None, wanted)

    assert str(image.platform).startswith(parse_platform(wanted).os)
    assert image.platform == Platform(os="linux", architecture=parse_platform(wanted).architecture)


@pytest.mark.parametrize("wanted", ["linux/ppc64le", "windows/amd64", "linux/arm64/v9", "linux/arm"])
def test_case_90_an_explicit_platform_is_strict(wanted: str, tmp_path: Path) -> None:
    """Also with a single image, and the message lists what is there."""
    for files in (
        platforms("linux/arm64", "linux/s390x"),
        platforms("linux/arm64"),
        docker_archive(built(cpu="arm64")),
    ):
        error = refused(PlatformNotFound, files, tmp_path, None, wanted)

        assert wanted in error.message
        assert "linux/arm64" in (error.hint or "")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("linux/arm/v5", "linux/arm/v5"), ("linux/arm/v7", "linux/arm/v7"), ("linux/arm", "linux/arm/v5")],
)
def test_case_90_variants_are_told_apart_where_one_is_asked_for(
    wanted: str, found: str, tmp_path: Path
) -> None:
    files = platforms("linux/arm/v5", "linux/arm/v7", "linux/amd64")
    blobs = [blob for blob in files.values() if isinstance(blob, bytes)]

    image = opened(files, tmp_path, None, wanted)

    assert image.digest is not None
    (document,) = [blob for blob in blobs if b"manifests" in blob and b"variant" in blob]
    place = document.decode().index(image.digest)
    assert found.rpartition("/")[2] in document.decode()[place : place + 200]


def test_the_platform_comes_from_the_config_where_the_index_has_none(tmp_path: Path) -> None:
    files: Files = {}
    entries: list[Json] = []
    for cpu in ("arm64", "s390x"):
        blobs = image_blobs(built(cpu=cpu))
        files |= blobs
        entries.append(descriptor(manifest_of(blobs), MANIFEST))

    assert str(opened(layout_of(files, *entries), tmp_path, None, "linux/s390x").platform) == "linux/s390x"


def test_a_bare_list_with_two_images_for_one_platform_is_ambiguous(tmp_path: Path) -> None:
    """An index means the first of them; index.json without names says nothing."""
    first, second = image_blobs(built(BASE)), image_blobs(built(TOP))
    entries = [descriptor(manifest_of(blobs), MANIFEST) for blobs in (first, second)]
    document = index(*entries)

    refused(AmbiguousImage, layout_of(first | second, *entries), tmp_path)
    nested = layout_of(first | second | {blob_path(document): document}, descriptor(document, INDEX))
    assert opened(nested, tmp_path, None, "linux/amd64").digest == digest(manifest_of(first))
