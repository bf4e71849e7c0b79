"""``--base-layers``: the accounts of the base and of what stands on it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sample_images.accounting import balance
from tests.cli.looking import Run
from tests.sources.samples import NAMES, SAMPLES, WASTEFUL, ledger_of, samples

STACK = [step.members or () for step in samples()["wasteful.tar"].layer_steps]


def totals(look: Run, *arguments: str) -> dict[str, Any]:
    """The totals of the wasteful sample."""
    found: dict[str, Any] = json.loads(look(WASTEFUL, "--json", "-", *arguments).out)["totals"]
    return found


@pytest.mark.parametrize("count", range(len(STACK) + 1))
def test_the_base_and_the_own_layers_add_up_wherever_the_seam_is(count: int, look: Run) -> None:
    found = totals(look, "--base-layers", str(count))

    assert found["base_layers"] == count
    assert found["own_wasted_bytes"] == balance(STACK).own_wasted_bytes(count)
    assert found["own_wasted_bytes"] + found["base_wasted_bytes"] == found["wasted_bytes"]
    assert found["own_content_bytes"] + found["base_content_bytes"] == found["content_bytes"]
    assert found["base_content_bytes"] == balance(STACK[:count]).content_bytes


def test_without_a_seam_there_are_no_such_figures(look: Run) -> None:
    found = totals(look)

    names = [name for name in found if name.startswith(("base_", "own_"))]
    assert len(names) == 5
    assert [found[name] for name in names] == [None] * 5


def test_each_layer_says_on_which_side_it_is(look: Run) -> None:
    report = json.loads(look(WASTEFUL, "--json", "-", "--base-layers", "3").out)

    assert [row["base"] for row in report["layers"]] == [True] * 3 + [False] * 14
    assert report["image"]["base_layers"] == 3


@pytest.mark.parametrize("name", NAMES)
def test_the_seam_of_each_sample_gives_what_its_accounts_say(name: str, look: Run) -> None:
    base = samples()[name].base_layers

    report = json.loads(look(SAMPLES / name, "--json", "-", "--base-layers", str(base)).out)

    assert report["totals"]["own_wasted_bytes"] == ledger_of(name).own_wasted_bytes(base)


def test_the_summary_tells_own_from_base(look: Run) -> None:
    text = look(WASTEFUL, "--base-layers", "1").out

    assert "17 layers, 1 of them base" in text
    assert "own 243 kB wasted, base 4.84 kB" in text


@pytest.mark.parametrize("count", ["18", "1000000", "-1", "one", "1.5", ""])
def test_a_base_larger_than_the_image_is_a_usage_error(count: str, look: Run) -> None:
    outcome = look(WASTEFUL, "--base-layers", count)

    assert outcome.code == 2
    assert "--base-layers" in outcome.err
    assert outcome.out == ""
