"""Images put into real engines and registries, and what those say of them afterwards."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from layerscope.errors import AccessDenied, EngineUnreachable, WriteError
from layerscope.exporter import Exported, ExportOptions, export
from layerscope.inspection import Options, inspect
from layerscope.loading import load
from layerscope.oci.write.compressing import parse_codec
from layerscope.optimize.optimizing import optimize
from layerscope.optimize.steps import Steps
from layerscope.targets import docker, podman, registry
from layerscope.targets import engines as loading
from tests.conftest import PROJECT
from tests.distribution.conftest import home
from tests.engines.ours import listing
from tests.engines.places import Putting
from tests.engines.registries import PASSWORD, Running, push
from tests.engines.test_live_optimize import files_in_docker
from tests.engines.test_live_registry import log_in, registries, skopeo_inspect, trust
from tests.engines.tolerances import time_of_a_mount_points_parent
from tests.engines.tree import differences

pytestmark = pytest.mark.engine

__all__ = ["home", "registries"]

Tool = Callable[[str], str]
WASTEFUL = PROJECT / "sample_images/wasteful.tar"
LEAN = PROJECT / "sample_images/lean.tar"
STEPS = Steps(prune=True, squash_own=True)


@pytest.fixture(autouse=True)
def temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder for temporary data."""
    monkeypatch.setenv("LAYERSCOPE_TEMP", str(tmp_path / "temp"))


DOCKERS = {"docker": "docker_host", "docker-containerd-store": "docker_containerd_host"}
"""The fixtures that give Docker engines with either store."""


