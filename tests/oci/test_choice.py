"""Which image of several is meant: names, digests, hybrid archives (LAYER_CASES 85, 88, 89)."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerscope.errors import (
    AmbiguousImage,
    ImageNotFound,
)
from layerscope.model.platform import Platform
from tests.oci.build import (
    BASE,
    LAYER,
    MANIFEST,
    TOP,
    Built,
    Files,
    Json,
    blob_path,
    built,
    descriptor,
    digest,
    docker_archive,
    encoded,
    hexed,
    hybrid,
    image_blobs,
    index,
    layout,
    layout_of,
    manifest,
    manifest_of,
    named,
    v1_archive,
)
from tests.oci.choosing import ONE, TWO, opened, platforms, refused


@pytest.fixture(params=[docker_archive, layout], ids=["docker archive", "layout"])
def both(request: pytest.FixtureRequest) -> Files:
    """An archive with two images."""
    files: Files = request.param(ONE, TWO)
    return files


def test_case_85_several_images_without_a_choice_are_ambiguous(both: Files, tmp_path: Path) -> None:
    error = refused(AmbiguousImage, both, tmp_path)

    assert error.exit_code == 2
    assert "2 images" in error.message
    assert "one:1" in (error.hint or "")
    assert "registry.example/Two/App:2" in (error.hint or "")


@pytest.mark.parametrize("wanted", ["one:1", "one:latest", "one", "docker.io/library/one:1", "localhost/one"])
def test_case_85_an_image_is_found_by_each_of_its_names(both: Files, wanted: str, tmp_path: Path) -> None:
    image = opened(both, tmp_path, wanted)

    assert image.image_id == digest(ONE.config)
    assert set(image.names) <= {"one:1", "one:latest"}


def test_case_85_upper_case_names_are_names(both: Files, tmp_path: Path) -> None:
    assert opened(both, tmp_path, "registry.example/Two/App:2").image_id == digest(TWO.config)
    refused(ImageNotFound, both, tmp_path, "registry.example/two/app:2")


@pytest.mark.parametrize("form", ["@{}", "{}", "@sha256:{hex}", "{hex}", "{short}", "@sha256:{short}"])
def test_an_image_is_found_by_its_id_or_the_beginning_of_it(both: Files, form: str, tmp_path: Path) -> None:
    image_id = digest(TWO.config)
    hex_digits = hexed(TWO.config)
    wanted = form.format(image_id, hex=hex_digits, short=hex_digits[:12])

    assert opened(both, tmp_path, wanted).image_id == image_id


def test_an_image_is_found_by_its_manifests_digest(tmp_path: Path) -> None:
    wanted = digest(manifest_of(image_blobs(TWO)))

    assert opened(layout(ONE, TWO), tmp_path, f"@{wanted}").digest == wanted


def test_an_index_is_found_by_its_digest(tmp_path: Path) -> None:
    files = platforms("linux/s390x") | {}
    document = files["index.json"]
    assert isinstance(document, bytes)
    inner = next(
        blob
        for blob in files.values()
        if isinstance(blob, bytes) and b"s390x" in blob and b"manifests" in blob
    )

    assert opened(files, tmp_path, f"@{digest(inner)}").platform == Platform(os="linux", architecture="s390x")


@pytest.mark.parametrize("wanted", ["three", "one:2", "@sha256:" + "0" * 64, "on", "one:", "@", "sha256:"])
def test_what_is_not_there_is_not_found_and_the_names_are_listed(
    both: Files, wanted: str, tmp_path: Path
) -> None:
    error = refused(ImageNotFound, both, tmp_path, wanted)

    assert error.exit_code == 3
    assert wanted in error.message
    assert "one:1" in (error.hint or "")


def test_a_name_of_hex_digits_is_a_name_even_where_a_digest_begins_so(tmp_path: Path) -> None:
    """``bad``, ``cafe`` and ``a`` are names; so is the first digit of its own image ID."""
    plain = Built(ONE.layers, ONE.config, ())
    name = hexed(ONE.config)[0]
    files = docker_archive(Built(plain.layers, plain.config, (f"{name}:latest", f"{name}:1")), TWO)

    assert opened(files, tmp_path, name).image_id == digest(ONE.config)
    assert opened(files, tmp_path, f"{name}:1").image_id == digest(ONE.config)


def test_one_image_under_two_names_is_one_image(tmp_path: Path) -> None:
    for files in (docker_archive(ONE), layout(ONE)):
        image = opened(files, tmp_path)

        assert image.names == ("one:1", "one:latest")


def test_an_image_without_a_name_is_read_and_has_none(tmp_path: Path) -> None:
    for files in (docker_archive(built(names=())), layout(built(names=()))):
        assert opened(files, tmp_path).names == ()


def test_two_images_without_names_can_be_told_by_digest(tmp_path: Path) -> None:
    files = docker_archive(built(BASE, names=()), built(TOP, names=()))

    error = refused(AmbiguousImage, files, tmp_path)

    wanted = digest(built(TOP, names=()).config)
    assert wanted in (error.hint or "")
    assert opened(files, tmp_path, f"@{wanted}").image_id == wanted


def test_containerds_full_name_is_a_name(tmp_path: Path) -> None:
    blobs = image_blobs(ONE)
    notes = {
        "io.containerd.image.name": "docker.io/library/one:1",
        "org.opencontainers.image.ref.name": "1",
    }
    files = layout_of(blobs, descriptor(manifest_of(blobs), MANIFEST, annotations=notes))

    for wanted in ("one:1", "docker.io/library/one:1"):
        assert opened(files, tmp_path, wanted).image_id == digest(ONE.config)


def test_the_name_of_an_index_names_what_is_in_it(tmp_path: Path) -> None:
    """Also where the manifest in it has a name of its own, as in a registry's copy."""
    files = platforms("linux/s390x", each=named("inner"))

    for wanted in ("app:1", "inner"):
        assert opened(files, tmp_path, wanted).platform == Platform(os="linux", architecture="s390x")


