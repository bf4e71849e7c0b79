"""Paths: names with colons, the image wanted in an archive, the choice among several."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from layerscope.errors import AmbiguousImage, ImageNotFound, UsageError
from layerscope.finding import find_source
from layerscope.inspection import Inspection, Options, inspect
from layerscope.model.platform import own_platform, parse_platform
from layerscope.sources.archives import split
from layerscope.sources.oci_archive import SOURCE
from tests.cli.looking import Run
from tests.oci.build import (
    INDEX,
    MANIFEST,
    Built,
    Files,
    blob_path,
    built,
    descriptor,
    image_blobs,
    index,
    layout,
    layout_of,
    manifest_of,
    named,
)
from tests.oci.tar.raw import member
from tests.sources.images import layer, packed
from tests.sources.samples import LEAN, ODD, WASTEFUL

PLATFORMS = ("linux/amd64", "linux/arm64/v8", "linux/arm/v6", "linux/arm/v7", "windows/amd64")


def app(version: int, **more: str) -> Built:
    """An image that another version does not resemble."""
    return built(layer(member(b"version", b"v" * version)), names=[f"team/app:{version}"], **more)


def two_images(folder: Path) -> Path:
    """An archive with two images of different names."""
    return packed(folder / "two.tar", layout(app(1), app(2)))


def all_platforms(folder: Path) -> Path:
    """An archive with one image for several platforms, below one index."""
    files: Files = {}
    manifests = []
    for number, name in enumerate(PLATFORMS):
        platform = parse_platform(name)
        image = built(layer(member(b"p", b"p" * (number + 1))), os=platform.os, cpu=platform.architecture)
        blobs = image_blobs(image)
        files |= blobs
        said = {"os": platform.os, "architecture": platform.architecture, "variant": platform.variant}
        said = {key: value for key, value in said.items() if value}
        manifests.append(descriptor(manifest_of(blobs), MANIFEST, platform=said))
    top = index(*manifests)
    files[blob_path(top)] = top
    return packed(folder / "platforms.tar", layout_of(files, descriptor(top, INDEX) | named("app:1")))


def content_bytes(inspection: Inspection) -> int:
    """What tells the images of these tests apart."""
    return inspection.analysis.totals.content_bytes


@pytest.mark.parametrize(
    ("existing", "name", "expected"),
    [
        ("a.tar", "a.tar", ("a.tar", None)),
        ("a.tar", "a.tar:app", ("a.tar", "app")),
        ("a.tar", "a.tar:app:1", ("a.tar", "app:1")),
        ("a.tar", "a.tar:host:5000/app:1", ("a.tar", "host:5000/app:1")),
        ("a.tar", "a.tar@sha256:00", ("a.tar", "@sha256:00")),
        ("a.tar", "a.tar:app@sha256:00", ("a.tar", "app@sha256:00")),
        ("a.tar", "a.tar:", ("a.tar", None)),
        ("a:b.tar", "a:b.tar", ("a:b.tar", None)),
        ("a:b.tar", "a:b.tar:app:1", ("a:b.tar", "app:1")),
        ("a@b", "a@b:app", ("a@b", "app")),
        ("12:30:00", "12:30:00", ("12:30:00", None)),
        ("folder/x:y/a.tar", "folder/x:y/a.tar:app", ("folder/x:y/a.tar", "app")),
        ("a.tar", "b.tar", None),
        ("a.tar", "", None),
        ("a.tar", ":a.tar", None),
        ("a.tar", "a.tarapp", None),
    ],
)
def test_the_longest_path_that_exists_is_the_archive(
    existing: str,
    name: str,
    expected: tuple[str, str | None] | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(existing).parent.mkdir(parents=True, exist_ok=True)
    Path(existing).touch()

    found = split(name)

    assert found == expected
    assert SOURCE.claims(name) is (expected is not None)


def test_an_archive_whose_path_has_colons(tmp_path: Path) -> None:
    image = tmp_path / "2024-01-01T12:30:00@build:7.tar"
    image.write_bytes(LEAN.read_bytes())

    for reference in (str(image), f"oci-archive:{image}", f"{image}:shop/api:2.0.0"):
        assert inspect(reference).analysis.totals.wasted_bytes == 508


@pytest.mark.parametrize("scheme", ["", "oci-archive:", "docker-archive:", "oci:"])
@pytest.mark.parametrize("image", [LEAN, WASTEFUL, ODD])
def test_every_scheme_reads_whatever_archive_is_there(scheme: str, image: Path) -> None:
    assert content_bytes(inspect(f"{scheme}{image}")) == content_bytes(inspect(str(image)))


def test_a_compressed_archive_is_read_as_it_is(tmp_path: Path) -> None:
    image = tmp_path / "image.tar.gz"
    image.write_bytes(gzip.compress(LEAN.read_bytes()))

    assert content_bytes(inspect(str(image))) == content_bytes(inspect(str(LEAN)))


@pytest.mark.parametrize(
    ("wanted", "version"),
    [
        (":team/app:1", 1),
        (":team/app:2", 2),
        (":docker.io/team/app:2", 2),
    ],
)
def test_a_name_chooses_among_several_images(wanted: str, version: int, tmp_path: Path) -> None:
    assert content_bytes(inspect(f"{two_images(tmp_path)}{wanted}")) == version


@pytest.mark.parametrize("spelling", ["@{0}", ":{0}", "@{1}", "@{2}"])
def test_a_digest_chooses_among_several_images(spelling: str, tmp_path: Path) -> None:
    image = two_images(tmp_path)
    digest = inspect(f"{image}:team/app:2").image.digest
    assert digest is not None
    hexed = digest.removeprefix("sha256:")

    wanted = spelling.format(digest, hexed, hexed[:12])

    assert content_bytes(inspect(f"{image}{wanted}")) == 2


def test_several_images_without_a_choice_are_listed(tmp_path: Path, look: Run) -> None:
    image = two_images(tmp_path)

    with pytest.raises(AmbiguousImage, match="holds 2 images"):
        inspect(str(image))
    outcome = look(image)

    assert outcome.code == 2
    assert [line.split() for line in outcome.err.splitlines()[2:]] == [
        ["team/app:1", "linux/amd64"],
        ["team/app:2", "linux/amd64"],
    ]


def test_a_name_that_is_not_in_the_archive_lists_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(ImageNotFound) as raised:
        inspect(f"{two_images(tmp_path)}:team/app:3")

    assert raised.value.hint is not None
    assert "team/app:1" in raised.value.hint
    assert "team/app:2" in raised.value.hint


@pytest.mark.parametrize(("name", "number"), [(name, number) for number, name in enumerate(PLATFORMS)])
def test_a_platform_chooses_among_several(name: str, number: int, tmp_path: Path) -> None:
    options = Options(platform=parse_platform(name))

    assert content_bytes(inspect(str(all_platforms(tmp_path)), options)) == number + 1


def test_without_a_platform_it_is_that_of_this_machine(tmp_path: Path) -> None:
    own = own_platform()
    known = {f"{parse_platform(name).os}/{parse_platform(name).architecture}" for name in PLATFORMS[:2]}
    if str(own) not in known:
        pytest.skip(f"the image of this test is for {known}, not for {own}")

    chosen = inspect(str(all_platforms(tmp_path)))

    assert chosen.image.platform is not None
    assert chosen.image.platform.matches(own)


@pytest.mark.parametrize("wanted", ["linux/s390x", "windows/arm64", "linux/amd64/v3"])
def test_a_platform_is_strict_and_the_error_lists_those_present(
    wanted: str, look: Run, tmp_path: Path
) -> None:
    several, single = look(all_platforms(tmp_path), "--platform", wanted), look(LEAN, "--platform", wanted)

    assert (several.code, single.code) == (3, 3)
    assert [name for name in ("linux/amd64", "linux/arm64", "windows/amd64") if name not in several.err] == []
    assert "linux/amd64" in single.err
    assert several.out == single.out == ""


def test_a_single_image_for_another_platform_is_taken(tmp_path: Path) -> None:
    image = packed(tmp_path / "s390x.tar", layout(app(1, cpu="s390x")))

    assert str(inspect(str(image)).image.platform) == "linux/s390x"


def test_an_unknown_scheme_is_wrong_usage(look: Run) -> None:
    with pytest.raises(UsageError):
        find_source("gopher://app")

    assert look("gopher://app").code == 2


def test_the_reference_is_kept_as_it_was_given(look: Run, tmp_path: Path) -> None:
    image = two_images(tmp_path)

    report = json.loads(look(f"{image}:team/app:1", "--json", "-").out)

    assert report["image"]["reference"] == f"{image}:team/app:1"
