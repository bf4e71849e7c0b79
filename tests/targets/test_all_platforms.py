"""Every platform of an image at once: the index stays one, each of its images is what it was or smaller."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from layerscope.errors import UsageError
from layerscope.exporter import Exported, ExportOptions, export
from layerscope.inspection import Options, inspect
from layerscope.model.platform import parse_platform
from layerscope.optimize.optimizing import optimize_all
from layerscope.optimize.steps import Steps
from layerscope.spool import TEMP_VARIABLE
from layerscope.targets import oci_archive, oci_layout, registry
from tests.distribution.conftest import home
from tests.distribution.server import serving
from tests.distribution.taking import TakingRegistry
from tests.oci.build import INDEX
from tests.oci.write.outputs import blob_of, content_of
from tests.sources.samples import LEAN
from tests.targets.several import CPUS, several

__all__ = ["home"]

EVERY = [module.TARGET.id for module in (oci_archive, oci_layout, registry)]


@pytest.fixture(autouse=True)
def temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder for temporary data."""
    monkeypatch.setenv(TEMP_VARIABLE, str(tmp_path / "temp"))


def put(image: Path, target: str, place: str) -> Exported:
    """All platforms of an image put somewhere."""
    return export(f"oci:{image}", place, how=ExportOptions(format=target, all_platforms=True))


def index_in(content: dict[str, bytes]) -> Any:
    """The index that index.json names."""
    [item] = json.loads(content["index.json"])["manifests"]
    assert item["mediaType"] == INDEX
    return json.loads(content[blob_of(item)])


def of(reference: str, cpu: str) -> Any:
    """The image for a platform."""
    return inspect(reference, Options(platform=parse_platform(f"linux/{cpu}"), verify=True))


@pytest.mark.parametrize("target", ["oci-archive", "oci"])
def test_each_platform_is_as_it_was(target: str, tmp_path: Path) -> None:
    image = several(tmp_path / "in")

    said = put(image, target, str(tmp_path / "out"))

    listed = index_in(content_of(tmp_path / "out"))["manifests"]
    assert [item["platform"]["architecture"] for item in listed] == list(CPUS)
    for cpu in CPUS:
        before, after = of(f"oci:{image}", cpu).image, of(f"{target}:{tmp_path / 'out'}", cpu).image
        assert (after.digest, after.image_id) == (before.digest, before.image_id)
    assert said.layers == 9
    assert said.read_again


def test_attestations_are_left_out_and_it_is_said(tmp_path: Path) -> None:
    said = put(several(tmp_path / "in"), "oci", str(tmp_path / "out"))
    plain = put(several(tmp_path / "plain", attested=False), "oci", str(tmp_path / "other"))

    assert any("3 other manifests" in note for note in said.notes)
    assert not any("other manifests" in note for note in plain.notes)
    assert said.digest == plain.digest


def test_skopeo_copies_every_platform_and_checks_all_blobs(
    tool: Callable[[str], str], tmp_path: Path
) -> None:
    put(several(tmp_path / "in"), "oci-archive", str(tmp_path / "out.tar"))

    how = [tool("skopeo"), "--insecure-policy", "copy", "--quiet", "--all"]
    subprocess.run(
        [*how, f"oci-archive:{tmp_path}/out.tar", f"dir:{tmp_path}/copy"], check=True, capture_output=True
    )

    manifest = json.loads((tmp_path / "copy/manifest.json").read_bytes())
    assert [item["platform"]["architecture"] for item in manifest["manifests"]] == list(CPUS)


def test_a_registry_gets_the_index_last(tmp_path: Path) -> None:
    with serving(TakingRegistry()) as server:
        assert isinstance(server, TakingRegistry)

        said = put(several(tmp_path / "in"), "registry", f"{server.host}/team/app:1")

        puts = [seen.path for seen in server.seen if seen.method == "PUT" and "manifests" in seen.path]
        assert len(puts) == 4
        assert puts[-1].endswith("/manifests/1")
        media_type, raw = server.manifests["team/app/1"]
        assert media_type == INDEX
        for item in json.loads(raw)["manifests"]:
            assert f"team/app/{item['digest']}" in server.manifests
        assert server.manifests[f"team/app/{said.digest}"][1] == raw


