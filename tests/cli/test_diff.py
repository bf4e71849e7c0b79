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
from tests.cli.command import launch
from tests.cli.looking import Run
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
    assert json.loads((tmp_path / "a.json").read_bytes())["comparison_version"] == 1
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
