"""``layerscope init``: a file to begin with."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from layerscope.cli.configured import FILE_NAME
from layerscope.extensions import Gate
from layerscope.loading import load
from tests.cli.looking import Run
from tests.cli.test_ci import rows, stripped
from tests.sources.samples import LEAN, WASTEFUL

GATES: dict[str, Gate] = load("gate")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_file_is_as_if_there_were_none(look: Run) -> None:
    before = look(WASTEFUL, "--ci")

    assert look("init").code == 0
    assert look(WASTEFUL, "--ci") == before


def test_every_gate_can_be_switched_on_as_it_stands(look: Run) -> None:
    look("init")
    look(LEAN, "--json", "baseline.json")
    text = Path(FILE_NAME).read_text()
    assert [name for name in GATES if not re.search(rf"^(# )?{name} = ", text, re.MULTILINE)] == []

    Path(FILE_NAME).write_text(re.sub(r"^# (?=[a-z-]+ = )", "", text, flags=re.MULTILINE))
    outcome = look(LEAN, "--ci")

    assert outcome.err == ""
    assert {stripped(row)[0].split()[0] for row in rows(outcome)} == set(GATES)


@pytest.mark.parametrize("gate", GATES.values(), ids=GATES)
def test_the_example_of_a_gate_is_one(gate: Gate) -> None:
    if gate.metavar:
        gate.parse(gate.example)
    else:
        assert gate.example == ""


def test_a_file_that_is_there_is_kept(look: Run) -> None:
    Path(FILE_NAME).write_text("mine")

    outcome = look("init")

    assert outcome.code == 5
    assert Path(FILE_NAME).read_text() == "mine"
    assert "--force" in outcome.err


def test_force_writes_over_it(look: Run) -> None:
    Path("mine.toml").write_text("mine")

    assert look("init", "mine.toml", "--force").code == 0
    assert "[gates]" in Path("mine.toml").read_text()


def test_where_nothing_can_be_written_it_says_so(look: Run) -> None:
    outcome = look("init", "none/x.toml")

    assert outcome.code == 5
    assert "none/x.toml" in outcome.err
