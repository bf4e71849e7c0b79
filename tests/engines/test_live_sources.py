"""The same image from wherever it lives: real engines against the archive that was put into them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from layerscope.errors import ImageNotFound, PlatformNotFound
from layerscope.extensions import Source
from layerscope.inspection import Options, inspect
from layerscope.loading import load
from layerscope.model.platform import parse_platform
from tests.conftest import PROJECT
from tests.engines.ours import listing
from tests.engines.places import (
    ENGINES,
    NAME,
    PLACES,
    Putting,
    in_containerd,
    in_docker,
    in_dockers_containerd_store,
    in_podman,
    in_podmans_socket,
)
from tests.engines.test_live_tools import accounts
from tests.engines.tree import differences

pytestmark = pytest.mark.engine

SAMPLE = PROJECT / "sample_images" / "wasteful.tar"
LEAN = PROJECT / "sample_images" / "lean.tar"
# Docker: another image takes the name.
LOSING = {
    "docker": [["tag", NAME, "shop/api:2.0.0"], ["tag", NAME, "team/app:1"]],  # its names in other tests too
    "podman": [["untag", "docker.io/shop/api:2.0.0"]],
}


@pytest.fixture
def put(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Putting:
    """What it takes to put an archive somewhere."""
    return Putting(request, monkeypatch)


@pytest.fixture(params=PLACES)
def anywhere(request: pytest.FixtureRequest, put: Putting) -> str:
    """The reference of the sample, in each place."""
    return PLACES[request.param](put, SAMPLE)


@pytest.fixture(params=ENGINES)
def in_engine(request: pytest.FixtureRequest, put: Putting) -> str:
    """The reference of the sample, in each engine."""
    return PLACES[request.param](put, SAMPLE)


def source_of(reference: str) -> Source:
    """The source that a reference names."""
    source: Source = load("source")[reference.partition(":")[0]]
    return source


def test_the_same_image_has_an_equal_analysis_wherever_it_is(anywhere: str) -> None:
    assert accounts(anywhere) == accounts(SAMPLE)
    assert differences(listing(anywhere), listing(SAMPLE)) == []


def test_every_layer_is_checked_without_being_asked_to(anywhere: str) -> None:
    found = inspect(anywhere, Options(verify=anywhere.startswith("oci")))  # files are, when asked to

    assert {verified.value for verified in found.verified} == {"diff_id"}
    assert found.image.complete
    assert any(name.endswith(NAME) for name in found.image.names)


def test_an_image_is_listed_and_opened_by_its_id(in_engine: str) -> None:
    source = source_of(in_engine)
    assert source.images is not None
    [listed] = [image for image in source.images() if any(name.endswith(NAME) for name in image.names)]

    by_id = [f"{source.id}:{listed.image_id}", f"{source.id}:{listed.image_id.removeprefix('sha256:')[:12]}"]

    expected = inspect(str(SAMPLE)).image.config
    assert [inspect(reference).image.config for reference in [listed.reference, *by_id]] == [expected] * 3


def test_an_absent_image_is_not_found(in_engine: str) -> None:
    source = source_of(in_engine)

    with pytest.raises(ImageNotFound) as raised:
        inspect(f"{source.id}:shop/apj:1.4.0", Options(pull="never"))

    assert raised.value.hint is not None
    assert NAME in raised.value.hint


def test_a_platform_that_is_not_there_is_not_found(in_engine: str) -> None:
    with pytest.raises(PlatformNotFound) as raised:
        inspect(in_engine, Options(platform=parse_platform("linux/s390x"), pull="never"))

    assert raised.value.hint == "the engine holds it for linux/amd64"


def test_the_platform_that_is_there_is_taken(in_engine: str) -> None:
    found = inspect(in_engine, Options(platform=parse_platform("linux/amd64"), pull="never"))

    assert str(found.image.platform) == "linux/amd64"


def test_doctor_is_told_one_line(in_engine: str) -> None:
    source = source_of(in_engine)
    assert source.reach is not None

    said = source.reach()

    assert said.split()[0].lower() in (source.id, "buildah")
    assert "unknown" not in said
    assert "None" not in said
    assert "\n" not in said


@pytest.mark.parametrize("place", [in_docker, in_podman, in_containerd])
def test_a_missing_image_is_pulled_by_the_engine(
    place: Callable[..., str], put: Putting, loopback_registry: str
) -> None:
    scheme = place(put, SAMPLE).partition(":")[0]
    name = f"{loopback_registry}/pulled/{scheme}:1"
    put.run(
        *("skopeo", "--insecure-policy", "copy", "--quiet", "--dest-tls-verify=false"),
        *(f"docker-archive:{SAMPLE}", f"docker://{name}"),
    )

    with pytest.raises(ImageNotFound):
        inspect(f"{scheme}:{name}", Options(pull="never"))
    pulled = inspect(f"{scheme}:{name}", Options(insecure=True))
    again = inspect(f"{scheme}:{name}", Options(pull="never"))

    assert accounts(f"{scheme}:{name}") == accounts(SAMPLE)
    assert pulled.image == again.image
    assert pulled.image.digest is not None


def test_a_name_that_no_registry_knows_is_not_found(put: Putting, loopback_registry: str) -> None:
    """In the words of three engines."""
    for place in (in_docker, in_podman, in_containerd):
        scheme = place(put, SAMPLE).partition(":")[0]
        with pytest.raises(ImageNotFound, match="cannot be pulled"):
            inspect(f"{scheme}:{loopback_registry}/nobody/knows:1", Options(insecure=True))


@pytest.mark.parametrize("place", [in_docker, in_dockers_containerd_store, in_podman, in_podmans_socket])
def test_an_image_that_lost_its_name_is_listed_and_opened(place: Callable[..., str], put: Putting) -> None:
    source = source_of(place(put, SAMPLE))
    put.run(source.id, "load", "-i", str(LEAN))
    for command in LOSING[source.id]:
        put.run(source.id, *command)
    assert source.images is not None

    nameless = [image.reference for image in source.images() if not image.names]

    assert inspect(str(LEAN)).image.config in [inspect(reference).image.config for reference in nameless]
