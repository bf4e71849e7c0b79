"""Images that are not whole, too large, or not what they claim to be."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from tests.cli.looking import Run
from tests.oci.build import Files, as_tar, blob_path, built, docker_archive, layout
from tests.oci.tar.raw import member
from tests.sources.images import layer, packed, saved

LOWER, UPPER = layer(member(b"lower", b"1" * 40)), layer(member(b"upper", b"2" * 2))
IMAGE = built(LOWER, UPPER)


@pytest.fixture
def incomplete(tmp_path: Path) -> Path:
    """An archive without its lower layer."""
    files = docker_archive(IMAGE)
    gone = next(name for name, content in files.items() if content == LOWER)
    del files[gone]
    return packed(tmp_path / "incomplete.tar", files)


def test_an_incomplete_image_can_be_looked_at_and_says_so_loudly(incomplete: Path, look: Run) -> None:
    outcome = look(incomplete)

    assert outcome.code == 0
    assert outcome.out.splitlines()[2].startswith("NOT COMPLETE")
    assert [line.split()[1] for line in outcome.out.splitlines() if line.startswith("  0 ")] == ["missing"]
    assert "Remarks" in outcome.out


def test_the_report_says_what_is_missing(incomplete: Path, look: Run) -> None:
    report = json.loads(look(incomplete, "--json", "-").out)

    assert report["image"]["complete"] is False
    assert [row["missing"] is None for row in report["layers"]] == [False, True]
    assert [row["content_bytes"] for row in report["layers"]] == [0, 2]
    assert [remark["code"] for remark in report["diagnostics"]] == ["missing-layer"]


def test_ci_refuses_an_incomplete_image_and_names_what_is_missing(incomplete: Path, look: Run) -> None:
    outcome = look(incomplete, "--ci")

    assert outcome.code == 4
    assert outcome.out == ""
    assert "is not complete" in outcome.err
    assert "layer.tar is not in the archive" in outcome.err
    assert outcome.error_lines == ["error", "hint"]


def test_ci_writes_no_report_of_an_incomplete_image(incomplete: Path, look: Run, tmp_path: Path) -> None:
    report = tmp_path / "report.json"

    assert look(incomplete, "--ci", "--json", report).code == 4
    assert not report.exists()


def test_ls_lists_what_is_there(incomplete: Path, look: Run) -> None:
    outcome = look("ls", incomplete)

    assert outcome.code == 0
    assert [line.split()[-1] for line in outcome.out.splitlines()] == ["/", "/upper"]


@pytest.mark.parametrize("command", [[], ["ls"]], ids=["look", "ls"])
def test_a_bound_on_unpacked_bytes_counts_all_layers(command: list[str], look: Run, tmp_path: Path) -> None:
    image = saved(tmp_path, LOWER, UPPER)
    size_bytes = len(LOWER) + len(UPPER)

    enough, too_little = (
        look(*command, image, "--max-unpacked", str(bound)) for bound in (size_bytes, size_bytes - 1)
    )

    assert enough.code == 0
    assert too_little.code == 4
    assert "--max-unpacked" in too_little.err.splitlines()[-1]
    assert too_little.out == ""


def test_a_small_bomb_is_stopped(look: Run, tmp_path: Path) -> None:
    bomb = layer(member(b"zeros", bytes(5_000_000)))
    image = packed(tmp_path / "bomb.tar", layout(built(bomb), stored=[gzip.compress(bomb)]))

    outcome = look(image, "--max-unpacked", "1MB")

    assert image.stat().st_size < 50_000
    assert outcome.code == 4


def flipped(files: Files, layer_bytes: bytes) -> bytes:
    """The archive with one bit of a layer's content turned over."""
    tar = bytearray(as_tar(files))
    place = bytes(tar).index(layer_bytes) + 512
    tar[place] ^= 1
    return bytes(tar)


@pytest.mark.parametrize("archive", [docker_archive(IMAGE), layout(IMAGE)], ids=["docker", "oci"])
def test_verify_finds_a_flipped_bit_and_names_the_blob(archive: Files, look: Run, tmp_path: Path) -> None:
    image = tmp_path / "flipped.tar"
    image.write_bytes(flipped(archive, LOWER))
    blob = next(name for name, content in archive.items() if content == LOWER)

    unchecked, checked = look(image), look(image, "--verify")

    assert unchecked.code == 0
    assert checked.code == 4
    assert blob in checked.err
    assert checked.out == ""


@pytest.mark.parametrize("archive", [docker_archive(IMAGE), layout(IMAGE)], ids=["docker", "oci"])
def test_verify_says_what_it_verified(archive: Files, look: Run, tmp_path: Path) -> None:
    image = packed(tmp_path / "image.tar", archive)

    report = json.loads(look(image, "--verify", "--json", "-").out)
    unchecked = json.loads(look(image, "--json", "-").out)

    assert [row["verified"] for row in report["layers"]] == ["diff_id", "diff_id"]
    assert [row["verified"] for row in unchecked["layers"]] == ["none", "none"]
    assert [row["digest"] for row in report["layers"]] == [
        f"sha256:{blob_path(tar).rpartition('/')[2]}" for tar in (LOWER, UPPER)
    ]


@pytest.mark.parametrize("content", [LOWER, UPPER])
def test_an_archive_that_ends_in_a_layer_is_damaged(content: bytes, look: Run, tmp_path: Path) -> None:
    whole = as_tar(docker_archive(IMAGE))
    (tmp_path / "cut.tar").write_bytes(whole[: whole.index(content) + len(content) // 2])

    outcome = look(tmp_path / "cut.tar", "--ci")

    assert outcome.code == 4
    assert "cut.tar" in outcome.err
