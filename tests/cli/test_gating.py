"""Gates on the command line: warnings, repetition, a baseline, ``--exit-zero``, a ``.dive-ci``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from layerscope.loading import load
from tests.cli.looking import Run
from tests.cli.test_ci import rows, stripped
from tests.sources.samples import LEAN, ODD, WASTEFUL

DIVE_CI = "rules:\n  lowestEfficiency: 0.1\n  highestUserWastedPercent: disabled\n"


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand where there is no file of settings."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_limit_to_warn_at_fails_nothing(look: Run) -> None:
    outcome = look(WASTEFUL, "--ci", "--max-waste", "50%", "--warn", "max-waste=5%")

    assert outcome.code == 0
    assert [row[3] for row in map(stripped, rows(outcome))] == ["warn", "pass"]
    assert outcome.out.endswith("\nverdict: pass\n")


def test_a_limit_to_warn_at_leaves_the_default_in_force(look: Run) -> None:
    outcome = look(WASTEFUL, "--ci", "--warn", "no-root", "--warn", "max-layers=1")

    assert outcome.code == 1
    assert outcome.out.endswith("\nverdict: fail max-waste\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("max-wast=5%", "did you mean max-waste?"),
        ("max-waste", "write max-waste=PERCENT|SIZE"),
        ("max-waste=much", "no size"),
        ("no-root=true", "write no-root"),
        ("", "no gate"),
    ],
)
def test_a_limit_to_warn_at_that_is_none_is_refused(text: str, said: str, look: Run) -> None:
    outcome = look(LEAN, "--ci", "--warn", text)

    assert outcome.code == 2
    assert "--warn" in outcome.err
    assert said in outcome.err


def test_a_repeated_gate_is_judged_each_time_and_named_once_in_the_verdict(look: Run) -> None:
    limits = ["--max-dir", "/usr=1kB", "--max-dir", "/etc=1kB", "--max-dir", "/nowhere=1kB"]

    outcome = look(WASTEFUL, "--ci", *limits)

    found = {row[0]: row[3] for row in map(stripped, rows(outcome))}
    assert found == {"max-dir /usr": "FAIL", "max-dir /etc": "FAIL", "max-dir /nowhere": "pass"}
    assert outcome.out.endswith("\nverdict: fail max-dir\n")


def test_exit_zero_tells_and_exits_zero(look: Run) -> None:
    outcome = look(WASTEFUL, "--ci", "--exit-zero")

    assert outcome.code == 0
    assert outcome.out.endswith("\nverdict: fail max-waste\n")


def test_growth_since_a_baseline(look: Run, tmp_path: Path) -> None:
    baseline = tmp_path / "before.json"
    look(LEAN, "--json", baseline)

    grown = look(WASTEFUL, "--ci", "--baseline", baseline, "--max-growth", "1%")
    same = look(LEAN, "--ci", "--baseline", baseline, "--max-growth", "0")

    assert (grown.code, same.code) == (1, 0)
    assert stripped(rows(same)[0])[:4] == ["max-growth", "0 B", "0 B", "pass"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--ci", "--max-growth", "5%"], "--baseline"),
        (["--ci", "--warn", "max-growth=5%"], "--baseline"),
        (["--ci", "--baseline", "none.json"], "--max-growth"),
        (["--ci", "--baseline", "none.json", "--max-growth", "5%"], "none.json"),
        (["--max-dir", "/usr=1kB"], "--ci"),
        (["--no-root"], "--ci"),
        (["--max-layers", "0"], "--ci"),
        (["--warn", "no-root"], "--ci"),
        (["--dive-ci", ".dive-ci"], "--ci"),
        (["--ci", "--dive-ci", "none"], "none"),
        (["--json", "-", "--csv", "-"], "standard output"),
    ],
)
def test_what_would_not_count_is_refused(arguments: list[str], said: str, look: Run) -> None:
    outcome = look(LEAN, *arguments)

    assert outcome.code == 2
    assert said in outcome.err
    assert outcome.out == ""


def test_a_dive_ci_is_found_and_the_difference_is_told(look: Run, empty_folder: Path) -> None:
    (empty_folder / ".dive-ci").write_text(DIVE_CI)

    outcome = look(WASTEFUL, "--ci")

    assert outcome.code == 0
    assert stripped(rows(outcome)[0])[0] == "dive-ci lowestEfficiency"
    assert outcome.err.startswith("note: .dive-ci: ")
    assert "kept too" in outcome.err


def test_a_gate_of_our_own_leaves_the_dive_ci_alone(look: Run, empty_folder: Path) -> None:
    (empty_folder / ".dive-ci").write_text(DIVE_CI)

    outcome = look(WASTEFUL, "--ci", "--max-layers", "20")

    assert [stripped(row)[0] for row in rows(outcome)] == ["max-layers"]
    assert outcome.err == ""


def test_a_dive_ci_that_is_named_is_judged_with_the_others(look: Run, empty_folder: Path) -> None:
    (empty_folder / "rules").write_text("rules:\n  lowestEfficiency: 0.999\n")

    outcome = look(ODD, "--ci", "--dive-ci", "rules", "--max-layers", "20")

    assert outcome.code == 1
    assert outcome.out.endswith("\nverdict: fail dive-ci\n")
    assert len(rows(outcome)) == 3


def test_any_number_of_reports_comes_from_one_run(look: Run, tmp_path: Path) -> None:
    names = load("report")

    outcome = look(ODD, "--ci", *(text for name in names for text in (f"--{name}", str(tmp_path / name))))

    assert outcome.out.endswith("\nverdict: fail max-waste\n")
    assert [name for name in names if not (tmp_path / name).stat().st_size] == []
    gates = json.loads((tmp_path / "json").read_bytes())["gates"]
    assert [gate["gate"] for gate in gates] == ["max-waste"]


@pytest.fixture
def summary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A step summary in which something stands already."""
    path = tmp_path / "summary.md"
    path.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(path))
    return path


def test_the_markdown_goes_to_the_step_summary_too(look: Run, tmp_path: Path, summary: Path) -> None:
    outcome = look(LEAN, "--markdown", tmp_path / "report.md")

    assert summary.read_text() == "before\n" + (tmp_path / "report.md").read_text()
    assert "step summary" in outcome.err


def test_a_step_summary_that_was_named_is_not_written_twice(look: Run, summary: Path) -> None:
    look(LEAN, "--markdown", summary)

    assert summary.read_text().count("## layerscope") == 1


def test_without_markdown_the_step_summary_is_left_alone(look: Run, tmp_path: Path, summary: Path) -> None:
    look(LEAN, "--json", tmp_path / "report.json")

    assert summary.read_text() == "before\n"


def test_a_step_summary_that_cannot_be_written_fails_nothing(
    look: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "none" / "summary.md"))

    outcome = look(LEAN, "--ci", "--markdown", tmp_path / "report.md")

    assert outcome.code == 0
    assert "cannot be written" in outcome.err


def test_a_dive_ci_with_all_of_its_rules_disabled_judges_nothing_and_says_so(look: Run) -> None:
    rules = ("lowestEfficiency", "highestWastedBytes", "highestUserWastedPercent")
    Path(".dive-ci").write_text("rules:\n" + "".join(f"  {rule}: disabled\n" for rule in rules))

    outcome = look(WASTEFUL, "--ci")

    assert outcome.code == 0
    assert outcome.out.endswith("\n\nNo gate is on.\n\nverdict: pass\n")
