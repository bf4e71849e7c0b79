"""``layerscope diff``, and ``--baseline`` with an image."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from layerscope import inspection as pipeline
from layerscope.cli.commands.diff import COMMAND
from layerscope.extensions import ScanOptions
from layerscope.inspection import Options
from layerscope.reports.comparison_data import MOST_ROWS
from tests.cli.command import Outcome, launch
from tests.cli.looking import Run
from tests.cli.test_ci import rows, stripped
from tests.oci.build import built, docker_archive
from tests.oci.tar.raw import member
from tests.sources.images import layer, packed, saved, steps
from tests.sources.samples import LEAN, ODD, WASTEFUL

BASE = layer(member(b"base", b"b" * 900))
OLD = layer(member(b"app/main", b"a" * 300), member(b"app/gone", b"g"))
NEW = layer(member(b"app/main", b"c" * 400), member(b"app/came", b"h" * 50))
HISTORY = steps("ADD base /", "COPY . /app")


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand where there is no file of settings."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The image before."""
    return saved(tmp_path, BASE, OLD, name="old.tar", history=HISTORY)


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """The image after."""
    return saved(tmp_path, BASE, NEW, name="new.tar", history=HISTORY)


def told(look: Run, *arguments: str | Path) -> dict[str, Any]:
    """The object of ``--json``."""
    outcome = look("diff", *arguments, "--json", "-")
    assert (outcome.code, outcome.err) == (0, "")
    found: dict[str, Any] = json.loads(outcome.out)
    return found


