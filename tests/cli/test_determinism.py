"""The same image gives the same output, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command import launch
from tests.sources.samples import SAMPLES

COMMANDS = (
    ["wasteful.tar"],
    ["odd.tar", "--ci"],
    ["wasteful.tar", "--json", "-", "--base-layers", "1"],
    ["odd.tar", "--json", "-"],
    ["ls", "odd.tar", "--json", "--sha256"],
)


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_neither_run_nor_hash_seed_nor_time_zone_changes_the_output(arguments: list[str]) -> None:
    seeds = [{"PYTHONHASHSEED": "0"}, {"PYTHONHASHSEED": "7", "TZ": "Pacific/Apia"}]

    first, second = (launch(*arguments, env=env, cwd=SAMPLES) for env in seeds)

    assert first == second
    assert first.out


def test_where_the_archive_lies_changes_nothing_but_its_name(tmp_path: Path) -> None:
    (tmp_path / "wasteful.tar").write_bytes((SAMPLES / "wasteful.tar").read_bytes())

    here, there = (launch("wasteful.tar", "--json", "-", cwd=folder) for folder in (SAMPLES, tmp_path))

    assert here == there
