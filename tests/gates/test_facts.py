"""Which runs have the probes look into files: those that ask for what only probes tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerscope import inspection as pipeline
from layerscope.extensions import Gate, ScanOptions
from layerscope.inspection import Inspection, Options, inspect
from layerscope.loading import load
from tests.cli.looking import Run, look

__all__ = ["look"]

WASTEFUL = str(Path(__file__).parents[2] / "sample_images" / "wasteful.tar")


@pytest.fixture
def probes(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Note which probes each run asks for."""
    asked: list[tuple[str, ...]] = []
    made = pipeline._scan_options  # noqa: SLF001 - what every run goes through

    def noted(options: Options) -> ScanOptions:
        scan = made(options)
        asked.append(scan.probes)
        return scan

    monkeypatch.setattr(pipeline, "_scan_options", noted)
    return asked


@pytest.mark.parametrize("name", [name for name, gate in load("gate").items() if not gate.against_baseline])
def test_a_gate_has_the_facts_it_needs_and_no_others(
    look: Run, probes: list[tuple[str, ...]], name: str
) -> None:
    """A gate that needs them without saying so ends in an assertion."""
    gate: Gate = load("gate")[name]

    limit = [gate.example] if gate.metavar else []

    outcome = look(WASTEFUL, "--ci", "--base-layers", "1", f"--{name}", *limit)

    assert outcome.code in (0, 1)
    assert bool(probes[0]) is gate.needs_facts


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        ([WASTEFUL, "--ci"], False),
        ([WASTEFUL, "--ci", "--json", "/dev/null"], True),
        ([WASTEFUL, "--summary"], True),
        (["ls", WASTEFUL, "/etc"], False),
        (["why", WASTEFUL, "/etc"], False),
        (["cat", WASTEFUL, "/etc/passwd"], False),
        (["packages", WASTEFUL], True),
    ],
    ids=lambda value: " ".join(value[:-1]) if isinstance(value, list) else None,
)
def test_a_command_has_the_facts_it_shows(
    look: Run,
    probes: list[tuple[str, ...]],
    arguments: list[str],
    wanted: bool,  # noqa: FBT001
) -> None:
    outcome = look(*arguments)

    assert outcome.code in (0, 1)
    assert bool(probes[0]) is wanted


@pytest.mark.parametrize("what", ["suggestions", "packages"])
def test_what_facts_tell_is_refused_without_them(what: str) -> None:
    """Rather than leaving a secret out in silence."""
    found: Inspection = inspect(WASTEFUL, Options(facts=False))

    with pytest.raises(AssertionError):
        getattr(found, what)
