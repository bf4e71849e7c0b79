"""``layerscope optimize``: what it says, what it writes, and how it ends."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from layerscope.spool import TEMP_VARIABLE
from tests.cli.command import command_line, environment
from tests.cli.looking import Run
from tests.oci.build import built, docker_archive
from tests.oci.write.outputs import content_of, docker_image, oci_image
from tests.optimize.stacks import tar_of
from tests.sources.images import packed
from tests.sources.samples import LEAN, WASTEFUL
from tests.union.dsl import file


@pytest.fixture(autouse=True)
def temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary data."""
    monkeypatch.setenv(TEMP_VARIABLE, str(tmp_path / "temp"))
    return tmp_path / "temp"


def test_without_a_step_it_proposes_and_writes_nothing(look: Run, tmp_path: Path) -> None:
    outcome = look("optimize", WASTEFUL, "-o", tmp_path / "out.tar")

    assert outcome.code == 0
    assert "Nothing was written; say --prune or --squash" in outcome.out
    assert not (tmp_path / "out.tar").exists()


def test_a_dry_run_predicts_what_a_real_run_writes(look: Run, tmp_path: Path) -> None:
    dry = look("optimize", WASTEFUL, "--squash", "--dry-run", "-o", tmp_path / "out.tar")
    assert not (tmp_path / "out.tar").exists()

    real = look("optimize", WASTEFUL, "--squash", "-o", tmp_path / "out.tar")

    predicted = float(re.findall(r"joined +([\d.]+) [kM]B +([\d.]+) ([kM]B)", dry.out)[0][1])
    before, again, actual = re.findall(r"joined +([\d.]+) [kM]B +([\d.]+) [kM]B +([\d.]+) [kM]B", real.out)[0]
    assert predicted == float(again) < float(before)
    assert float(actual) == predicted
    assert "proven" in real.out


@pytest.mark.parametrize("arguments", [["--squash", "--dry-run"], []], ids=" ".join)
def test_who_changes_a_base_unknowingly_is_warned(arguments: list[str], look: Run) -> None:
    outcome = look("optimize", WASTEFUL, *arguments)

    assert "warning: where the base image ends is unknown" in outcome.out


@pytest.mark.parametrize("arguments", [["--squash", "--base-layers", "2"], ["--flatten"]], ids=" ".join)
def test_nobody_is_warned_of_what_is_asked_for(arguments: list[str], look: Run) -> None:
    outcome = look("optimize", WASTEFUL, *arguments, "--dry-run")

    assert outcome.code == 0
    assert "warning" not in outcome.out


@pytest.mark.parametrize("output", ["out.oci.tar", "out.tar"])
def test_a_prediction_of_compressed_sizes_says_how_sure_it_is(output: str, look: Run, tmp_path: Path) -> None:
    """What is written uncompressed is known exactly."""
    look("optimize", WASTEFUL, "--recompress", "gzip", "-o", tmp_path / "in.oci.tar")
    how = [tmp_path / "in.oci.tar", "--squash", "-o", tmp_path / output]

    dry, real = look("optimize", *how, "--dry-run"), look("optimize", *how)

    assert ("compressed sizes are estimates" in dry.out) is (output == "out.oci.tar")
    assert "estimates" not in real.out


@pytest.mark.parametrize("output", ["out.tar", "out.oci.tar", "out/"])
def test_every_format_is_written_and_has_the_joined_layers(output: str, look: Run, tmp_path: Path) -> None:
    outcome = look("optimize", WASTEFUL, "--flatten", "-o", f"{tmp_path}/{output}")

    assert outcome.code == 0, outcome.err
    content = content_of(tmp_path / output)
    if output == "out.tar":
        _, config, layers = docker_image(content)
    else:
        _, config, layers = oci_image(content)
    assert len(layers) == len(json.loads(config)["rootfs"]["diff_ids"]) == 1


def test_a_second_run_changes_nothing(look: Run, tmp_path: Path) -> None:
    look("optimize", WASTEFUL, "--prune", "-o", tmp_path / "once.tar")

    outcome = look("optimize", tmp_path / "once.tar", "--prune", "-o", tmp_path / "twice.tar")

    assert "nothing can be gained" in outcome.out
    assert (tmp_path / "twice.tar").read_bytes() == (tmp_path / "once.tar").read_bytes()


def test_an_output_that_is_there_is_replaced_only_when_told(look: Run, tmp_path: Path) -> None:
    (tmp_path / "out.tar").write_bytes(b"precious")

    refused = look("optimize", LEAN, "--flatten", "-o", tmp_path / "out.tar")
    assert (refused.code, (tmp_path / "out.tar").read_bytes()) == (5, b"precious")
    done = look("optimize", LEAN, "--flatten", "--force", "-o", tmp_path / "out.tar")

    assert done.code == 0
    assert "manifest.json" in content_of(tmp_path / "out.tar")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--prune"],
        ["--squash=7..3", "--dry-run"],
        ["--squash=0..999", "--dry-run"],
        ["--squash", "--squash=0..1", "--dry-run"],
        ["--flatten", "--squash=0..1", "--dry-run"],
        ["--include-base", "--dry-run"],
        ["--prune", "--dry-run", "--base-layers", "1000000"],
    ],
    ids=" ".join,
)
def test_what_makes_no_sense_is_refused(arguments: list[str], look: Run) -> None:
    outcome = look("optimize", WASTEFUL, *arguments)

    assert outcome.code == 2
    assert outcome.err.startswith("error: ")


def test_a_closed_pipe_is_quiet(tmp_path: Path) -> None:
    big = tar_of([file(f"{number}", b"x") for number in range(2000)])
    image = packed(tmp_path / "in.tar", docker_archive(built(big, big)))
    command = command_line("optimize", image, "--flatten", "-o", "-")
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        said = process.stderr.read()

    assert (process.returncode, said) == (141, b"")


def test_an_unknown_base_is_said(look: Run) -> None:
    unknown = look("optimize", LEAN, "--prune", "--dry-run")
    known = look("optimize", LEAN, "--prune", "--dry-run", "--base-layers", "1")

    assert "--base-layers" in unknown.out
    assert "--base-layers" not in known.out


def test_nothing_is_left_in_the_temporary_folder(look: Run, tmp_path: Path, temp: Path) -> None:
    look("optimize", WASTEFUL, "--flatten", "-o", tmp_path / "out.tar")

    assert list(temp.iterdir()) == []
