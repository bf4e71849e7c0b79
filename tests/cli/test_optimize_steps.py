"""``layerscope optimize``: what its steps say, and what it says where none is given."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from layerscope.spool import TEMP_VARIABLE
from tests.cli.looking import Run
from tests.oci.write.outputs import content_of, docker_image
from tests.optimize.checker import read_image
from tests.sources.samples import LEAN, WASTEFUL


@pytest.fixture(autouse=True)
def temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder for temporary data."""
    monkeypatch.setenv(TEMP_VARIABLE, str(tmp_path / "temp"))
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)


def test_the_proposal_tells_what_both_ways_would_come_to(look: Run) -> None:
    outcome = look("optimize", WASTEFUL, "--base-layers", "3")

    sizes = re.findall(r"--(prune|squash) +(\S+ kB) to (\S+) kB", outcome.out)
    assert [way for way, _, _ in sizes] == ["prune", "squash"]
    assert float(sizes[1][2]) < float(sizes[0][2]) < float(sizes[0][1].split()[0])
    assert "--squash saves more" in outcome.out
    assert "note: where the base" not in outcome.out


def test_where_nothing_is_hidden_nothing_is_proposed(look: Run) -> None:
    outcome = look("optimize", LEAN, "--base-layers", "1")

    assert outcome.code == 0
    assert "nothing can be gained" in outcome.out
    assert "say --prune" not in outcome.out


def test_where_nothing_is_gained_an_equal_image_is_written(look: Run, tmp_path: Path) -> None:
    arguments = ("optimize", WASTEFUL, "--drop", "/no/such/path", "-o", tmp_path / "out.tar")

    outcome = look(*arguments)

    assert outcome.code == 0
    assert "nothing can be gained" in outcome.out
    assert "--drop /no/such/path names nothing that is there" in outcome.out
    assert read_image(tmp_path / "out.tar").tars == read_image(WASTEFUL).tars


def test_the_base_can_be_told_by_its_image(look: Run, tmp_path: Path) -> None:
    """Here one that is all of the same layers, so nothing is own."""
    outcome = look("optimize", WASTEFUL, "--prune", "--base", WASTEFUL, "-o", tmp_path / "out.tar")

    assert "nothing can be gained" in outcome.out
    assert "note: where the base" not in outcome.out


def test_every_removed_path_is_in_the_audit(look: Run, tmp_path: Path) -> None:
    audit = tmp_path / "audit.jsonl"
    steps = ("--drop", "/usr/share/doc/", "--base-layers", "3", "--audit", audit)

    outcome = look("optimize", WASTEFUL, *steps, "-o", tmp_path / "out.tar")

    records = [json.loads(line) for line in audit.read_text().splitlines()]
    gone = read_image(WASTEFUL).tree.keys() - read_image(tmp_path / "out.tar").tree.keys()
    assert {record["path"].lstrip("/") for record in records if record["visible"]} == gone
    assert [record["path"] for record in records] == sorted(record["path"] for record in records)
    assert {record["because"] for record in records} == {"/usr/share/doc/"}
    [bash] = [record for record in records if record["path"] == "/usr/share/doc/bash/copyright"]
    assert (bash["layers"], bash["saved_bytes"], bash["packages"]) == ([], 0, ["dpkg:bash"])
    assert bash["hidden_in"] >= 3
    assert re.search(r"note: \d+ of them are the base's: whiteouts hide them", outcome.out)


def test_packages_that_lose_files_are_named(look: Run) -> None:
    outcome = look("optimize", WASTEFUL, "--drop", "/usr/bin/bash", "--drop", "/bin/bash", "--dry-run")

    assert "warning: 1 package lose" in outcome.out
    assert re.search(r"dpkg bash 5\.\S+: 1 of \d+ files?, /(usr/)?bin/bash", outcome.out)


def test_the_audit_may_go_to_standard_output_alone(look: Run) -> None:
    outcome = look("optimize", WASTEFUL, "--drop", "*.py", "--dry-run", "--audit", "-")

    assert all(json.loads(line)["path"].endswith(".py") for line in outcome.out.splitlines())
    assert "dropped: " in outcome.err


def test_the_epoch_is_the_latest_time(look: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")

    look("optimize", WASTEFUL, "--normalize", "-o", tmp_path / "out.tar")

    times = {inode.mtime for inode in read_image(tmp_path / "out.tar").tree.values()} - {None, 0.0}
    assert times == {1e9}
    config = json.loads(docker_image(content_of(tmp_path / "out.tar"))[1])
    assert config["created"] == "2001-09-09T01:46:40Z"
    assert {step["created"] for step in config["history"]} == {"2001-09-09T01:46:40Z"}


@pytest.mark.parametrize("epoch", ["yesterday", "-1", "1.5", "", "9" * 20])
def test_an_epoch_that_is_no_time_is_refused(epoch: str, look: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)

    outcome = look("optimize", WASTEFUL, "--normalize", "--dry-run")

    assert outcome.code == 2
    assert "SOURCE_DATE_EPOCH" in outcome.err


def test_compressing_again_is_predicted_without_an_output(look: Run) -> None:
    outcome = look("optimize", WASTEFUL, "--recompress", "zstd:3", "--dry-run")

    assert outcome.code == 0
    assert outcome.out.count("recompressed") == len(read_image(WASTEFUL).tars)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--recompress", "lzma", "--dry-run"],
        ["--recompress", "zstd", "-o", "x.tar"],
        ["--drop", "rule:no-such-rule", "--dry-run"],
        ["--drop", "rule:overwritten", "--dry-run"],
        ["--drop", "/", "--dry-run"],
        ["--prune", "--audit", "-", "--dry-run"],
        ["--squash", "--include-base", "--dry-run"],
        ["--prune", "--base", "no-such-file.tar", "--base-layers", "1", "--dry-run"],
    ],
    ids=" ".join,
)
def test_what_makes_no_sense_is_refused(arguments: list[str], look: Run) -> None:
    outcome = look("optimize", WASTEFUL, *arguments)

    assert outcome.code == 2
    assert outcome.err.startswith("error: ")
