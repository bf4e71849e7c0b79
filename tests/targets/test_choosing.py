"""Which target an output means."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerscope.errors import SourceError, UsageError
from layerscope.loading import load
from layerscope.targets import docker, docker_archive, oci_archive, oci_layout, podman, registry
from layerscope.targets.choosing import choose_target, keeps_compression

TARGETS = (docker, docker_archive, oci_archive, oci_layout, podman, registry)


def test_every_target_is_found_by_its_scheme() -> None:
    found = {scheme: choose_target(f"{scheme}:somewhere") for scheme in load("target")}

    assert found == {module.TARGET.id: (module.TARGET, "somewhere") for module in TARGETS}


@pytest.mark.parametrize(
    ("output", "target", "place"),
    [
        ("out.tar", "docker-archive", "out.tar"),
        ("out", "docker-archive", "out"),
        ("out.oci.tar", "oci-archive", "out.oci.tar"),
        ("out.oci", "oci-archive", "out.oci"),
        ("out/", "oci", "out/"),
        ("-", "docker-archive", "-"),
        ("oci:out", "oci", "out"),
        ("docker-archive:out.oci.tar", "docker-archive", "out.oci.tar"),
        ("docker:app:1", "docker", "app:1"),
        ("docker://app:1", "docker", "app:1"),
        ("podman:", "podman", ""),
        ("registry:host:5000/app:1", "registry", "host:5000/app:1"),
        ("./docker:app:1", "docker-archive", "./docker:app:1"),
    ],
)
def test_an_output_says_where_it_goes(output: str, target: str, place: str) -> None:
    found, rest = choose_target(output)

    assert (found.id, rest) == (target, place)


def test_a_format_wins_over_an_ending() -> None:
    found, place = choose_target("out.tar.gz", "oci")

    assert (found.id, place) == ("oci", "out.tar.gz")


@pytest.mark.parametrize(
    ("output", "form"), [("out.tar.gz", None), ("docker:app", "oci"), ("out.tar", "no-such-format")]
)
def test_what_contradicts_itself_is_refused(output: str, form: str | None) -> None:
    with pytest.raises(UsageError):
        choose_target(output, form)


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("app:1", "localhost/app:1"),
        ("team/app", "localhost/team/app"),
        ("quay.io/app:1", "quay.io/app:1"),
        ("docker.io/library/app:1", "docker.io/library/app:1"),
    ],
)
def test_a_name_without_a_host_is_podmans_own(place: str, name: str) -> None:
    assert podman.TARGET.names(place) == (name,)


@pytest.mark.parametrize("target", [docker, podman, registry])
@pytest.mark.parametrize("place", ["App", f"app@sha256:{'0' * 64}", "app:1 "])
def test_what_is_no_name_with_a_tag_is_refused(target: object, place: str) -> None:
    with pytest.raises(UsageError):
        target.TARGET.names(place)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("form", "kept"), [("docker-archive", False), ("oci-archive", True), ("oci", True), ("registry", True)]
)
def test_layouts_and_registries_keep_layers_as_they_are_stored(form: str, *, kept: bool) -> None:
    assert keeps_compression(form, certain=True) is kept


def test_an_engine_that_does_not_answer_is_taken_for_one_that_unpacks_layers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")

    assert not keeps_compression("docker", certain=False)
    with pytest.raises(SourceError):
        keeps_compression("docker", certain=True)