def test_the_page_on_a_terminal_of_80_columns(
    old: Path, new: Path, look: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")

    assert look("diff", old.name, new.name).out == PAGE


PAGE = """\
old.tar → new.tar

              before    after  change
  unpacked   5.63 kB  5.63 kB     0 B
  as stored  5.63 kB  5.63 kB     0 B
  content    1.20 kB  1.35 kB  +149 B  +12.4 %
  visible    1.20 kB  1.35 kB  +149 B  +12.4 %
  wasted         0 B      0 B     0 B
  entries          3        3      +0
  layers           2        2      +0

Update: a node that has the old image pulls
  3.07 kB of 5.63 kB, 1 of 2 layers, stored uncompressed here
  pulled          3.07 kB    54.5 %  of all blobs
  shipped again       0 B     0.0 %  in the old image too, about 0 B of the pull
  new content       450 B   100.0 %  of the content
  because of layer 1: the same instruction gave other files
    COPY . /app
    ~    400 B  /app/main
    +     50 B  /app/came
    −      1 B  /app/gone

Layers: 1 same, 1 changed
  old  new              stored     pull  instruction
    0    0  = same     2.56 kB        ·  ADD base /
    1    1  ~ changed  3.07 kB  3.07 kB  COPY . /app

Directories by what differs below them
  change  before  after  files  directory
  +149 B   301 B  450 B      3  /app

Files: 1 added, 1 removed, 1 modified
  change              path
  +100 B  ~ modified  /app/main
   +50 B  + added     /app/came
    −1 B  − removed   /app/gone
"""


@pytest.mark.parametrize("columns", ["60", "80", "160"])
@pytest.mark.parametrize(("before", "after"), [(LEAN, WASTEFUL), (WASTEFUL, ODD), (ODD, ODD)])
def test_lines_are_not_wider_than_the_terminal(
    before: Path, after: Path, columns: str, look: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)

    out = look("diff", before, after).out

    assert [line for line in out.splitlines() if len(line) > int(columns)] == []
    assert "\x1b" not in out


def test_a_report_is_as_good_as_an_image_for_what_it_tells(old: Path, new: Path, look: Run) -> None:
    look(old, "--json", "old.json")

    whole, partly = told(look, old, new), told(look, "old.json", new)

    assert partly["old"].pop("source") == "report"
    assert whole["old"].pop("source") == "image"
    for part in ("old", "new", "totals", "packages", "config"):
        assert partly[part] == whole[part]
    assert partly["update"]["pull_bytes"] == whole["update"]["pull_bytes"] == len(NEW)
    assert (partly["files"], partly["file_counts"], partly["update"]["again_bytes"]) == (None, None, None)
    assert "unknown" in look("diff", "old.json", new).out


def test_any_number_of_reports_comes_from_one_run(old: Path, new: Path, look: Run, tmp_path: Path) -> None:
    outcome = look("diff", old, new, "--json", "a.json", "--markdown", "a.md", "--html", "a.html")

    assert outcome == (0, "", "")
    assert json.loads((tmp_path / "a.json").read_bytes())["comparison_version"] == 2
    assert (tmp_path / "a.md").read_text().startswith("## layerscope: ")
    assert (tmp_path / "a.html").read_text().rstrip().endswith("</html>")


@pytest.mark.parametrize("form", ["--json", "--markdown", "--html"])
def test_the_same_images_are_written_the_same_way(form: str) -> None:
    runs = [
        launch("diff", LEAN, WASTEFUL, form, "-", env={"PYTHONHASHSEED": seed}).out for seed in ("1", "2")
    ]

    assert runs[0] == runs[1] != ""


@pytest.mark.parametrize(
    ("limits", "verdict", "code"),
    [
        (["--max-update", str(len(NEW))], "pass", 0),
        (["--max-update", str(len(NEW) - 1)], "fail max-update", 1),
        (["--max-growth", "0", "--max-update", "0"], "fail max-update", 1),
        (["--max-update", "0", "--exit-zero"], "fail max-update", 0),
        (["--max-growth", "0", "--warn", "max-update=1"], "pass", 0),
    ],
)
def test_gates(limits: list[str], verdict: str, code: int, old: Path, new: Path, look: Run) -> None:
    outcome = look("diff", old, new, "--ci", *limits)

    assert outcome.code == code
    assert outcome.out.endswith(f"\nverdict: {verdict}\n")


def test_limits_may_stand_in_the_file_and_in_the_environment(
    old: Path, new: Path, look: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of gates that compare nothing are for another command."""
    Path(".layerscope.toml").write_text(
        "exit-zero = true\n[gates]\nmax-waste = 0\nmax-update = 1\n"
        "[gates.warn]\nmax-layers = 1\nmax-growth = 0\n"
    )
    monkeypatch.setenv("LAYERSCOPE_MAX_GROWTH", "200%")

    outcome = look("diff", old, new, "--ci")

    assert outcome.code == 0
    assert limits(outcome) == [("max-growth", "0 B"), ("max-growth", "200.0 %"), ("max-update", "1 B")]


def limits(outcome: Outcome) -> list[tuple[str, str]]:
    """The gates that were judged, and their limits, by name."""
    return sorted((row[0], row[2]) for row in map(stripped, rows(outcome)))


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(
    old: Path, new: Path, look: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("other.toml").write_text("[gates]\nmax-growth = '1%'\n")
    arguments = ("diff", old, new, "--ci", "--config", "other.toml")
    file = limits(look(*arguments))
    monkeypatch.setenv("LAYERSCOPE_MAX_GROWTH", "2%")
    environment = limits(look(*arguments))
    flag = limits(look(*arguments, "--max-growth", "3%"))

    assert [found[0][1] for found in (file, environment, flag)] == ["1.0 %", "2.0 %", "3.0 %"]


def test_limits_in_a_file_ask_for_no_verdict(old: Path, new: Path, look: Run) -> None:
    Path(".layerscope.toml").write_text("[gates]\nmax-update = 1\n")

    outcome = look("diff", old, new)

    assert outcome.code == 0
    assert "verdict" not in outcome.out


def test_settings_that_nobody_knows_are_refused(old: Path, new: Path, look: Run) -> None:
    Path(".layerscope.toml").write_text("[gates]\nmax-updat = 1\n")

    outcome = look("diff", old, new)

    assert (outcome.code, outcome.out) == (2, "")
    assert ".layerscope.toml:2: max-updat: no such gate" in outcome.err


def test_only_the_largest_changes_are_written_unless_all_are_asked_for(
    new: Path, look: Run, tmp_path: Path
) -> None:
    many = layer(*(member(b"many/%d" % number, b"x" * number) for number in range(MOST_ROWS + 8)))
    old = saved(tmp_path, BASE, many, name="many.tar", history=HISTORY)

    thin, whole = told(look, old, new), told(look, old, new, "--all-files")

    assert len(thin["files"]["rows"]) == MOST_ROWS
    assert len(whole["files"]["rows"]) == whole["files"]["count"] == thin["files"]["count"] > MOST_ROWS
    assert thin["files"]["more"] == thin["files"]["count"] - MOST_ROWS
    assert (whole["files"]["more"], whole["files"]["more_bytes"]) == (0, 0)
    assert thin["file_counts"] == whole["file_counts"]
    content = sum(thin["file_counts"][kind] for kind in ("added", "removed", "modified"))
    assert f"  … and {content - 10:,} more\n" in look("diff", old, new).out


def test_gates_judge_two_reports_too(old: Path, new: Path, look: Run) -> None:
    look(old, "--json", "old.json")
    look(new, "--json", "new.json")

    outcome = look("diff", "old.json", "new.json", "--ci", "--max-update", "1", "--max-growth", "100%")

    assert outcome.code == 1
    assert outcome.out.endswith("\nverdict: fail max-update\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--ci"], "--max-growth or --max-update"),
        (["--max-update", "1"], "--ci"),
        (["--warn", "max-update=1"], "--ci"),
        (["--ci", "--warn", "no-root"], "no-root compares nothing"),
        (["--ci", "--max-update", "much"], "no size"),
        (["--json", "-", "--html", "-"], "standard output"),
    ],
)
def test_what_would_not_count_is_refused(arguments: list[str], said: str, look: Run) -> None:
    outcome = look("diff", LEAN, WASTEFUL, *arguments)

    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err


@pytest.mark.parametrize(
    ("images", "code", "said"),
    [
        (["none.json", "none.tar"], 2, "none.json"),
        (["none.tar", "none.json"], 3, "none.tar"),
        (["-", "-"], 2, "only one of the images"),
        (["other.json", "none.tar"], 2, "no report of layerscope"),
    ],
)
def test_what_is_no_image_is_an_error(
    images: list[str], code: int, said: str, look: Run, tmp_path: Path
) -> None:
    (tmp_path / "other.json").write_text('{"comparison_version": 1}')

    outcome = look("diff", *images)

    assert (outcome.code, outcome.out) == (code, "")
    assert said in outcome.err


def incomplete(folder: Path) -> Path:
    """An image one of whose layers is not there."""
    files = docker_archive(built(BASE, OLD, history=HISTORY))
    missing = next(name for name in reversed(files) if name.endswith("layer.tar"))
    return packed(folder / "incomplete.tar", {name: data for name, data in files.items() if name != missing})


@pytest.mark.parametrize("side", [0, 1])
def test_what_is_not_complete_is_said_and_not_judged(side: int, old: Path, look: Run, tmp_path: Path) -> None:
    images = [old, old]
    images[side] = incomplete(tmp_path)

    shown, judged = look("diff", *images), look("diff", *images, "--ci", "--max-growth", "5%")

    assert "NOT COMPLETE" in shown.out
    assert (judged.code, judged.out) == (4, "")


@pytest.mark.parametrize(("limit", "code"), [(str(len(NEW)), 0), (str(len(NEW) - 1), 1)])
def test_an_image_is_a_baseline(limit: str, code: int, old: Path, new: Path, look: Run) -> None:
    outcome = look(new, "--ci", "--baseline", old, "--max-update", limit)

    assert outcome.code == code


def test_a_baseline_in_the_settings_may_be_an_image_that_lies_beside_them(
    old: Path, new: Path, look: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(".layerscope.toml").write_text(f'baseline = "{old.name}"\n[gates]\nmax-growth = "5%"\n')
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")

    assert look(new, "--ci").code == 0


def test_a_baseline_that_is_not_complete_is_refused(new: Path, look: Run, tmp_path: Path) -> None:
    outcome = look(new, "--ci", "--baseline", incomplete(tmp_path), "--max-growth", "5%")

    assert outcome.code == 4
    assert "incomplete.tar" in outcome.err


def test_image_and_baseline_cannot_both_come_through_the_pipe(look: Run) -> None:
    outcome = look("-", "--ci", "--baseline", "-", "--max-growth", "5%")

    assert outcome.code == 2


def test_the_old_image_may_come_through_a_pipe(old: Path, new: Path) -> None:
    outcome = launch("diff", "-", new, "--json", "-", stdin=old.read_bytes())

    assert outcome.code == 0
    assert json.loads(outcome.out)["update"]["pull_bytes"] == len(NEW)


def test_only_ci_without_a_report_does_without_the_probes(
    old: Path, new: Path, look: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    made = pipeline._scan_options  # noqa: SLF001 - what every run goes through

    def noted(options: Options) -> ScanOptions:
        asked.append(options.facts)
        return made(options)

    monkeypatch.setattr(pipeline, "_scan_options", noted)

    look("diff", old, new, "--ci", "--max-growth", "5%")
    look("diff", old, new, "--ci", "--max-growth", "5%", "--markdown", "-")

    assert asked == [False, False, True, True]


def test_the_help_tells_what_the_update_is(look: Run) -> None:
    assert COMMAND.name == "diff"
    assert "The update is what a node that has OLD" in look("diff", "--help").out