def test_all_platforms_come_out_of_a_registry_again(tmp_path: Path) -> None:
    with serving(TakingRegistry()) as server:
        assert isinstance(server, TakingRegistry)
        place = f"{server.host}/team/app:1"
        before = put(several(tmp_path / "in"), "registry", place)

        how = ExportOptions(format="oci", all_platforms=True)
        after = export(f"registry:{place}", str(tmp_path / "out"), how=how)

    assert after.digest == before.digest
    assert after.layers == 9


@pytest.mark.parametrize("target", EVERY)
def test_each_platform_gets_smaller_for_itself(target: str, tmp_path: Path) -> None:
    image = several(tmp_path / "in")
    with serving(TakingRegistry()) as server:
        assert isinstance(server, TakingRegistry)
        place = f"{server.host}/team/app:1" if target == "registry" else str(tmp_path / "out")

        every = optimize_all(
            f"oci:{image}",
            Steps(prune=True, squash_own=True),
            place,
            how=ExportOptions(format=target, all_platforms=True),
        )

        assert [str(done.platform) for done in every] == [f"linux/{cpu}" for cpu in CPUS]
        for blobs in server.held.values():
            server.blobs |= blobs
        for cpu, done in zip(CPUS, every, strict=True):
            before, after = of(f"oci:{image}", cpu), of(f"{target}:{place}", cpu)
            assert len(after.image.layers) == 1
            assert done.saved_content_bytes == len(cpu) * 300
            rows = [(e.path, e.content_hash) for e in after.changesets[0].entries]
            assert rows == [(e.path, e.content_hash) for e in before.changesets[2].entries]


def test_a_platform_that_is_not_the_same_is_noticed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The proof of one platform is held against that one."""
    from layerscope.errors import WriteError
    from layerscope.optimize import optimizing

    image = several(tmp_path / "in")
    whole = optimizing._proven  # noqa: SLF001

    def swapped(made: Any, reading: Any, digests: Any) -> None:
        whole([made[1], made[0], made[2]], reading, digests)

    monkeypatch.setattr(optimizing, "_proven", swapped)
    how = ExportOptions(format="oci", all_platforms=True)

    with pytest.raises(WriteError, match="another image"):
        optimize_all(f"oci:{image}", Steps(prune=True), str(tmp_path / "out"), how=how)

    assert not (tmp_path / "out").exists()


def test_an_image_for_one_platform_stays_one(tmp_path: Path) -> None:
    export(str(LEAN), str(tmp_path / "one"), how=ExportOptions(format="oci"))

    said = put(tmp_path / "one", "oci", str(tmp_path / "out"))

    [item] = json.loads(content_of(tmp_path / "out")["index.json"])["manifests"]
    assert item["digest"] == said.digest
    assert any("one platform" in note for note in said.notes)


def test_what_holds_one_platform_only_is_refused(tmp_path: Path) -> None:
    image = several(tmp_path / "in")

    with pytest.raises(UsageError, match="takes an image for one platform"):
        put(image, "docker-archive", str(tmp_path / "out.tar"))
    with pytest.raises(UsageError, match="holds an image for one platform"):
        export(
            f"docker-archive:{LEAN}",
            str(tmp_path / "out"),
            how=ExportOptions(format="oci", all_platforms=True),
        )
    with pytest.raises(UsageError, match="different things"):
        export(
            f"oci:{image}",
            str(tmp_path / "out"),
            Options(platform=parse_platform("linux/arm64")),
            ExportOptions(format="oci", all_platforms=True),
        )
