"""The rules about what is awkward to store and to unpack: very many files, media, files nobody can use."""

from __future__ import annotations

import msgspec
import pytest

from layerscope.model.entry import Entry, Kind
from layerscope.rules import large_media, many_files, precompressed_assets, unusable_files
from tests.rules.dsl import case, one, step
from tests.union.dsl import device, directory, fifo, file, hardlink, whiteout

MB = 1_000_000


def sized(path: str, size_bytes: int) -> Entry:
    """A file that claims to be so large."""
    return msgspec.structs.replace(file(path, path.encode()), size_bytes=size_bytes, stored_bytes=size_bytes)


def numbered(folder: str, count: int) -> list[Entry]:
    """So many files of one byte in a folder."""
    return [file(f"{folder}/{number}", b"x") for number in range(count)]


def test_a_folder_of_very_many_files_is_named_with_what_their_headers_take() -> None:
    built = case(step("FROM", file("a", b"x")), step("RUN unzip", *numbered("srv/thumbs", 10_001)), base=1)

    found = one(built.advice(many_files.RULE))

    assert (found.gross_bytes, found.net_bytes, found.layers) == (10_001 * 512, 0, (1,))
    assert found.title.startswith("10 001 entries")
    assert "/srv/thumbs" in found.fix


def test_very_many_files_in_many_folders_are_as_many() -> None:
    entries = [entry for number in range(101) for entry in numbered(f"srv/{number}", 1000)]

    assert one(case(step("RUN unzip", *entries)).advice(many_files.RULE)).gross_bytes == 101_000 * 512


@pytest.mark.parametrize("base", [None, 1])
def test_fewer_files_or_a_base_of_so_many_are_no_finding(base: int | None) -> None:
    count = 10_000 if base is None else 10_500
    built = case(step("FROM", *numbered("srv", count)), step("RUN x", file("b", b"x")), base=base)

    assert built.advice(many_files.RULE) == ()


def test_files_that_a_later_layer_deletes_crowd_no_folder() -> None:
    built = case(
        step("RUN unzip", *numbered("srv", 10_500)),
        step("RUN rm", *(whiteout(f"srv/{number}") for number in range(1000))),
    )

    assert built.advice(many_files.RULE) == ()


def test_media_count_from_five_megabytes_on() -> None:
    built = case(
        step(
            "COPY . /srv",
            sized("srv/intro.mp4", 7 * MB),
            sized("srv/map.png", 5 * MB),
            sized("srv/logo.png", 5 * MB - 1),
            sized("srv/data.bin", 9 * MB),
        )
    )

    found = one(built.advice(large_media.RULE))

    assert (found.net_bytes, set(found.paths)) == (12 * MB, {"srv/intro.mp4", "srv/map.png"})
    assert (found.confidence, ".dockerignore" in found.fix) == ("low", True)


def test_assets_that_stand_beside_their_compressed_forms() -> None:
    """One without its plain form is no second copy, and a package's are the package's."""
    built = case(
        step(
            "COPY dist /srv",
            file("srv/app.js", b"x" * 300_000),
            file("srv/app.js.gz", b"g" * 90_000),
            file("srv/app.js.br", b"b" * 20_000),
            file("srv/alone.css.gz", b"a" * 200_000),
            directory("srv/odd.json"),
            file("srv/odd.json.gz", b"o" * 200_000),
            file("srv/notes.tar.gz", b"t" * 200_000),
            file("usr/share/javascript/q.js", b"q" * 300_000),
            file("usr/share/javascript/q.js.gz", b"q" * 200_000),
        )
    )

    found = one(built.advice(precompressed_assets.RULE))

    assert (found.net_bytes, set(found.paths)) == (110_000, {"srv/app.js.gz", "srv/app.js.br"})
    assert found.confidence == "low"


def test_a_plain_asset_that_was_deleted_leaves_one_form() -> None:
    built = case(
        step("COPY dist /srv", file("srv/app.js", b"x"), file("srv/app.js.gz", b"g" * 200_000)),
        step("RUN rm", whiteout("srv/app.js")),
    )

    assert built.advice(precompressed_assets.RULE) == ()


def test_device_nodes_and_files_that_nobody_may_read() -> None:
    built = case(
        step("FROM", device("srv/null"), file("base", b"x" * 9, mode=0)),
        step(
            "RUN tar x",
            device("srv/zero"),
            msgspec.structs.replace(device("srv/disk"), kind=Kind.BLOCK_DEVICE),
            file("srv/closed", b"x" * 7, mode=0),
            file("srv/owners", b"x" * 5, mode=0o400),
        ),
        base=1,
    )

    found = {suggestion.title: suggestion for suggestion in built.advice(unusable_files.RULE)}

    assert {title: one.gross_bytes for title, one in found.items()} == {
        "layer 1 ships device nodes": 0,
        "layer 1 ships files that nobody may read": 7,
    }
    assert "/srv/zero /srv/disk" in found["layer 1 ships device nodes"].fix
    assert all((one.net_bytes, one.confidence, one.layers) == (0, "low", (1,)) for one in found.values())


@pytest.mark.parametrize(
    "entry",
    [
        device("dev/null"),
        file("etc/shadow", b"root:*", mode=0),
        file("empty", mode=0),
        fifo("pipe", mode=0),
        hardlink("b", "a", mode=0),
        whiteout("c"),
    ],
    ids=lambda entry: entry.path,
)
def test_what_is_meant_to_be_so_is_left_alone(entry: Entry) -> None:
    assert case(step("RUN x", file("a", b"x"), entry)).advice(unusable_files.RULE) == ()