@pytest.fixture(params=[*DOCKERS, "podman", "podman-socket"])
def engine_scheme(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The scheme of an engine that is there."""
    put = Putting(request, monkeypatch)
    if request.param in DOCKERS:
        put.setting("DOCKER_HOST", DOCKERS[request.param])
        return "docker"
    for name, value in request.getfixturevalue("podman_storage").items():
        monkeypatch.setenv(name, value)
    if request.param == "podman":
        monkeypatch.setattr("layerscope.engines.podman.podman_endpoints", list)
    else:
        put.setting("CONTAINER_HOST", "podman_host")
    return "podman"


def put(image: Path | str, target: str, place: str, **how: Any) -> Exported:
    """An image put somewhere as it is."""
    return export(str(image), place, how=ExportOptions(format=target, **how))


def test_an_image_that_was_loaded_is_the_one_that_it_was(engine_scheme: str) -> None:
    said = put(LEAN, engine_scheme, "targets/as-it-is:1", replace=True)

    found = inspect(f"{engine_scheme}:targets/as-it-is:1")
    assert found.image.image_id == said.image_id == inspect(str(LEAN)).image.image_id
    assert differences(listing(f"{engine_scheme}:targets/as-it-is:1"), listing(LEAN)) == []


def test_a_smaller_image_in_an_engine_has_the_same_files(engine_scheme: str) -> None:
    done = optimize(
        str(WASTEFUL),
        STEPS,
        "targets/smaller:1",
        how=ExportOptions(format=engine_scheme, replace=True),
    )

    assert done.exported is not None
    assert done.exported.layers == len(inspect(f"{engine_scheme}:targets/smaller:1").image.layers)
    assert differences(listing(f"{engine_scheme}:targets/smaller:1"), listing(WASTEFUL)) == []


def test_a_docker_that_keeps_blobs_gets_new_layers_compressed(
    docker_containerd_host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With containerd's image store: zstd too, which the classic one does not take."""
    monkeypatch.setenv("DOCKER_HOST", docker_containerd_host)
    steps = msgspec.structs.replace(STEPS, recompress=parse_codec("zstd"))

    done = optimize(str(WASTEFUL), steps, "targets/zstd:1", how=ExportOptions(format="docker", replace=True))

    found = inspect("docker:targets/zstd:1")
    assert [changeset.compression for changeset in found.changesets] == ["zstd"]
    assert [layer.actual.stored_bytes for layer in done.layers if layer.actual is not None] == [
        changeset.compressed_bytes for changeset in found.changesets
    ]
    assert differences(listing("docker:targets/zstd:1"), listing(WASTEFUL)) == []


def test_docker_exports_the_same_files_of_what_was_loaded_into_it(
    docker_host: str, engine: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """By its own export of a container made from each of both."""
    monkeypatch.setenv("DOCKER_HOST", docker_host)
    put(WASTEFUL, "docker", "targets/before:1", replace=True)
    optimize(
        "docker:targets/before:1",
        STEPS,
        "targets/after:1",
        how=ExportOptions(format="docker", replace=True),
    )

    trees = []
    for tag in ("before", "after"):
        (tmp_path / tag).mkdir()
        trees.append(files_in_docker(engine, f"targets/{tag}:1", tmp_path / tag))
    assert len(trees[0]) > 20
    assert differences(trees[1], trees[0], [time_of_a_mount_points_parent]) == []


def test_a_name_that_an_engine_has_is_given_away_only_when_told(engine_scheme: str) -> None:
    put(LEAN, engine_scheme, "targets/taken:1", replace=True)
    before = inspect(f"{engine_scheme}:targets/taken:1").image.image_id

    with pytest.raises(WriteError, match="has an image of this name"):
        put(WASTEFUL, engine_scheme, "targets/taken:1")

    assert inspect(f"{engine_scheme}:targets/taken:1").image.image_id == before
    put(WASTEFUL, engine_scheme, "targets/taken:1", replace=True)
    assert inspect(f"{engine_scheme}:targets/taken:1").image.image_id != before


class Ended(BaseException):
    """As Ctrl-C is."""


def test_a_load_that_is_broken_off_leaves_nothing(
    engine_scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(LEAN, engine_scheme, "targets/other:1", replace=True)
    before = images_of(engine_scheme)
    from layerscope.oci.write import output

    whole = output.archive_blocks

    def broken(*members: Any, **how: Any) -> Iterator[bytes]:
        count = 0
        for block in whole(*members, **how):
            count += len(block)
            if count > 300_000:
                raise Ended
            yield block

    monkeypatch.setattr(output, "archive_blocks", broken)

    with pytest.raises(Ended):
        put(WASTEFUL, engine_scheme, "targets/broken:1")

    assert images_of(engine_scheme) == before


def images_of(scheme: str) -> set[tuple[str, ...]]:
    """All that an engine holds."""
    return {(str(image.image_id), *image.names) for image in load("source")[scheme].images()}


def test_an_engine_that_is_not_there_is_told_before_anything_is_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")

    with pytest.raises(EngineUnreachable):
        put(tmp_path / "not-there.tar", "docker", "app:1")


def test_an_engine_that_has_something_else_afterwards_is_found_out(
    docker_host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", docker_host)
    monkeypatch.setattr(loading, "sha256", lambda _config: "sha256:other")

    with pytest.raises(WriteError, match="but the engine has the image"):
        put(LEAN, "docker", "targets/another:1", replace=True)


def trusted(kind: str, running: Running, tool: Tool, home: Path) -> Running:
    """The registry, after what it takes to be let in."""
    if kind == "password":
        log_in(tool("skopeo"), running, home, "--tls-verify=false")
    if kind == "tls":
        trust(running, home)
    return running


def copied(tool: Tool, running: Running, name: str, folder: Path) -> Any:
    """The manifest that skopeo copies out of a registry; it compares all digests."""
    flags = [f"--src-{flag}" for flag in running.flags]
    command = [tool("skopeo"), "--insecure-policy", "copy", "--quiet", *flags]
    subprocess.run(
        [*command, f"docker://{running.host}/{name}", f"dir:{folder}"], check=True, capture_output=True
    )
    return json.loads((folder / "manifest.json").read_bytes())


@pytest.mark.parametrize("kind", ["plain", "password", "tls"])
def test_skopeo_reads_what_was_pushed(
    kind: str, registries: Callable[[str], Running], tool: Tool, home: Path, tmp_path: Path
) -> None:
    running = trusted(kind, registries(kind), tool, home)

    said = put(WASTEFUL, "registry", f"{running.host}/pushed/{kind}:1")

    manifest = copied(tool, running, f"pushed/{kind}:1", tmp_path / "copy")
    assert manifest["config"]["digest"] == said.image_id
    assert len(manifest["layers"]) == said.layers
    flags = [f"--{flag}" for flag in running.flags]
    command = [tool("skopeo"), "inspect", *flags, f"docker://{running.host}/pushed/{kind}:1"]
    told = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    assert told["Digest"] == said.digest


def test_who_has_no_password_is_told_so_before_anything_is_read(
    registries: Callable[[str], Running], tmp_path: Path
) -> None:
    with pytest.raises(AccessDenied) as caught:
        put(tmp_path / "not-there.tar", "registry", f"{registries('password').host}/pushed/denied:1")

    assert caught.value.exit_code == 3
    assert PASSWORD not in str(caught.value)


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_an_image_from_a_registry_keeps_its_digest_in_another_repository(
    compression: str, registries: Callable[[str], Running], tool: Tool
) -> None:
    running = registries("plain")
    flags = ["--format", "oci" if compression == "zstd" else "v2s2", "--dest-compress-format", compression]
    source = push(tool("skopeo"), f"docker-archive:{LEAN}", running, f"from/{compression}:1", *flags)
    before = json.loads(skopeo_inspect(tool("skopeo"), source))

    said = put(f"registry:{source}", "registry", f"{running.host}/to/{compression}:1")

    after = json.loads(skopeo_inspect(tool("skopeo"), f"{running.host}/to/{compression}:1"))
    assert said.digest == before["Digest"] == after["Digest"]
    assert after["Layers"] == before["Layers"]
    assert said.size_bytes == 0  # all of it was mounted
    assert any("mounted" in note for note in said.notes)


def test_what_a_registry_has_is_not_sent_again(registries: Callable[[str], Running], tool: Tool) -> None:
    """By the registry's own log: one upload for what is new, none for what is there."""
    running = registries("plain")
    source = push(tool("skopeo"), f"docker-archive:{WASTEFUL}", running, "again/app:1", "--format", "oci")
    begun = uploads(running)

    done = optimize(
        f"registry:{source}",
        Steps(squash_own=True),
        f"{running.host}/again/app:2",
        Options(base_layers=1),
        ExportOptions(format="registry"),
    )

    assert done.exported is not None
    layers = inspect(f"registry:{running.host}/again/app:2").image.layers
    assert layers[0].descriptor == inspect(f"registry:{source}").image.layers[0].descriptor
    assert len(layers) == 2
    assert uploads(running) - begun == 3  # the question whether one may push, the new layer, the config
    assert differences(listing(f"registry:{running.host}/again/app:2"), listing(WASTEFUL)) == []


def uploads(running: Running) -> int:
    """How many uploads the registry was asked to begin, by its log."""
    return running.log.read_text().count("POST /v2/")


def test_a_tag_that_is_there_is_replaced_only_when_told(registries: Callable[[str], Running]) -> None:
    place = f"{registries('plain').host}/pushed/taken:1"
    before = put(LEAN, "registry", place)

    with pytest.raises(WriteError, match="has an image of this name"):
        put(WASTEFUL, "registry", place)

    assert inspect(f"registry:{place}").image.digest == before.digest
    put(WASTEFUL, "registry", place, replace=True)
    assert inspect(f"registry:{place}").image.digest != before.digest


def test_a_push_that_is_broken_off_leaves_no_image(
    registries: Callable[[str], Running], monkeypatch: pytest.MonkeyPatch
) -> None:
    from layerscope.distribution.pushing import Push
    from layerscope.errors import ImageNotFound

    place = f"{registries('plain').host}/pushed/broken:1"
    sent = Push.blob

    def broken(self: Push, member: Any) -> None:
        if self.tally.sent == 3:
            raise Ended
        sent(self, member)

    monkeypatch.setattr(Push, "blob", broken)

    with pytest.raises(Ended):
        put(WASTEFUL, "registry", place)

    with pytest.raises(ImageNotFound):
        inspect(f"registry:{place}")


def test_docker_pulls_what_was_pushed(registries: Callable[[str], Running], engine: Any) -> None:
    running = registries("plain")
    said = put(LEAN, "registry", f"{running.host}/pushed/for-docker:1", replace=True)

    list(engine.pull(f"{running.host}/pushed/for-docker", tag="1", stream=True, decode=True))

    assert engine.inspect_image(f"{running.host}/pushed/for-docker:1")["Id"] == said.image_id


def test_every_target_has_its_own_scheme() -> None:
    assert {one.TARGET.id for one in (docker, podman, registry)} == {"docker", "podman", "registry"}
