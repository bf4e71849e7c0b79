"""OCI layouts: the manifest kept or made, index.json, and what lets old engines load them."""

from __future__ import annotations

import bz2
import gzip
import json
from pathlib import Path

import pytest
import zstandard

from layerscope.exporter import Format
from tests.oci.build import (
    BASE,
    CONFIG,
    LAYER,
    LAYERS,
    MANIFEST,
    TOP,
    Files,
    Json,
    blob_path,
    built,
    digest,
    docker_archive,
    hybrid,
    inline,
    layout,
    layout_of,
    manifest,
)
from tests.oci.write.outputs import blob_of, docker_image, docker_layout, exported, oci_image
from tests.sources.images import packed

IMAGE = built()
GZIPPED = tuple(gzip.compress(layer, mtime=0) for layer in LAYERS)
ZSTD = tuple(zstandard.compress(layer) for layer in LAYERS)
# What is stored, by what the source is.
KEPT: dict[str, tuple[Files, tuple[bytes, ...]]] = {
    "plain": (layout(IMAGE), LAYERS),
    "hybrid": (hybrid(IMAGE), LAYERS),
    "gzip": (layout(IMAGE, stored=GZIPPED), GZIPPED),
    "zstd": (layout(IMAGE, stored=ZSTD), ZSTD),
    "sha512": (layout(IMAGE, algorithm="sha512", stored=GZIPPED), GZIPPED),
}
FORMATS: list[Format] = ["oci-archive", "oci"]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("source", KEPT)
def test_an_oci_manifest_and_its_blobs_stay_as_they_are(source: str, form: Format, tmp_path: Path) -> None:
    files, stored = KEPT[source]
    place = blob_of(json.loads(bytes_of(files, "index.json"))["manifests"][0])

    said, content = exported(packed(tmp_path / "in.tar", files), form, tmp_path)

    assert oci_image(content) == (files[place], IMAGE.config, list(stored))
    assert said.digest == place.removeprefix("blobs/").replace("/", ":")
    assert said.notes == ()
    assert json.loads(content["oci-layout"]) == {"imageLayoutVersion": "1.0.0"}
    wrong = {name for name in content if name.startswith("blobs/") and not is_named_right(name, content)}
    assert wrong == set()


def bytes_of(files: Files, name: str) -> bytes:
    """A file that is no link."""
    content = files[name]
    assert isinstance(content, bytes)
    return content


def is_named_right(name: str, content: dict[str, bytes]) -> bool:
    """Whether a blob lies where its digest says."""
    return blob_path(content[name], name.split("/")[1]) == name


def test_a_manifest_of_dockers_is_converted_and_that_is_said(tmp_path: Path) -> None:
    stored = [(LAYERS[0], ""), (GZIPPED[1], ".gzip"), (ZSTD[2], ".zstd")]
    image = packed(tmp_path / "in.tar", docker_layout(IMAGE, stored))

    said, content = exported(image, "oci-archive", tmp_path)

    raw, config, layers = oci_image(content)
    document = json.loads(raw)
    assert config == IMAGE.config
    assert layers == [blob for blob, _ in stored]
    assert (document["mediaType"], document["config"]["mediaType"]) == (MANIFEST, CONFIG)
    assert [layer["mediaType"] for layer in document["layers"]] == [LAYER, f"{LAYER}+gzip", f"{LAYER}+zstd"]
    assert said.digest == digest(raw)
    assert any("Docker" in note for note in said.notes)


def test_the_media_type_tells_what_the_bytes_are_and_not_what_docker_said(tmp_path: Path) -> None:
    image = packed(tmp_path / "in.tar", docker_layout(IMAGE, [(layer, ".gzip") for layer in LAYERS]))

    _, content = exported(image, "oci-archive", tmp_path)

    assert {layer["mediaType"] for layer in json.loads(oci_image(content)[0])["layers"]} == {LAYER}


def test_a_docker_archive_gets_a_manifest_of_its_layers_as_stored(tmp_path: Path) -> None:
    files = docker_archive(IMAGE)
    [place] = [name for name, content in files.items() if content == LAYERS[1]]
    files[place] = GZIPPED[1]

    _, content = exported(packed(tmp_path / "in.tar", files), "oci-archive", tmp_path)

    raw, config, layers = oci_image(content)
    document = json.loads(raw)
    assert config == IMAGE.config
    assert layers == [LAYERS[0], GZIPPED[1], LAYERS[2]]
    assert [layer["mediaType"] for layer in document["layers"]] == [LAYER, f"{LAYER}+gzip", LAYER]
    assert [layer["size"] for layer in document["layers"]] == [len(layer) for layer in layers]


def test_a_layer_whose_compression_oci_does_not_know_is_unpacked(tmp_path: Path) -> None:
    files = docker_archive(IMAGE)
    [place] = [name for name, content in files.items() if content == LAYERS[1]]
    files[place] = bz2.compress(LAYERS[1])

    _, content = exported(packed(tmp_path / "in.tar", files), "oci-archive", tmp_path)

    assert oci_image(content)[2] == list(LAYERS)
    assert {layer["mediaType"] for layer in json.loads(oci_image(content)[0])["layers"]} == {LAYER}


