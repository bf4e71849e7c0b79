"""``--record`` and ``trend``: runs remembered, and shown one beside the other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from layerscope.history.file import append
from tests.cli.looking import Run
from tests.history.runs import run
from tests.reports.page import Page
from tests.sources.samples import SAMPLES, ledger_of, samples


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """Three runs of one image, one of another."""
    path = tmp_path / "history.jsonl"
    append(path, run("shop/api:1", 1_000_000, 100_000, verdict="pass"))
    append(path, run("shop/api:2", 2_000_000, 400_000, verdict="fail"))
    append(path, run("<b>\\x1b</b>:1", 5_000))
    append(path, run("shop/api:3", 1_500_000, 0))
    return path


def test_a_run_is_recorded_with_its_figures_and_its_verdict(look: Run, tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    archive = SAMPLES / "wasteful.tar"

    outcomes = [look(archive, "--record", path, *more) for more in (["--ci"], ["--json", "/dev/null"])]

    first, second = map(json.loads, path.read_text().splitlines())
    tar_bytes = sum(map(len, samples()["wasteful.tar"].layer_tars))
    assert [outcome.code for outcome in outcomes] == [1, 0]
    assert (first["image"], first["layers"], first["complete"]) == ("shop/api:1.4.0", 17, True)
    assert first["totals"]["tar_bytes"] == tar_bytes
    assert first["totals"]["wasted_bytes"] == ledger_of("wasteful.tar").wasted_bytes
    assert (first["verdict"], first["failed"]) == ("fail", ["max-waste"])
    assert second == first | {"verdict": None, "failed": []}


def test_what_cannot_be_recorded_is_an_error(look: Run, tmp_path: Path) -> None:
    outcome = look(SAMPLES / "lean.tar", "--ci", "--record", tmp_path / "nowhere" / "history.jsonl")

    assert outcome.code == 5
    assert outcome.error_lines == ["error"]


def test_size_and_waste_are_drawn_and_listed(look: Run, history: Path) -> None:
    outcome = look("trend", history, "--image", "shop/*")

    lines = outcome.out.splitlines()
    assert outcome.code == 0
    assert lines[0] == "shop/api  linux/amd64, 3 runs"
    assert lines[2:4] == ["  size   ▁█▅  1.00 MB → 1.50 MB", "  waste  ▃█▁  100 kB → 0 B"]
    rows = [line.split() for line in lines[-3:]]
    assert [row[2] for row in rows] == ["1", "2", "3"]
    assert " ".join(rows[1]) == "2 2025-03-04 2 2.00 MB +1.00 MB 1.00 MB 400 kB +300 kB 20.0 % 3 fail"
    assert " ".join(rows[2]) == "3 2025-03-04 3 1.50 MB -500 kB 750 kB 0 B -400 kB 0.0 % 3"


def test_ascii_is_ascii(look: Run, history: Path) -> None:
    outcome = look("trend", history, "--ascii", "--last", "1")

    assert outcome.out.isascii()
    assert "  size   _@+  1.00 MB -> 1.50 MB" in outcome.out.splitlines()
    assert "2 runs before these" in outcome.out


def test_damaged_lines_are_told_beside_the_rest(look: Run, history: Path) -> None:
    history.write_bytes(b"\x1b[31m\n" * 7 + history.read_bytes())

    outcome = look("trend", history)

    assert outcome.code == 0
    assert "shop/api  linux/amd64, 3 runs" in outcome.out
    notes = outcome.err.splitlines()
    assert notes[0].startswith(f"note: {history}:1: no record")
    assert notes[-1].endswith("2 more lines are no records")
    assert len(notes) == 6
    assert "\x1b" not in outcome.err
    assert look("trend", history, "-q").err == ""


def test_programs_have_it_as_json(look: Run, history: Path) -> None:
    found = json.loads(look("trend", history, "--json").out)

    assert [(one["image"], len(one["runs"])) for one in found] == [("shop/api", 3), ("<b>\\x1b</b>", 1)]
    assert [one["size_change_bytes"] for one in found[0]["runs"]] == [None, 1_000_000, -500_000]
    assert found[0]["runs"][1]["record"]["failed"] == ["max-waste"]


def test_the_page_draws_all_on_one_scale_and_lets_nothing_in(look: Run, history: Path) -> None:
    text = look("trend", history, "--html", "-").out

    page = Page(text)
    points = page.values("points")
    policy = next(value for value in page.values("content") if "default-src" in value)
    assert points[1] == "0.0,80.0 500.0,0.0 1000.0,40.0"
    assert points[3] == "0.0,152.0 500.0,128.0 1000.0,160.0"
    assert (page.elements["svg"], page.elements["script"], page.elements["b"]) == (2, 0, 4)
    assert "script-src 'none'" in policy
    assert not [value for value in (*page.values("href"), *page.values("src")) if value]
    assert text == look("trend", history, "--html", "-").out


@pytest.mark.parametrize(
    ("content", "more", "said"),
    [
        (None, [], "No such file"),
        (b"", [], "no run is recorded here"),
        (b"garbage\n", [], "no run is recorded here"),
        (b"", ["--image", "x"], "no run is recorded here"),
    ],
)
def test_without_a_run_there_is_nothing_to_show(
    look: Run, tmp_path: Path, content: bytes | None, more: list[str], said: str
) -> None:
    path = tmp_path / "history.jsonl"
    if content is not None:
        path.write_bytes(content)

    outcome = look("trend", path, "-q", *more)

    assert outcome.code == 2
    assert said in outcome.err
    assert outcome.error_lines == ["error", "hint"]


def test_an_image_that_was_never_recorded_is_named_with_those_that_were(look: Run, history: Path) -> None:
    outcome = look("trend", history, "--image", "shop/web")

    assert outcome.code == 2
    assert "no run of shop/web" in outcome.err
    assert "shop/api" in outcome.err
