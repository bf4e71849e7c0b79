"""``docker-archive:PATH``: what ``docker save`` writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerscope.errors import AmbiguousImage, ImageNotFound
from layerscope.inspection import inspect
from layerscope.sources.docker_archive import SOURCE
from tests.oci.build import built, docker_archive
from tests.oci.tar.raw import member
from tests.sources.images import layer, packed


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """An archive of two images, one of them with two tags."""
    first = built(layer(member(b"a", b"1")), names=["app:1", "localhost/app:latest"])
    second = built(layer(member(b"b", b"22")), names=["other/app:2"])
    return packed(tmp_path / "saved.tar", docker_archive(first, second))


@pytest.mark.parametrize(
    ("wanted", "size_bytes"),
    [("app:1", 1), ("app", 1), ("localhost/app", 1), ("docker.io/library/app:1", 1), ("other/app:2", 2)],
)
def test_a_tag_chooses_however_it_is_spelt(wanted: str, size_bytes: int, image: Path) -> None:
    inspection = inspect(f"docker-archive:{image}:{wanted}")

    assert inspection.analysis.totals.content_bytes == size_bytes


def test_an_image_id_chooses(image: Path) -> None:
    image_id = inspect(f"{image}:other/app:2").image.image_id
    assert image_id is not None

    for wanted in (f"@{image_id}", f":{image_id}", f":{image_id.removeprefix('sha256:')[:12]}"):
        assert inspect(f"{image}{wanted}").analysis.totals.content_bytes == 2


def test_two_images_without_a_choice_are_ambiguous(image: Path) -> None:
    with pytest.raises(AmbiguousImage) as raised:
        inspect(f"docker-archive:{image}")

    assert raised.value.hint is not None
    assert "app:1, localhost/app:latest" in raised.value.hint


@pytest.mark.parametrize("wanted", ["app:2", "ap", "app:", "deadbeef"])
def test_a_tag_that_is_not_there_is_not_found(wanted: str, image: Path) -> None:
    with pytest.raises(ImageNotFound):
        inspect(f"docker-archive:{image}:{wanted}")


def test_the_scheme_alone_claims_nothing() -> None:
    assert SOURCE.id == "docker-archive"
    assert not SOURCE.claims("docker-archive")


def test_an_absent_archive_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(ImageNotFound, match="no such file or folder"):
        inspect(f"docker-archive:{tmp_path}/absent.tar")
