"""``action.yml``: as GitHub's schema has it, and its steps as a runner runs them."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.conftest import PROJECT
from tests.sources.samples import LEAN, WASTEFUL
from tests.use.documents import examples, faults, layerscope, read

ACTION = PROJECT / "action.yml"
EXPRESSION = re.compile(r"\$\{\{ *([\w.-]+) *\}\}")
INSTALL_TIMEOUT_S = 900


def action() -> dict[str, Any]:
    found: dict[str, Any] = read(ACTION.read_text(encoding="utf-8"))
    return found


class Ran(NamedTuple):
    """What a step ended with and left behind."""

    code: int
    out: str
    err: str
    outputs: dict[str, str]
    summary: str


class Runner:
    """A runner with a folder for its temporary files and an action checked out."""

    def __init__(self, folder: Path, **inputs: str) -> None:
        self.temporary = folder / "runner temp"
        self.temporary.mkdir()
        self._values = {"github.action_path": str(PROJECT)} | {
            f"inputs.{name}": inputs.get(name.replace("-", "_"), str(item.get("default", "")))
            for name, item in action()["inputs"].items()
        }
        self._environment = {name: os.environ[name] for name in os.environ if not name.startswith("GITHUB_")}

    def run(self, place: int) -> Ran:
        """Run a step by its place."""
        step = action()["runs"]["steps"][place]
        files = {name: self.temporary / f"{name}-{place}" for name in ("OUTPUT", "STEP_SUMMARY")}
        for path in files.values():
            path.touch()
        script = self.temporary / "script.sh"
        script.write_text(step["run"], encoding="utf-8")
        run = subprocess.run(
            [step["shell"], "--noprofile", "--norc", "-eo", "pipefail", script],
            cwd=self.temporary,
            env=self._environment
            | {"RUNNER_TEMP": str(self.temporary)}
            | {f"GITHUB_{name}": str(path) for name, path in files.items()}
            | {name: self._resolved(value) for name, value in step.get("env", {}).items()},
            capture_output=True,
            text=True,
            timeout=INSTALL_TIMEOUT_S,
            check=False,
        )
        outputs = dict(line.split("=", 1) for line in files["OUTPUT"].read_text().splitlines())
        return Ran(run.returncode, run.stdout, run.stderr, outputs, files["STEP_SUMMARY"].read_text())

    def _resolved(self, text: str) -> str:
        return EXPRESSION.sub(lambda match: self._values[match[1]], text)


def judged(folder: Path, **inputs: str) -> Ran:
    """What the step that judges does where layerscope is installed."""
    runner = Runner(folder, **inputs)
    layerscope(runner.temporary / "layerscope" / "bin")
    return runner.run(1)


def test_the_action_is_as_github_has_it() -> None:
    assert faults(ACTION, "github-actions") == ""


def test_no_script_holds_what_somebody_else_wrote() -> None:
    """Values reach a script through its environment, so that none of them can become code."""
    steps = action()["runs"]["steps"]

    assert [step["name"] for step in steps if "${{" in step["run"]] == []


@pytest.mark.slow
def test_it_installs_itself_and_judges(tmp_path: Path) -> None:
    runner = Runner(tmp_path, image=str(LEAN))

    installed = runner.run(0)
    found = runner.run(1)

    assert installed.code == 0, installed.err
    assert found.code == 0, found.err
    assert found.outputs["verdict"] == "pass"
    assert (runner.temporary / "layerscope" / "bin" / "layerscope").exists()


def test_a_wasteful_image_fails_and_everybody_is_told(tmp_path: Path) -> None:
    found = judged(tmp_path, image=str(WASTEFUL))

    assert found.code == 1
    assert found.outputs["verdict"] == "fail"
    assert json.loads(Path(found.outputs["report"]).read_text())["gates"][0]["passed"] is False
    assert "❌ **fail**: max-waste" in found.summary
    assert "::error title=layerscope gate/max-waste::" in found.out
    assert "verdict: fail max-waste" in found.err


def test_the_limit_is_the_one_given(tmp_path: Path) -> None:
    found = judged(tmp_path, image=str(WASTEFUL), max_waste="50%")

    assert (found.code, found.outputs["verdict"]) == (0, "pass")
    assert "| 46.5 % | 50.0 % |" in found.summary


def test_further_options_are_words(tmp_path: Path) -> None:
    found = judged(tmp_path, image=str(LEAN), args="--max-size 1kB\n  --forbid *.none  --warn no-root\n")

    assert (found.code, found.outputs["verdict"]) == (1, "fail")
    gates = json.loads(Path(found.outputs["report"]).read_text())["gates"]
    assert sorted(gate["gate"] for gate in gates) == ["forbid", "max-size", "no-root"]
    assert next(gate["subject"] for gate in gates if gate["gate"] == "forbid") == "*.none"


def test_an_image_that_is_not_there_has_no_verdict(tmp_path: Path) -> None:
    found = judged(tmp_path, image=str(tmp_path / "none.tar"))

    assert found.code == 3
    assert "verdict" not in found.outputs
    assert "error: " in found.err


@pytest.mark.parametrize("image", ["$(touch mine)", "`touch mine`", "x; touch mine", '"; touch mine; "'])
def test_a_hostile_name_is_only_a_name(image: str, tmp_path: Path) -> None:
    found = judged(tmp_path, image=f"docker-archive:{image}", args=f"--base-layers 1 {image}")

    assert found.code in (2, 3)
    assert not list(tmp_path.rglob("mine"))


def test_a_python_that_is_too_old_is_named(tmp_path: Path) -> None:
    found = Runner(tmp_path, image=str(LEAN), python="false").run(0)

    assert found.code == 2
    assert "::error title=layerscope::false is not Python 3.11" in found.out


def test_the_guide_s_workflow_is_one_and_uses_what_there_is(tmp_path: Path) -> None:
    (example,) = examples("jobs")
    path = tmp_path / "workflow.yml"
    path.write_text(example)

    steps = read(example)["jobs"]["image"]["steps"]

    assert faults(path, "github-workflows") == ""
    (used,) = (step["with"] for step in steps if "layerscope@" in step.get("uses", ""))
    assert set(used) <= set(action()["inputs"])