def test_case_89_both_manifests_of_a_hybrid_archive_give_names_to_one_image(tmp_path: Path) -> None:
    files = hybrid(ONE)
    blobs = image_blobs(ONE)
    files["index.json"] = index(descriptor(manifest_of(blobs), MANIFEST))

    image = opened(files, tmp_path, "one:1")

    assert image.names == ("one:1", "one:latest")
    assert image.digest == digest(manifest_of(blobs))
    assert image.diagnostics == ()


def test_case_89_manifests_that_describe_different_images_are_noted(tmp_path: Path) -> None:
    files = hybrid(ONE)
    other = docker_archive(TWO)

    image = opened(files | other, tmp_path)

    assert image.image_id == digest(ONE.config)
    assert [remark.code for remark in image.diagnostics] == ["two-manifests"]


@pytest.mark.parametrize("manifests", [None, []])
def test_case_95_an_index_without_manifests_is_made_up_for_by_manifest_json(
    manifests: list[Json] | None, tmp_path: Path
) -> None:
    """As ``docker save`` of a digest wrote ``"manifests": null`` (moby#47210)."""
    files = hybrid(ONE) | {"index.json": encoded({"schemaVersion": 2, "manifests": manifests})}

    assert opened(files, tmp_path, "one:1").image_id == digest(ONE.config)


def test_an_index_whose_manifests_are_all_absent_is_made_up_for_by_manifest_json(tmp_path: Path) -> None:
    files = hybrid(ONE) | {"index.json": index(descriptor(b"absent", MANIFEST))}

    assert opened(files, tmp_path).image_id == digest(ONE.config)


# Docker before 1.10


def test_case_88_a_v1_archive_names_its_images(tmp_path: Path) -> None:
    files = v1_archive(built(BASE, TOP, names=("old:1", "old:latest", "other/name:2")))

    for wanted in (None, "old:1", "old", "other/name:2"):
        image = opened(files, tmp_path, wanted)

        assert set(image.names) == {"old:1", "old:latest", "other/name:2"}
        assert [layer.history and layer.history.created_by for layer in image.layers] == ["step 0", "step 1"]


def test_case_88_a_v1_archive_without_repositories_is_read_from_its_top_layer(tmp_path: Path) -> None:
    image = opened(v1_archive(built(BASE, TOP), repositories=False), tmp_path)

    assert (len(image.layers), image.names, image.complete) == (2, (), True)


def test_case_88_two_v1_images_without_names_are_ambiguous(tmp_path: Path) -> None:
    first = v1_archive(built(BASE, TOP), repositories=False)
    second = v1_archive(built(TOP, BASE), repositories=False)

    refused(AmbiguousImage, first | second, tmp_path)


def test_a_manifest_list_of_docker_is_an_index(tmp_path: Path) -> None:
    kind = "application/vnd.docker.distribution.manifest.v2+json"
    document = manifest(ONE, mediaType=kind)
    blobs: Files = {blob_path(blob): blob for blob in (*ONE.layers, ONE.config, document)}
    inner = index(
        descriptor(document, kind), mediaType="application/vnd.docker.distribution.manifest.list.v2+json"
    )
    top = descriptor(inner, "application/vnd.docker.distribution.manifest.list.v2+json")

    image = opened(layout_of(blobs | {blob_path(inner): inner}, top), tmp_path)

    assert [layer.descriptor and layer.descriptor.media_type for layer in image.layers] == [LAYER]
