"""What a real docker builds, saves and exports, held against what we say of it."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PROJECT
from tests.engines.building import archive_of, export, oracles_of
from tests.engines.images import RECIPES, SIZES, WASTE
from tests.engines.oracles import recorded
from tests.engines.ours import listing, report
from tests.engines.tolerances import (
    time_in_whole_seconds,
    time_of_a_mount_points_parent,
    without_mount_points,
)
from tests.engines.tree import Tree, differences

pytestmark = pytest.mark.engine

TOLERATED = [time_in_whole_seconds, time_of_a_mount_points_parent]


def as_of(archive: Path, layer: int) -> Tree:
    """Our tree without what docker adds to a container."""
    return without_mount_points(listing(archive, layer))


@pytest.mark.parametrize("name", ["wasteful", "lean"])
def test_a_sample_image_is_what_docker_loads(name: str, engine: Any, tmp_path: Path) -> None:
    archive = PROJECT / f"sample_images/{name}.tar"
    with archive.open("rb") as file:
        said = list(engine.load_image(file))
    [image] = [
        line["stream"].split(": ")[1].strip() for line in said if "Loaded image" in line.get("stream", "")
    ]
    export(engine, image, tmp_path / "oracle.tsv")

    theirs = without_mount_points(recorded(tmp_path / "oracle.tsv"))

    assert differences(without_mount_points(listing(archive)), theirs, TOLERATED) == []


@pytest.mark.parametrize("name", RECIPES)
def test_a_built_image_is_what_docker_exports_as_of_every_layer(
    name: str, built: Callable[[str], Path]
) -> None:
    folder = built(name)
    oracles = oracles_of(folder)

    differing = {
        layer: found
        for layer, oracle in sorted(oracles.items())
        if (
            found := differences(
                as_of(archive_of(folder), layer), without_mount_points(recorded(oracle)), TOLERATED
            )
        )
    }

    assert sorted(oracles) == list(range(len(report(archive_of(folder))["layers"])))
    assert differing == {}


def test_each_instruction_wastes_what_it_was_made_to_waste(built: Callable[[str], Path]) -> None:
    """Files of known sizes, one instruction after another: every record, its cause and its blame."""
    said = report(archive_of(built("accounts")))

    found = [
        (waste["path"], waste["cause"], waste["shipped_by"], waste["hidden_by"], waste["size_bytes"])
        for waste in said["waste"]
    ]

    assert sorted(found) == sorted(WASTE)
    assert said["totals"]["wasted_bytes"] == sum(record[-1] for record in WASTE)


def test_the_copies_differ_in_what_the_instruction_changed(built: Callable[[str], Path]) -> None:
    said = report(archive_of(built("accounts")))

    differs = {
        waste["path"]: waste["differs"] for waste in said["waste"] if waste["cause"] == "metadata_only"
    }

    assert differs == {
        "w/owned/first": ["owner"],
        "w/owned/second": ["owner"],
        "w/moded": ["mode"],
        "w/touched": ["time"],
        "w/linked": [],
        "w/again": ["time"],
    }


def test_the_layers_that_ship_and_cause_waste_are_the_right_ones(built: Callable[[str], Path]) -> None:
    layers = report(archive_of(built("accounts")))["layers"]

    shipped = [layer["waste_shipped_bytes"] for layer in layers]
    caused = [layer["waste_caused_bytes"] for layer in layers]

    numbers = range(len(layers))
    assert shipped == [sum(size for *_, layer, _, size in WASTE if layer == number) for number in numbers]
    assert caused == [sum(size for *_, layer, size in WASTE if layer == number) for number in numbers]


def test_every_layer_is_blamed_on_its_instruction(built: Callable[[str], Path]) -> None:
    """The steps that change no file have no layer of their own."""
    dockerfile = (PROJECT / "tests/engines/recipes/accounts.Dockerfile").read_text().splitlines()
    making = [line for line in dockerfile if line.startswith(("COPY", "RUN")) and line != "RUN true"]

    layers = report(archive_of(built("accounts")))["layers"]

    assert len(layers) == 1 + len(making)
    for layer, line in zip(layers[1:], making, strict=True):
        instruction, _, command = line.partition(" ")
        assert layer["instruction"].startswith(instruction)
        assert instruction == "COPY" or command in layer["created_by"]


@pytest.mark.parametrize("name", RECIPES)
def test_the_balance_sheet_is_the_sum_of_the_files(name: str, built: Callable[[str], Path]) -> None:
    """Content as tarfile counts it in the saved layers, visible as docker exports it."""
    folder = built(name)
    last = recorded(oracles_of(folder)[max(oracles_of(folder))])
    content = sum(member.size for member in members(archive_of(folder)) if member.isreg())

    totals = report(archive_of(folder))["totals"]

    visible = sum(
        row.size_bytes
        for path, row in without_mount_points(last).items()
        if row.type == "f" and row.group in {b"", path}
    )
    assert totals["content_bytes"] == content
    assert totals["visible_bytes"] == visible
    assert totals["wasted_bytes"] == content - visible
    assert totals["tar_bytes"] == sum(layer.size for layer in layer_members(archive_of(folder)))


def test_the_files_of_known_sizes_are_all_there_is(built: Callable[[str], Path]) -> None:
    """Beside what the base holds and the few bytes that the instructions write themselves."""
    said = report(archive_of(built("accounts")))

    assert said["layers"][1]["content_bytes"] == sum(
        size for path, size in SIZES.items() if path.startswith("files/")
    )


def test_the_changes_are_as_odd_as_they_are_meant_to_be(built: Callable[[str], Path]) -> None:
    """So that a shell which takes an odd name apart, say, does not make the other tests easy."""
    found = list(members(archive_of(built("changes"))))

    names = b"\n".join(member.name.encode("utf-8", "surrogateescape") for member in found)
    assert {member.type for member in found} >= {
        *(tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE),
        *(tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE),
    }
    for part in ODD_NAMES:
        assert part in names


ODD_NAMES = [
    *(b"/.wh..wh..opq", b"/.wh.gone", b"/.wh.bad-\xff\xfe.", b"/.wh.newline-\n-."),
    *(b"/ lead.", b"/trail .", b"/-dash.", b"/back\\slash.", b"/percent%20.", b"/tab-\t-."),
    *(b"/escape-\x1b[31m.", b"/latin1-\xe9.", b"/uni-\xc3\xa9.", b"/uni-e\xcc\x81.", b"/c1-\xc2\x85."),
    *(b"/" + b"a" * 255, b"deeeeeeeeeeep/" * 30 + b"file"),
]


def layer_members(archive: Path) -> list[tarfile.TarInfo]:
    """The members of a saved archive that are its layers."""
    with tarfile.open(archive) as outer:
        manifest = outer.extractfile("manifest.json")
        assert manifest is not None
        return [outer.getmember(name) for name in json.load(manifest)[0]["Layers"]]


def members(archive: Path) -> Iterator[tarfile.TarInfo]:
    """Every member of every layer of a saved archive, as Python's tarfile reads it."""
    with tarfile.open(archive) as outer:
        for layer in layer_members(archive):
            content = outer.extractfile(layer)
            assert content is not None
            with tarfile.open(fileobj=content, errors="surrogateescape") as inner:
                yield from inner
