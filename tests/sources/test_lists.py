"""What engines' lists do not say, and layerscope asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerscope.engines import api
from layerscope.errors import EngineUnreachable, ImageNotFound
from layerscope.inspection import inspect
from layerscope.sources.docker import SOURCE as DOCKER
from layerscope.sources.podman import SOURCE as PODMAN
from tests.engines.fake_engine import FakeEngine, as_error, as_json, inspected
from tests.oci.build import LAYERS, as_tar, built, docker_archive
from tests.sources.engines import command

IMAGE = built(*LAYERS, names=["app:1"])
ARCHIVE = as_tar(docker_archive(IMAGE))
TWICE = (
    """[{"Id": "ab", "Names": ["app:1"], "Size": 7}, {"Id": "ab", "Names": ["app:1", "app:2"], "Size": 7}]"""
)
TOLD = """[{"Id": "ab", "RootFS": {"Layers": ["sha256:1", "sha256:2"]}}]"""


def held(engine: FakeEngine) -> str:
    """The path at which the engine tells more of the image that it lists."""
    image_id = engine.hold("app:1", IMAGE, ARCHIVE)
    return f"GET /images/{image_id}/json"


def layers_of_images() -> list[int | None]:
    assert DOCKER.images is not None
    return [image.layers for image in DOCKER.images()]


def test_layers_are_counted_by_asking_for_each_image(engine: FakeEngine) -> None:
    engine.answers[held(engine)] = as_json(inspected(IMAGE, RootFS={"Layers": ["sha256:1", "sha256:2"]}))

    assert layers_of_images() == [2]


def test_an_image_that_has_gone_since_has_no_layers(engine: FakeEngine) -> None:
    engine.answers[held(engine)] = as_error(404, "no such image")

    assert layers_of_images() == [None]


def test_nobody_waits_long_for_the_layers(engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    path = held(engine)
    monkeypatch.setattr(api, "_PATIENCE_FOR_LAYERS_S", -1)

    assert layers_of_images() == [None]
    assert engine.paths(path) == []


def test_an_image_that_podman_lists_for_each_of_its_names_is_one(bare: Path) -> None:
    command(bare, "podman", f"case $1 in images) echo '{TWICE}' ;; image) echo '{TOLD}' ;; esac")
    assert PODMAN.images is not None

    images = PODMAN.images()

    assert [(image.names, image.layers) for image in images] == [(("app:1", "app:2"), 2)]


def test_only_the_verdict_of_a_failed_pull_is_repeated(bare: Path) -> None:
    said = "time=now level=warning msg='failed, retrying in 1s'\\nTrying again\\nError: manifest unknown"
    command(bare, "podman", f'case $1 in pull) printf "{said}" >&2; exit 125 ;; image) exit 1 ;; esac')

    with pytest.raises(ImageNotFound) as raised:
        inspect("podman:app:1")

    assert raised.value.message == "podman:app:1: cannot be pulled: Error: manifest unknown"


def test_a_refused_connection_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")

    with pytest.raises(EngineUnreachable, match="Connection refused"):
        inspect("docker:app:1")
