"""Which options a run makes: those that it names; all of them where any could be meant."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from layerscope.cli.look import look_options
from layerscope.loading import named
from tests.cli.looking import Run
from tests.sources.samples import LEAN, WASTEFUL

KINDS = ("gate", "report")
EXTENSIONS = {name for kind in KINDS for name in named(kind)}


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand where there is no file of settings."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def made(*arguments: str) -> set[str]:
    """The gates and reports that are options for these arguments."""
    options = {option.opts[0].removeprefix("--") for option in look_options(arguments)}
    return options & EXTENSIONS


def test_only_what_is_named_is_made() -> None:
    assert made("image.tar", "--ci", "-q", "--max-size", "1GB", "--json=-") == {"max-size", "json"}
    assert made("image.tar") == set()


@pytest.mark.parametrize("argument", ["--help", "--max-wast=1%", "-x", "--config", "--config=a.toml"])
def test_everything_is_made_where_anything_could_be_meant(argument: str) -> None:
    assert made("image.tar", argument) == EXTENSIONS


def test_the_environment_names_options_too(monkeypatch: pytest.MonkeyPatch, look: Run) -> None:
    monkeypatch.setenv("LAYERSCOPE_MAX_LAYERS", "1")

    assert made("image.tar", "--ci") == {"max-layers"}
    assert look(LEAN, "--ci").out.endswith("verdict: fail max-layers\n")


@pytest.mark.parametrize(
    ("name", "text"), [(".layerscope.toml", ""), ("pyproject.toml", "[tool.layerscope]\n")]
)
def test_settings_may_name_any(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)

    assert made("image.tar") == EXTENSIONS


def test_settings_named_by_the_environment_may_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAYERSCOPE_CONFIG", "ours.toml")

    assert made("image.tar") == EXTENSIONS


def test_a_folder_that_is_gone_has_no_settings(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    script = f'cd "{gone}" && rmdir "{gone}" && exec "{sys.executable}" -m layerscope "{LEAN}" --ci'

    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def test_a_mistake_is_told_what_is_near(look: Run) -> None:
    outcome = look(WASTEFUL, "--ci", "--max-wast", "1%")

    assert outcome.code == 2
    assert "--max-waste" in outcome.err


def test_the_value_of_an_option_may_look_like_one(look: Run, tmp_path: Path) -> None:
    assert look(LEAN, "--ci", "--record", "--max-size").code == 0
    assert (tmp_path / "--max-size").is_file()


def test_a_run_loads_the_gates_and_reports_that_it_names_and_no_others(tmp_path: Path) -> None:
    listing = tmp_path / "modules.json"
    program = (
        "import json, pathlib, sys\n"
        "from layerscope.cli import run\n"
        f"run([{str(LEAN)!r}, '--ci', '--max-layers', '9', '--badge', 'badge.json'])\n"
        f"pathlib.Path({str(listing)!r}).write_text(json.dumps(sorted(sys.modules)))\n"
    )

    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)

    loaded = set(json.loads(listing.read_text()))
    folders = {"gate": "layerscope.gates", "report": "layerscope.reports"}
    plugins = {
        f"{folder}.{name.replace('-', '_')}" for kind, folder in folders.items() for name in named(kind)
    }
    assert loaded & plugins == {"layerscope.gates.max_layers", "layerscope.reports.badge"}
