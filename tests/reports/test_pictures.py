"""What each report looks like on an image full of hostile names, down to the byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reports.hostile import GOLDEN, PICTURES, UNSAFE, drawn, hostile_image, hostile_verdicts, written


@pytest.mark.parametrize("name", PICTURES)
def test_a_report_looks_as_it_did(name: str, tmp_path: Path) -> None:
    text = drawn(name, tmp_path).decode()

    assert text == (GOLDEN / PICTURES[name]).read_bytes().decode()


@pytest.mark.parametrize("name", PICTURES)
def test_nothing_in_an_image_is_written_as_it_is(name: str, tmp_path: Path) -> None:
    text = written(name, hostile_image(tmp_path), hostile_verdicts()).decode()

    assert [char for char in UNSAFE if char in text] == []


@pytest.mark.parametrize("name", PICTURES)
def test_the_same_image_is_written_the_same_way(name: str, tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()

    first = written(name, hostile_image(tmp_path / "one"), hostile_verdicts())
    second = written(name, hostile_image(tmp_path / "two"), hostile_verdicts())

    assert first == second
