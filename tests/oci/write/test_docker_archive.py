"""The archive for ``docker load``: documents, layers, names."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
from pathlib import Path

import pytest
import zstandard

from tests.oci.build import (
    BASE,
    LAYERS,
    TOP,
    Files,
    built,
    docker_archive,
    hexed,
    hybrid,
    layout,
    v1_archive,
)
from tests.oci.write.outputs import content_of, docker_image, exported
from tests.sources.images import packed

IMAGE = built()
GZIPPED = tuple(gzip.compress(layer, mtime=0) for layer in LAYERS)
MIXED = (gzip.compress(LAYERS[0]), zstandard.compress(LAYERS[1]), lzma.compress(LAYERS[2]))
SOURCES: dict[str, Files] = {
    "docker-archive": docker_archive(IMAGE),
    "layout": layout(IMAGE),
    "hybrid": hybrid(IMAGE),
    "gzip": layout(IMAGE, stored=GZIPPED),
    "mixed": layout(IMAGE, stored=MIXED),
    "bzip2": layout(IMAGE, stored=[bz2.compress(layer) for layer in LAYERS]),
    "sha512": layout(IMAGE, algorithm="sha512"),
}


@pytest.mark.parametrize("source", SOURCES)
def test_the_config_is_unchanged_and_the_layers_are_plain_and_in_order(source: str, tmp_path: Path) -> None:
    _, content = exported(packed(tmp_path / "in.tar", SOURCES[source]), "docker-archive", tmp_path)

    entry, config, layers = docker_image(content)
    assert config == IMAGE.config
    assert layers == list(LAYERS)
    assert entry["Config"] == f"{hexed(IMAGE.config)}.json"
    assert entry["Layers"] == [f"{hexed(layer)}.tar" for layer in LAYERS]
    assert entry["RepoTags"] == ["docker.io/library/app:1"]
    assert set(content) == {"manifest.json", entry["Config"], *entry["Layers"]}


def test_a_layer_that_comes_twice_is_stored_once(tmp_path: Path) -> None:
    image = packed(tmp_path / "in.tar", docker_archive(built(BASE, TOP, BASE, TOP)))

    _, content = exported(image, "docker-archive", tmp_path)

    _, _, layers = docker_image(content)
    assert layers == [BASE, TOP, BASE, TOP]
    assert len(content) == 2 + 2


def test_an_image_without_layers_is_written(tmp_path: Path) -> None:
    image = built(BASE, rootfs={"type": "layers", "diff_ids": []}, history=[])._replace(layers=())

    _, content = exported(packed(tmp_path / "in.tar", docker_archive(image)), "docker-archive", tmp_path)

    assert docker_image(content)[1:] == (image.config, [])


@pytest.mark.parametrize("given", [("b:2", "a:1", "ghcr.io/team/app"), ("ghcr.io/team/app", "b:2", "a:1")])
def test_given_names_replace_those_it_has_in_one_order(given: tuple[str, ...], tmp_path: Path) -> None:
    image = packed(tmp_path / "in.tar", SOURCES["layout"])

    said, content = exported(image, "docker-archive", tmp_path, names=given)

    assert docker_image(content)[0]["RepoTags"] == [
        *("docker.io/library/a:1", "docker.io/library/b:2", "ghcr.io/team/app:latest")
    ]
    assert said.names == ("a:1", "b:2", "ghcr.io/team/app:latest")


def test_names_are_written_with_their_hosts(tmp_path: Path) -> None:
    names = ("docker.io/library/app:1", "localhost/app:2", "docker.io/team/app:3", "127.0.0.1:5000/app:4")
    image = packed(tmp_path / "in.tar", layout(built(names=names)))

    _, content = exported(image, "docker-archive", tmp_path)

    assert docker_image(content)[0]["RepoTags"] == [
        *("127.0.0.1:5000/app:4", "docker.io/library/app:1", "docker.io/team/app:3", "localhost/app:2")
    ]


def test_a_layouts_own_word_is_no_name_here_and_that_is_said(tmp_path: Path) -> None:
    """A layout's ``latest`` would become the image latest:latest."""
    image = packed(tmp_path / "in.tar", layout(built(names=("latest",))))

    said, content = exported(image, "docker-archive", tmp_path)

    assert docker_image(content)[0]["RepoTags"] is None
    assert any("latest" in note and "--name" in note for note in said.notes)


def test_an_archive_of_old_docker_gets_a_config_with_computed_diff_ids(tmp_path: Path) -> None:
    said, content = exported(packed(tmp_path / "in.tar", v1_archive(IMAGE)), "docker-archive", tmp_path)

    _, config, layers = docker_image(content)
    document = json.loads(config)
    assert layers == list(LAYERS)
    assert document["rootfs"]["diff_ids"] == [f"sha256:{hexed(layer)}" for layer in LAYERS]
    assert document["config"] == {"Env": ["PATH=/bin"]}
    assert [step["created_by"] for step in document["history"]] == ["step 0", "step 1", "step 2"]
    assert (document["os"], document["architecture"]) == ("linux", "amd64")
    assert any("config" in note for note in said.notes)


def test_exporting_an_export_gives_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    exported(packed(tmp_path / "in.tar", SOURCES["mixed"]), "docker-archive", tmp_path)

    exported(tmp_path / "out.tar", "docker-archive", tmp_path / "again")

    assert (tmp_path / "again/out.tar").read_bytes() == (tmp_path / "out.tar").read_bytes()
    assert len(content_of(tmp_path / "out.tar")) == 5


def test_the_same_image_gives_the_same_bytes_wherever_it_was(tmp_path: Path) -> None:
    outputs = set()
    for source, files in SOURCES.items():
        folder = tmp_path / source
        folder.mkdir()
        exported(packed(folder / "in.tar", files), "docker-archive", folder)
        outputs.add((folder / "out.tar").read_bytes())

    assert len(outputs) == 1
