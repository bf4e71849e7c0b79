"""``--json``: where the report goes, and that a file is whole or absent."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import threading
from pathlib import Path

import pytest

from tests.cli.command import command_line, environment, launch
from tests.cli.looking import Run
from tests.sources.images import layer, saved
from tests.sources.samples import LEAN, ODD, WASTEFUL


def listing(folder: Path) -> list[str]:
    """What is in a folder."""
    return sorted(path.name for path in folder.iterdir())


def test_a_dash_puts_nothing_but_json_on_standard_output(look: Run) -> None:
    outcome = look(WASTEFUL, "--json", "-")

    assert json.loads(outcome.out)["schema_version"] == 1
    assert outcome.err == ""


def test_with_ci_the_dash_sends_the_gates_to_standard_error(look: Run) -> None:
    outcome = look(WASTEFUL, "--ci", "--json", "-")

    assert outcome.code == 1
    assert [gate["passed"] for gate in json.loads(outcome.out)["gates"]] == [False]
    assert outcome.err.endswith("verdict: fail max-waste\n")


def test_with_ci_a_file_leaves_the_gates_on_standard_output(look: Run, tmp_path: Path) -> None:
    outcome = look(WASTEFUL, "--ci", "--max-layers", "20", "--json", tmp_path / "report.json")

    gates = json.loads((tmp_path / "report.json").read_bytes())["gates"]
    assert outcome.code == 0
    assert outcome.out.endswith("verdict: pass\n")
    assert [(gate["gate"], gate["measured"], gate["limit"]) for gate in gates] == [("max-layers", "17", "20")]


def test_a_report_means_no_summary(look: Run, tmp_path: Path) -> None:
    outcome = look(WASTEFUL, "--json", tmp_path / "report.json")

    assert (outcome.code, outcome.out, outcome.err) == (0, "", "")
    assert (tmp_path / "report.json").exists()


def test_a_file_holds_what_standard_output_would(look: Run, tmp_path: Path) -> None:
    look(ODD, "--json", tmp_path / "report.json")

    assert (tmp_path / "report.json").read_text() == look(ODD, "--json", "-").out


def test_an_older_report_is_replaced(look: Run, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    report.write_text("old")

    look(LEAN, "--json", report)

    assert json.loads(report.read_bytes())["totals"]["wasted_bytes"] == 508
    assert listing(tmp_path) == ["report.json"]


@pytest.mark.parametrize(
    "arguments",
    [["absent.tar"], [str(LEAN), "--base-layers", "99"], [str(LEAN), "--max-unpacked", "1kB"]],
    ids=["absent", "base-layers", "max-unpacked"],
)
def test_an_older_report_stays_when_the_run_fails(arguments: list[str], look: Run, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    report.write_text("old")

    outcome = look(*arguments, "--json", report)

    assert outcome.code in (2, 3, 4)
    assert report.read_text() == "old"
    assert listing(tmp_path) == ["report.json"]


def test_an_older_report_stays_when_the_disk_is_full(
    look: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = tmp_path / "report.json"
    report.write_text("old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("layerscope.reports.data.report_data", full)
    outcome = look(LEAN, "--json", report)

    assert outcome.code == 5
    assert outcome.err == f"error: {report}: No space left on device\n"
    assert report.read_text() == "old"
    assert listing(tmp_path) == ["report.json"]


@pytest.mark.parametrize("place", ["absent/report.json", "image.tar/report.json", "folder", "", "x" * 300])
def test_a_place_that_cannot_be_written_is_exit_5(
    place: str, look: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    saved(tmp_path, layer())
    (tmp_path / "folder").mkdir()

    outcome = look("image.tar", "--json", place)

    assert outcome.code == 5
    assert outcome.error_lines[0] == "error"
    assert outcome.out == ""
    assert listing(tmp_path) == ["folder", "image.tar"]
    assert listing(tmp_path / "folder") == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_exit_5(look: Run, tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o555)

    assert look(LEAN, "--json", tmp_path / "closed" / "report.json").code == 5


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0, 0o666)])
def test_a_report_has_the_mode_of_any_new_file(mask: int, mode: int, look: Run, tmp_path: Path) -> None:
    before = os.umask(mask)
    try:
        look(LEAN, "--json", tmp_path / "report.json")
    finally:
        os.umask(before)

    assert stat.S_IMODE((tmp_path / "report.json").stat().st_mode) == mode


def test_a_link_leads_to_the_report(look: Run, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "report.json").symlink_to("elsewhere/real.json")

    look(LEAN, "--json", tmp_path / "report.json")

    assert (tmp_path / "report.json").is_symlink()
    assert json.loads((tmp_path / "elsewhere" / "real.json").read_bytes())["schema_version"] == 1


def test_a_device_is_written_and_not_replaced(look: Run) -> None:
    outcome = look(LEAN, "--json", "/dev/null")

    assert outcome.code == 0
    assert Path("/dev/null").is_char_device()


def test_a_named_pipe_is_written_and_not_replaced(look: Run, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "pipe").read_bytes()))
    reader.start()

    outcome = look(LEAN, "--json", tmp_path / "pipe")
    reader.join()

    assert outcome.code == 0
    assert json.loads(read[0])["schema_version"] == 1
    assert (tmp_path / "pipe").is_fifo()


def test_a_full_device_is_exit_5(look: Run) -> None:
    outcome = look(LEAN, "--json", "/dev/full")

    assert outcome.code == 5
    assert outcome.err == "error: /dev/full: No space left on device\n"


def test_a_failed_gate_and_a_full_disk_is_exit_5(look: Run) -> None:
    assert look(WASTEFUL, "--ci", "--json", "/dev/full").code == 5


@pytest.mark.parametrize("arguments", [[], ["--ci"], ["--json", "-"]], ids=["summary", "ci", "json"])
def test_a_full_standard_output_is_exit_5(arguments: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            command_line(LEAN, *arguments),
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment(),
            check=False,
        )

    lines = done.stderr.decode().splitlines()
    assert done.returncode == 5
    assert lines[-1] == "error: standard output: No space left on device"


def test_the_report_of_a_piped_archive_is_that_of_the_file() -> None:
    """Save what it was called."""
    piped = json.loads(launch("-", "--json", "-", stdin=ODD.read_bytes()).out)
    from_file = json.loads(launch(ODD, "--json", "-").out)

    assert piped["image"].pop("reference") == "-"
    assert from_file["image"].pop("reference") == str(ODD)
    assert piped == from_file
