"""Images in a registry, seen as a layout: manifests, indexes, platforms, what is fetched and what is not."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from layerscope.distribution.layout import RegistryBlobs
from layerscope.distribution.patience import Patience
from layerscope.errors import (
    BlobMismatch,
    ImageError,
    PlatformNotFound,
    SourceError,
)
from layerscope.extensions import ScanOptions
from layerscope.model.platform import own_platform, parse_platform
from layerscope.oci.opened import OpenedBlobs
from tests.distribution.reading import connected, opened, read
from tests.distribution.server import FakeRegistry
from tests.oci.build import (
    INDEX,
    LAYER,
    MANIFEST,
    Built,
    as_tar,
    built,
    descriptor,
    digest,
    encoded,
    image_blobs,
    index,
    layout,
    manifest_of,
    open_tar,
)
from tests.oci.build import contents as contents_of
from tests.oci.tar.raw import END, member

DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
PLATFORMS = ("linux/amd64", "linux/arm64", "linux/arm/v7", "windows/amd64")


def for_platform(name: str) -> Built:
    """An image whose content tells its platform."""
    platform = parse_platform(name)
    return built(member(name.encode(), b"x") + END, os=platform.os, cpu=platform.architecture)


def hold_index(registry: FakeRegistry, *names: str, media_type: str = INDEX) -> bytes:
    """An index of images for these platforms and of an attestation for each, as BuildKit pushes it."""
    items: list[Any] = []
    for name in names:
        manifest = registry.hold_image(f"team/app:{name.replace('/', '-')}", for_platform(name))
        system, architecture, *variant = name.split("/")
        platform = {"os": system, "architecture": architecture} | ({"variant": variant[0]} if variant else {})
        items.append(descriptor(manifest, MANIFEST, platform=platform))
    for name in names:
        unknown = {"os": "unknown", "architecture": "unknown"}
        about = {"vnd.docker.reference.type": "attestation-manifest"}
        items.append(descriptor(name.encode(), MANIFEST, platform=unknown, annotations=about))
    document = index(*items, mediaType=media_type)
    registry.manifests["team/app/1"] = registry.manifests[f"team/app/{digest(document)}"] = (
        media_type,
        document,
    )
    return document


def fetched_manifests(registry: FakeRegistry) -> list[str]:
    """What was asked for below ``manifests``."""
    return [seen.path.rpartition("/")[2] for seen in registry.asked("/manifests/")]


@pytest.mark.parametrize("media_type", [MANIFEST, DOCKER_MANIFEST])
def test_an_image_is_what_it_is_in_an_archive(
    media_type: str, registry: FakeRegistry, tmp_path: Path
) -> None:
    image = built(names=[f"{registry.host}/team/app:1"])
    registry.hold("team/app:1", image_blobs(image), media_type)

    found, layers = read(registry.host)

    expected, expected_layers = contents_of(open_tar(as_tar(layout(image)), tmp_path))
    assert found == expected
    assert [layer.entries for layer in layers] == [layer.entries for layer in expected_layers]
    assert layers == expected_layers


def test_a_single_image_is_taken_whatever_its_platform(registry: FakeRegistry) -> None:
    registry.hold_image("team/app:1", built(cpu="s390x"))

    with opened(registry.host) as image:
        assert str(image.image.platform) == "linux/s390x"


def test_a_platform_that_is_asked_for_is_strict(registry: FakeRegistry) -> None:
    registry.hold_image("team/app:1", built(cpu="s390x"))

    with (
        pytest.raises(PlatformNotFound, match="linux/arm64"),
        opened(registry.host, platform=parse_platform("linux/arm64")),
    ):
        pass


@pytest.mark.parametrize("media_type", [INDEX, DOCKER_LIST])
@pytest.mark.parametrize("wanted", PLATFORMS)
def test_of_an_index_only_one_manifest_is_fetched(
    wanted: str, media_type: str, registry: FakeRegistry
) -> None:
    hold_index(registry, *PLATFORMS, media_type=media_type)

    with opened(registry.host, platform=parse_platform(wanted)) as image:
        [layer] = [image.read_layer(layer) for layer in image.image.layers]

    assert [entry.path for entry in layer.entries] == [wanted]
    assert len(fetched_manifests(registry)) == 2
    assert len(registry.asked("/blobs/")) == 2
    assert image.image.names == (f"{registry.host}/team/app:1",)


def test_without_a_platform_it_is_that_of_this_machine(registry: FakeRegistry) -> None:
    own = f"linux/{own_platform().architecture}"
    hold_index(registry, "windows/amd64", "linux/s390x", own)

    with opened(registry.host) as image:
        assert str(image.image.platform) == own


def test_where_no_platform_fits_those_that_are_there_are_listed(registry: FakeRegistry) -> None:
    hold_index(registry, "linux/s390x", "linux/ppc64le")

    for platform in (None, parse_platform("linux/arm64")):
        with (
            pytest.raises(PlatformNotFound) as raised,
            opened(registry.host, platform=platform),
        ):
            pass

        assert raised.value.exit_code == 3
        assert raised.value.hint is not None
        assert "linux/s390x" in raised.value.hint
        assert "linux/ppc64le" in raised.value.hint
        assert "unknown" not in raised.value.hint


def test_what_an_index_names_without_a_type_is_a_manifest(registry: FakeRegistry) -> None:
    manifest = registry.hold_image("team/app:one", built())
    item = {"digest": digest(manifest), "size": len(manifest)}
    registry.manifests["team/app/1"] = INDEX, index(item)

    with opened(registry.host) as image:
        assert len(image.image.layers) == 3
    assert fetched_manifests(registry) == ["1", digest(manifest)]


def test_an_index_in_an_index_is_opened(registry: FakeRegistry) -> None:
    inner = hold_index(registry, "linux/amd64", "linux/arm64")
    outer = index(descriptor(inner, INDEX))
    registry.manifests["team/app/1"] = INDEX, outer

    with opened(registry.host, platform=parse_platform("linux/arm64")) as image:
        assert str(image.image.platform) == "linux/arm64"


def test_a_sparse_index_will_do_where_the_platform_is_there(registry: FakeRegistry) -> None:
    """Mirrors often copy one platform and keep the index as it is."""
    hold_index(registry, "linux/amd64", "linux/arm64")
    registry.manifests.pop(f"team/app/{digest(manifest_of(image_blobs(for_platform('linux/arm64'))))}")

    with opened(registry.host, platform=parse_platform("linux/amd64")) as image:
        assert len(image.image.layers) == 1
    with (
        pytest.raises(ImageError, match="does not have the manifest"),
        opened(registry.host, platform=parse_platform("linux/arm64")),
    ):
        pass


@pytest.mark.parametrize("tag", ["", ":1"])
def test_a_pull_by_digest_gives_what_has_it(tag: str, registry: FakeRegistry) -> None:
    image = built()
    manifest = registry.hold_image("team/app:1", image)
    registry.hold_image("team/app:2", built(member(b"other", b"x") + END))

    with opened(registry.host, f"team/app{tag}@{digest(manifest)}") as image_opened:
        assert image_opened.image.digest == digest(manifest)
        assert len(image_opened.image.layers) == len(image.layers)
    assert fetched_manifests(registry) == [digest(manifest)]


def test_a_pull_by_digest_takes_nothing_else(registry: FakeRegistry) -> None:
    manifest = registry.hold_image("team/app:1", built())
    other = manifest_of(image_blobs(built(member(b"other", b"x") + END)))
    registry.manifests[f"team/app/{digest(manifest)}"] = MANIFEST, other

    with (
        pytest.raises(BlobMismatch, match="has digest"),
        opened(registry.host, f"team/app@{digest(manifest)}"),
    ):
        pass


def foreign(layer: bytes) -> bytes:
    """A manifest with an own layer and one that is said to be elsewhere."""
    image = built(layer, layer + END)
    config = descriptor(image.config, "application/vnd.oci.image.config.v1+json")
    items = [
        descriptor(image.layers[0], LAYER),
        descriptor(image.layers[1], LAYER, urls=["https://storage.example/layer"]),
    ]
    return encoded({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": items})


@pytest.mark.parametrize("held", [True, False])
def test_a_foreign_layer_is_read_only_from_the_registry_itself(held: bool, registry: FakeRegistry) -> None:  # noqa: FBT001
    own = member(b"a", b"x") + END
    image = built(own, own + END)
    for blob in (own, image.config, *([own + END] if held else [])):
        registry.blobs[digest(blob)] = blob
    registry.manifests["team/app/1"] = MANIFEST, foreign(own)

    found, layers = read(registry.host)

    missing = found.layers[1].missing
    assert len(layers) == 2 if held else 1
    assert found.complete == held
    assert missing is None if held else "https://storage.example/layer" in (missing or "")
    assert len([seen for seen in registry.seen if seen.method == "HEAD"]) == 1


class Keeping:
    """A keeper in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def begin(self, name: str) -> BinaryIO:
        """A file for a blob."""
        return (self.folder / name.rpartition("/")[2]).open("wb")

    def open(self, name: str) -> BinaryIO:
        """That file."""
        return (self.folder / name.rpartition("/")[2]).open("rb")