def test_blobs_that_descriptors_hold_become_files(tmp_path: Path) -> None:
    image = built(BASE, TOP)
    raw = manifest(
        image, config=inline(image.config, CONFIG), layers=[inline(BASE, LAYER), inline(TOP, LAYER)]
    )
    files = layout_of({}, inline(raw, MANIFEST))

    _, content = exported(packed(tmp_path / "in.tar", files), "oci-archive", tmp_path)

    assert oci_image(content) == (raw, image.config, [BASE, TOP])


def test_annotations_of_layers_outlive_a_conversion(tmp_path: Path) -> None:
    """The table of contents of zstd:chunked is found by them."""
    files = docker_layout(built(BASE), [(BASE, "")])
    place = blob_of(json.loads(bytes_of(files, "index.json"))["manifests"][0])
    document = json.loads(bytes_of(files, place))
    document["layers"][0]["annotations"] = {"io.example.toc": "1"}
    raw = json.dumps(document).encode()
    item = {"mediaType": document["mediaType"], "digest": digest(raw), "size": len(raw)}
    files = layout_of({**files, blob_path(raw): raw}, item)

    _, content = exported(packed(tmp_path / "in.tar", files), "oci", tmp_path)

    assert json.loads(oci_image(content)[0])["layers"][0]["annotations"] == {"io.example.toc": "1"}


def test_every_name_has_its_entry_in_the_index(tmp_path: Path) -> None:
    image = packed(tmp_path / "in.tar", docker_archive(built(names=("b:2", "ghcr.io/team/a:1"))))

    said, content = exported(image, "oci", tmp_path)

    index = json.loads(content["index.json"])
    assert [item["annotations"] for item in index["manifests"]] == [
        {
            "io.containerd.image.name": "docker.io/library/b:2",
            "org.opencontainers.image.ref.name": "2",
        },
        {
            "io.containerd.image.name": "ghcr.io/team/a:1",
            "org.opencontainers.image.ref.name": "1",
        },
    ]
    assert said.names == ("b:2", "ghcr.io/team/a:1")


def test_a_layouts_own_word_stays(tmp_path: Path) -> None:
    image = packed(tmp_path / "in.tar", layout(built(names=("latest",))))

    _, content = exported(image, "oci", tmp_path)

    [item] = json.loads(content["index.json"])["manifests"]
    assert item["annotations"] == {"org.opencontainers.image.ref.name": "latest"}


def test_an_image_without_a_name_has_one_entry_without_annotations(tmp_path: Path) -> None:
    image = packed(tmp_path / "in.tar", docker_archive(built(names=())))

    said, content = exported(image, "oci", tmp_path)

    [item] = json.loads(content["index.json"])["manifests"]
    assert "annotations" not in item
    assert any("no name" in note for note in said.notes)


def test_the_index_tells_the_whole_platform(tmp_path: Path) -> None:
    more: Json = {"variant": "v1", "os.version": "10.0.20348", "os.features": ["win32k"]}
    image = built(os="windows", **more)

    _, content = exported(packed(tmp_path / "in.tar", docker_archive(image)), "oci", tmp_path)

    [item] = json.loads(content["index.json"])["manifests"]
    assert item["platform"] == {
        "architecture": "amd64",
        "os": "windows",
        "os.version": "10.0.20348",
        "os.features": ["win32k"],
        "variant": "v1",
    }


@pytest.mark.parametrize("source", ["plain", "gzip", "hybrid"])
def test_an_archive_also_has_what_old_engines_load(source: str, tmp_path: Path) -> None:
    files, stored = KEPT[source]

    _, content = exported(packed(tmp_path / "in.tar", files), "oci-archive", tmp_path)

    entry, config, layers = docker_image(content)
    assert (config, layers) == (IMAGE.config, list(stored))
    assert entry["RepoTags"] == ["docker.io/library/app:1"]


def test_what_old_engines_could_not_load_is_not_offered_to_them(tmp_path: Path) -> None:
    """One layer in zstd is enough."""
    files = layout(IMAGE, stored=[*GZIPPED[:2], ZSTD[2]])

    _, content = exported(packed(tmp_path / "in.tar", files), "oci-archive", tmp_path)

    assert "manifest.json" not in content


def test_a_folder_is_a_layout_and_nothing_else(tmp_path: Path) -> None:
    _, content = exported(packed(tmp_path / "in.tar", KEPT["gzip"][0]), "oci", tmp_path)

    assert {name.partition("/")[0] for name in content} == {"oci-layout", "index.json", "blobs"}


@pytest.mark.parametrize("form", FORMATS)
def test_a_blob_that_comes_twice_is_stored_once(form: Format, tmp_path: Path) -> None:
    image = packed(tmp_path / "in.tar", docker_archive(built(BASE, TOP, BASE)))

    _, content = exported(image, form, tmp_path)

    assert oci_image(content)[2] == [BASE, TOP, BASE]
    assert len([name for name in content if name.startswith("blobs/")]) == 4


@pytest.mark.parametrize("source", ["docker-archive", *KEPT])
def test_exporting_an_export_gives_the_same_bytes(source: str, tmp_path: Path) -> None:
    files = docker_archive(IMAGE) if source == "docker-archive" else KEPT[source][0]
    (tmp_path / "again").mkdir()
    exported(packed(tmp_path / "in.tar", files), "oci-archive", tmp_path)

    exported(tmp_path / "out.oci.tar", "oci-archive", tmp_path / "again")

    assert (tmp_path / "again/out.oci.tar").read_bytes() == (tmp_path / "out.oci.tar").read_bytes()
