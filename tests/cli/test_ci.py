"""``--ci``: the gates, their table, the verdict."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command import Outcome
from tests.cli.looking import Run
from tests.sources.images import WASTE_LAYERS, saved, without_layers
from tests.sources.samples import LEAN, ODD, WASTEFUL

GATES = ("max-waste", "min-efficiency", "max-size", "max-layers")


def rows(outcome: Outcome) -> list[list[str]]:
    """The rows of the table of gates: name, measured, limit, verdict and the rest."""
    lines = outcome.out.splitlines()
    start = lines.index("Gates") + 2
    end = next(number for number in range(start, len(lines)) if not lines[number])
    return [[cell for cell in line.split("  ") if cell] for line in lines[start:end]]


@pytest.mark.parametrize("more", [[], ["--json", "found.json"]])
def test_a_failure_tells_what_to_change(
    more: list[str], look: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where nobody looked into files: what mends waste needs no look."""
    monkeypatch.chdir(tmp_path)

    failed, passed = look(WASTEFUL, "--ci", *more), look(LEAN, "--ci", *more)

    fixes = failed.out.partition("What to change")[2].partition("Gates")[0]
    assert "Do not copy /app/.git /app/node_modules /app/.env with the COPY of layer 5" in fixes
    assert "secret" not in fixes
    assert ("looks into files too" in fixes) is (not more)
    assert "What to change" not in passed.out


def test_who_asks_for_secrets_is_told_how_to_be_rid_of_them(look: Run) -> None:
    outcome = look(WASTEFUL, "--ci", "--no-secrets")

    first = outcome.out.partition("What to change")[2].splitlines()[1]
    assert first.split()[0] == "·"


def test_without_a_gate_a_tenth_may_be_wasted(look: Run) -> None:
    failing, passing = look(WASTEFUL, "--ci"), look(LEAN, "--ci")

    assert (failing.code, passing.code) == (1, 0)
    assert [row[:4] for row in map(stripped, rows(failing))] == [["max-waste", "46.5 %", "10.0 %", "FAIL"]]
    assert [row[:4] for row in map(stripped, rows(passing))] == [["max-waste", "0.3 %", "10.0 %", "pass"]]


def stripped(row: list[str]) -> list[str]:
    """The cells without the blanks that align them."""
    return [cell.strip() for cell in row]


@pytest.mark.parametrize(("limit", "code"), [("10%", 0), ("9.9%", 1), ("100", 0), ("99", 1), ("100B", 0)])
def test_exactly_the_limit_is_fine(limit: str, code: int, look: Run, tmp_path: Path) -> None:
    assert look(saved(tmp_path, *WASTE_LAYERS), "--ci", "--max-waste", limit).code == code


def test_a_named_gate_takes_the_place_of_the_default(look: Run) -> None:
    outcome = look(WASTEFUL, "--ci", "--max-layers", "17")

    assert outcome.code == 0
    assert [row[0].strip() for row in rows(outcome)] == ["max-layers"]


def test_several_gates_are_all_judged_and_what_failed_comes_first(look: Run) -> None:
    limits = ["--max-layers", "17", "--max-size", "1kB", "--min-efficiency", "99%", "--max-waste", "50%"]

    outcome = look(WASTEFUL, "--ci", *limits)

    verdicts = {row[0]: row[3] for row in map(stripped, rows(outcome))}
    assert outcome.code == 1
    assert list(verdicts.values()) == ["FAIL", "FAIL", "pass", "pass"]
    assert {gate for gate, verdict in verdicts.items() if verdict == "FAIL"} == {"max-size", "min-efficiency"}
    assert outcome.out.splitlines()[-1] == "verdict: fail max-size min-efficiency"


def test_all_gates_can_pass(look: Run) -> None:
    limits = ["--max-layers", "7", "--max-size", "1MB", "--min-efficiency", "0.99", "--max-waste", "508"]

    outcome = look(LEAN, "--ci", *limits)

    assert outcome.code == 0
    assert sorted(row[0].strip() for row in rows(outcome)) == sorted(GATES)


@pytest.mark.parametrize(("image", "last"), [(WASTEFUL, "verdict: fail max-waste"), (LEAN, "verdict: pass")])
def test_the_verdict_is_the_last_line(image: Path, last: str, look: Run) -> None:
    outcome = look(image, "--ci")

    assert outcome.out.endswith(f"\n\n{last}\n")
    assert outcome.err == ""


def test_the_biggest_contributors_stand_before_the_gates(look: Run) -> None:
    lines = look(WASTEFUL, "--ci").out.splitlines()

    before = "\n".join(lines[: lines.index("Gates")])
    assert "RUN apt-get purge -y gcc make" in before
    assert "/usr/bin/x86_64-linux-gnu-gcc-12" in before


@pytest.mark.parametrize("gate", GATES)
def test_a_gate_without_ci_is_a_usage_error(gate: str, look: Run) -> None:
    outcome = look(LEAN, f"--{gate}", "1")

    assert outcome.code == 2
    assert "--ci" in outcome.err
    assert outcome.out == ""


@pytest.mark.parametrize("gate", GATES)
@pytest.mark.parametrize("limit", ["", "much", "-1", "NaN", "inf"])
def test_a_limit_that_is_none_names_its_option(gate: str, limit: str, look: Run) -> None:
    outcome = look(LEAN, "--ci", f"--{gate}", limit)

    assert outcome.code == 2
    assert f"--{gate}" in outcome.err.splitlines()[0]


def test_an_empty_image_passes_every_gate_and_prints_numbers(look: Run, tmp_path: Path) -> None:
    limits = ["--max-layers", "0", "--max-size", "0", "--min-efficiency", "100%", "--max-waste", "0%"]

    outcome = look(without_layers(tmp_path), "--ci", *limits)

    assert outcome.code == 0
    assert "nan" not in outcome.out.lower()
    assert [row[1].strip() for row in rows(outcome)] == ["0", "0 B", "0.0 %", "100.0 %"]


def test_base_layers_do_not_change_what_a_gate_measures(look: Run) -> None:
    assert rows(look(ODD, "--ci", "--base-layers", "3")) == rows(look(ODD, "--ci"))