@pytest.mark.parametrize("kept", [True, False])
def test_a_layer_is_there_once_more_from_the_keeper_or_the_registry(
    kept: bool,  # noqa: FBT001
    registry: FakeRegistry,
    tmp_path: Path,
) -> None:
    image = built()
    registry.hold_image("team/app:1", image)
    options = ScanOptions(keeper=Keeping(tmp_path) if kept else None)

    with connected(registry.host) as client:
        found = OpenedBlobs(RegistryBlobs(client, None, options), None, None, "x")
        for layer in found.image.layers:
            found.read_layer(layer)
        before = len(registry.asked("/blobs/"))
        with closing(found.open_layer(found.image.layers[0])) as stored:
            again = stored.read()

    assert again == image.layers[0]
    assert len(registry.asked("/blobs/")) - before == (0 if kept else 1)


def test_an_index_by_digest_is_that_index(registry: FakeRegistry) -> None:
    document = hold_index(registry, "linux/amd64", "linux/arm64")
    registry.manifests[f"team/app/{digest(document)}"] = INDEX, hold_index(registry, "linux/amd64")

    with (
        pytest.raises(BlobMismatch, match="has digest"),
        opened(registry.host, f"team/app@{digest(document)}", platform=parse_platform("linux/amd64")),
    ):
        pass


