"""The shipped samples: what was planted in them is found, and nothing much in the lean one."""

from __future__ import annotations

from functools import cache

import pytest

from layerscope.inspection import Inspection, Options, inspect
from layerscope.loading import load
from layerscope.model.suggestion import Priority
from tests.reports.validation import faults, written
from tests.sources.samples import LEAN, NAMES, SAMPLES, WASTEFUL, ledger_of, samples


@cache
def inspected(name: str) -> Inspection:
    """A sample, its seam told."""
    return inspect(str(SAMPLES / name), Options(base_layers=samples()[name].base_layers))


@pytest.mark.parametrize("name", NAMES)
def test_the_waste_of_the_plain_accounts_is_told_of_once(name: str) -> None:
    rules = load("rule")
    structure = {
        rule.id for rule in rules.values() if rule.priority in (Priority.WASTE, Priority.WASTE_EXPLAINED)
    }

    found = inspected(name).suggestions

    of_secrets = sum(one.net_bytes for one in found if one.rule == "secret-deleted")
    told = sum(one.net_bytes for one in found if one.rule in structure)
    assert told + of_secrets == ledger_of(name).wasted_bytes


@pytest.mark.parametrize("name", NAMES)
def test_the_report_holds_the_suggestions_and_keeps_to_its_schema(name: str) -> None:
    inspection = inspected(name)

    report = written(inspection)

    assert faults(report) == []
    assert [row["rule"] for row in report["suggestions"]] == [one.rule for one in inspection.suggestions]


def test_the_lean_image_gives_nothing_sure_above_a_megabyte() -> None:
    found = inspected(LEAN.name).suggestions

    assert [one.title for one in found if one.confidence == "high" and one.net_bytes > 1_000_000] == []


PLANTED: dict[str, tuple[int, ...]] = {
    "purged-later": (2, 15),
    "chmod-copy": (7, 12),
    "chown-copy": (5, 14),
    "cleanup-layer": (1, 16),
    "pip-cache": (7,),
    "moved": (5, 9),
    "secret-deleted": (5, 6),
}
"""What the script that makes the wasteful image does wrong, and in which layers."""


@pytest.mark.parametrize("rule", PLANTED)
def test_the_wasteful_image_gives_what_was_planted(rule: str) -> None:
    found = [one.layers for one in inspected(WASTEFUL.name).suggestions if one.rule == rule]

    assert PLANTED[rule] in found
