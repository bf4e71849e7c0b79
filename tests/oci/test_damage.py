"""Damaged, incomplete and hostile archives: what is missing or wrong is named (91, 92, 95)."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from layerscope.errors import (
    BlobMismatch,
    ImageError,
    IncompleteImage,
    NotAnImage,
)
from tests.oci.build import (
    BASE,
    CONFIG,
    LAYER,
    LAYERS,
    MANIFEST,
    TOP,
    Built,
    Files,
    as_tar,
    blob_path,
    both_ways,
    built,
    changesets,
    contents,
    descriptor,
    docker_archive,
    encoded,
    hybrid,
    image_blobs,
    layout,
    layout_of,
    manifest_of,
    open_pipe,
    open_tar,
    v1_archive,
)
from tests.oci.refusal import error_of
from tests.oci.tar.raw import END, member

FORMATS: dict[str, Callable[[Built], Files]] = {
    "docker archive": docker_archive,
    "layout": layout,
    "hybrid": hybrid,
    "docker v1": v1_archive,
}
formats = pytest.mark.parametrize("archive", FORMATS)


def layer_names(files: Files) -> list[str]:
    """The files that are layers, in order."""
    return [name for name, content in files.items() if content in LAYERS]


# Missing


@formats
@pytest.mark.parametrize("number", [0, 1, 2])
def test_case_91_a_missing_layer_is_named_and_the_others_are_shown(
    archive: str, number: int, tmp_path: Path
) -> None:
    files = FORMATS[archive](built())
    gone = layer_names(files)[number]
    del files[gone]

    for opened in (open_tar(as_tar(files), tmp_path), open_pipe(as_tar(files))):
        image = opened.image
        assert [layer.number for layer in image.layers if layer.missing] == [number]
        assert gone in (image.layers[number].missing or "")
        assert not image.complete
        assert [(r.code, r.layer) for r in image.diagnostics] == [("missing-layer", number)]
        assert len(changesets(opened)) == 2
        with pytest.raises(IncompleteImage, match="is not in the archive"):
            opened.read_layer(image.layers[number])


def test_case_91_a_foreign_layer_is_named_with_its_urls(tmp_path: Path) -> None:
    foreign = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
    url = "https://example.com/windows/base"
    layers = [descriptor(b"far away", foreign, urls=[url]), descriptor(TOP, LAYER)]
    blobs = image_blobs(built(BASE, TOP), layers=layers)

    image = open_tar(as_tar(layout_of(blobs, descriptor(manifest_of(blobs), MANIFEST))), tmp_path).image

    assert url in (image.layers[0].missing or "")
    assert "foreign" in (image.layers[0].missing or "")
    assert image.layers[1].missing is None
    assert not image.complete


@pytest.mark.parametrize("archive", ["docker archive", "layout", "hybrid"])
def test_case_91_a_missing_config_is_noted_and_the_layers_are_shown(archive: str, tmp_path: Path) -> None:
    image = built()
    files = FORMATS[archive](image)
    (gone,) = [name for name, content in files.items() if content == image.config]
    del files[gone]

    found, layers = contents(open_tar(as_tar(files), tmp_path))

    assert "missing-config" in [remark.code for remark in found.diagnostics]
    assert not found.complete
    assert len(layers) == 3
    assert found == contents(open_pipe(as_tar(files)))[0]


def test_case_91_a_missing_manifest_is_an_error_that_names_it(tmp_path: Path) -> None:
    files = layout(built())
    gone = blob_path(manifest_of(image_blobs(built())))
    del files[gone]

    assert isinstance(error_of(as_tar(files), tmp_path, gone), IncompleteImage)


def test_a_missing_parent_in_a_v1_archive_is_named(tmp_path: Path) -> None:
    files = v1_archive(built())
    gone = layer_names(files)[0].replace("layer.tar", "json")
    del files[gone]

    assert isinstance(error_of(as_tar(files), tmp_path, gone), ImageError)


# Other than declared


@pytest.mark.parametrize("part", ["layer", "config", "manifest"])
@pytest.mark.parametrize("difference", [-1, 1, 1 << 40, 1 << 70])
def test_case_92_a_size_that_differs_is_an_error_that_names_the_blob(
    part: str, difference: int, tmp_path: Path
) -> None:
    image = built(BASE)

    def sized(data: bytes, kind: str, name: str) -> dict[str, object]:
        said = descriptor(data, kind)
        return said | ({"size": said["size"] + difference} if name == part else {})

    document = encoded(
        {
            "schemaVersion": 2,
            "config": sized(image.config, CONFIG, "config"),
            "layers": [sized(BASE, LAYER, "layer")],
        }
    )
    files: Files = {blob_path(blob): blob for blob in (BASE, image.config, document)}
    wrong = {"layer": BASE, "config": image.config, "manifest": document}[part]

    tar = as_tar(layout_of(files, sized(document, MANIFEST, "manifest")))

    assert isinstance(error_of(tar, tmp_path, blob_path(wrong), f"size {len(wrong)}"), BlobMismatch)


def test_case_92_a_layer_with_another_digest_is_found_when_verified(tmp_path: Path) -> None:
    files = layout(built(BASE, rootfs=None, history=None))
    other = member(b"else", b"x" * (len(BASE) - 1024 - 512)) + END
    assert len(other) == len(BASE)
    files[blob_path(BASE)] = other

    assert isinstance(error_of(as_tar(files), tmp_path, "has digest"), BlobMismatch)


@formats
def test_case_92_a_layer_with_another_diff_id_is_found_when_verified(archive: str, tmp_path: Path) -> None:
    """Of a v1 archive nothing is known."""
    files = FORMATS[archive](built())
    name = layer_names(files)[1]
    content = files[name]
    assert isinstance(content, bytes)
    files[name] = content.replace(b"x" * 20, b"y" * 20, 1)

    if archive == "docker v1":
        assert len(changesets(open_tar(as_tar(files), tmp_path))) == 3
        return
    assert isinstance(error_of(as_tar(files), tmp_path), BlobMismatch)


@pytest.mark.parametrize("part", ["config", "manifest"])
def test_case_92_a_document_with_another_digest_is_found_when_verified(part: str, tmp_path: Path) -> None:
    """A config that was changed after its digest was taken says other things than were signed."""
    image = built(BASE)
    files = layout(image)
    blob = {"config": image.config, "manifest": manifest_of(image_blobs(image))}[part]
    files[blob_path(blob)] = blob.replace(b": ", b" :", 1)

    error = error_of(as_tar(files), tmp_path, blob_path(blob).rpartition("/")[2])

    assert isinstance(error, BlobMismatch)


@pytest.mark.parametrize("archive", ["docker archive", "layout"])
@pytest.mark.parametrize("diff_ids", [0, 1, 2, 4])
def test_case_92_a_config_that_counts_other_layers_is_noted(
    archive: str, diff_ids: int, tmp_path: Path
) -> None:
    rootfs = {"type": "layers", "diff_ids": [f"sha256:{number:064x}" for number in range(diff_ids)]}

    image, layers = contents(open_tar(as_tar(FORMATS[archive](built(rootfs=rootfs))), tmp_path))

    assert [remark.code for remark in image.diagnostics] == ["layer-count"]
    assert not image.complete
    assert [layer.diff_id for layer in image.layers] == [None] * 3
    assert len(layers) == 3


# Damaged


@formats
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"text, no tar", "not a tar"),
        (b"\x1f\x8b\x08\0garbage", "gzip"),
        (b"hsqs\7\0\0\0squash", "squashfs"),
        (BASE[:2300], "truncated"),
        (b'{"payload": ""}', "not a tar"),
    ],
)
def test_a_damaged_layer_is_an_error_that_names_it(
    archive: str, content: bytes, message: str, tmp_path: Path
) -> None:
    image = built(BASE, TOP)
    files = FORMATS[archive](image)
    name = layer_names(files)[0]
    files = {key: content if key == name else value for key, value in files.items()}
    if archive in ("layout", "hybrid"):
        stored = image_blobs(image, [content, TOP])
        files = layout_of(stored, descriptor(manifest_of(stored), MANIFEST))
        name = blob_path(content)

    assert isinstance(error_of(as_tar(files), tmp_path, message, name), ImageError)


@pytest.mark.parametrize("archive", [docker_archive, layout])
def test_a_damaged_config_matters_only_where_its_image_is_meant(
    archive: Callable[..., Files], tmp_path: Path
) -> None:
    sound, damaged = built(BASE, names=("sound:1",)), Built((TOP,), b'{"rootfs": 7}', ("damaged:1",))
    tar = as_tar(archive(sound, damaged))

    assert open_tar(tar, tmp_path, "sound:1").image.names == ("sound:1",)
    with pytest.raises(ImageError, match="rootfs: expected an object, got 7"):
        open_pipe(tar, "damaged:1")


def test_a_truncated_archive_is_an_error_wherever_it_ends(tmp_path: Path) -> None:
    """At the end of any member too: then what the manifest names is missing."""
    whole = as_tar(layout(built(BASE)))
    for length in range(1, len(whole.rstrip(b"\0")), 301):
        for way in (
            lambda cut: open_tar(cut, tmp_path),
            open_pipe,
            lambda cut: open_pipe(gzip.compress(cut)),
        ):
            with pytest.raises(ImageError):
                way(whole[:length])


def test_a_compressed_archive_that_is_cut_off_is_an_error() -> None:
    whole = gzip.compress(as_tar(docker_archive(built(BASE))), mtime=0)
    for length in range(2, len(whole), 13):
        with pytest.raises(ImageError):
            open_pipe(whole[:length])


# No image


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"etc/passwd": b"", "usr/bin/env": b"", "var/x": b""}, "a root filesystem"),
        ({"oci-layout": b"{}", "refs/latest": b"{}", "blobs/sha256-00": b"{}"}, "before 1.0"),
        ({"README": b"text"}, "neither index.json nor manifest.json"),
        ({}, "neither index.json nor manifest.json"),
        ({"manifest.json": b"[]"}, "lists no images"),
        ({"index.json": b'{"schemaVersion": 2, "manifests": []}'}, "lists no manifests"),
        ({"index.json": b'{"manifests": null}'}, "lists no manifests"),
        ({"index.json": b'{"manifests": null}', "manifest.json": b"[]"}, "no "),
    ],
)
def test_case_95_what_is_no_image_is_said_to_be_none_and_why(
    files: Files, message: str, tmp_path: Path
) -> None:
    error = error_of(as_tar(files), tmp_path, message)

    assert isinstance(error, NotAnImage)
    assert error.exit_code == 4


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"null", "an array of images"),
        (b"{}", "an array of images"),
        (b'{"schemaVersion": 2, "layers": []}', "an array of images"),
        (b'"text"', "an array of images"),
        (b"", "not valid JSON"),
        (b"[", "not valid JSON"),
        (b"\xff\xfe[\0]\0", "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b"[null]", "an object"),
        (b"[[]]", "an object"),
    ],
)
def test_case_95_a_manifest_json_that_is_none_is_named(content: bytes, message: str, tmp_path: Path) -> None:
    error = error_of(as_tar({"manifest.json": content}), tmp_path, "manifest.json", message)

    assert error.exit_code == 4


@pytest.mark.parametrize(
    "data", [b"", b"x", b"text\n" * 500, bytes(10_000), gzip.compress(b"no tar", mtime=0), b"\xff" * 9999]
)
def test_case_95_what_is_no_archive_is_said_to_be_none(data: bytes, tmp_path: Path) -> None:
    for way in both_ways(data, tmp_path):
        with pytest.raises(NotAnImage) as caught:
            way()

        assert caught.value.hint


def test_a_directory_in_the_place_of_a_document_is_no_document(tmp_path: Path) -> None:
    tar = member(b"manifest.json/", typeflag=b"5") + member(b"index.json", typeflag=b"3") + END

    assert isinstance(error_of(tar, tmp_path), NotAnImage)