def test_layers_are_for_this_process_and_several_threads(registry: FakeRegistry) -> None:
    registry.hold_image("team/app:1", built())

    with opened(registry.host) as image:
        assert [image.job(layer) for layer in image.image.layers] == [None] * 3
        assert image.streams > 1


def test_a_failure_ends_what_other_threads_wait_for(registry: FakeRegistry) -> None:
    """Or whoever reads several layers would wait for the slowest before being told."""
    image = built()
    registry.hold_image("team/app:1", image)
    registry.blobs[digest(image.layers[0])] = b"short"

    with opened(registry.host, patience=Patience()) as found:
        with pytest.raises(BlobMismatch):
            found.read_layer(found.image.layers[0])
        with pytest.raises(SourceError, match="stopped"):
            found.read_layer(found.image.layers[1])


def test_what_is_accepted_names_every_kind_of_manifest(registry: FakeRegistry) -> None:
    registry.hold_image("team/app:1", built())
    with opened(registry.host):
        pass

    accepted = registry.asked("/manifests/")[0].headers["accept"].split(", ")

    assert sorted(accepted) == sorted([MANIFEST, INDEX, DOCKER_MANIFEST, DOCKER_LIST])


def test_nothing_is_asked_for_compressed(registry: FakeRegistry) -> None:
    registry.hold_image("team/app:1", built())
    read(registry.host)

    assert {seen.headers["accept-encoding"] for seen in registry.seen} == {"identity"}


def test_the_index_is_json_that_names_the_whole_reference(registry: FakeRegistry) -> None:
    registry.hold_image("team/app:1", built())

    with connected(registry.host) as client:
        blobs = RegistryBlobs(client, None, ScanOptions())

    [item] = json.loads(blobs.read("index.json"))["manifests"]
    assert item["annotations"] == {"org.opencontainers.image.ref.name": f"{registry.host}/team/app:1"}
