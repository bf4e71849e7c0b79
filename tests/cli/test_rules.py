"""``layerscope rules``: all of them, or one."""

from __future__ import annotations

import pytest

from layerscope.loading import load
from tests.cli.looking import Run


def test_every_rule_is_listed(look: Run) -> None:
    outcome = look("rules")

    assert outcome.code == 0
    words = set(outcome.out.split())
    assert set(load("rule")) <= words


def test_one_rule_is_explained(look: Run) -> None:
    outcome = look("rules", "pip-cache")

    assert outcome.code == 0
    assert "--no-cache-dir" in outcome.out
    assert ".cache/pip/" in outcome.out


@pytest.mark.parametrize(("name", "hint"), [("pip-cach", "pip-cache"), ("qqq", "layerscope rules")])
def test_a_rule_that_there_is_not(look: Run, name: str, hint: str) -> None:
    outcome = look("rules", name)

    assert outcome.code == 2
    assert hint in outcome.err
