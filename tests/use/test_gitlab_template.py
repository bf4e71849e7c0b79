"""``docs/gitlab-ci.yml``: as GitLab's schema has it, and its script as a job runs it."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from pathlib import Path

from tests.conftest import PROJECT
from tests.sources.samples import LEAN, WASTEFUL
from tests.use.documents import examples, faults, layerscope, program, read

TEMPLATE = PROJECT / "docs" / "gitlab-ci.yml"


def run_job(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the template's commands as a job does, with a pip that only says what it was told."""
    job = read(TEMPLATE.read_text())[".layerscope"]
    layerscope(folder / "bin")
    program(folder / "bin", "pip", 'echo "pip $*"')
    environment = {
        **os.environ,
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
        "HOME": str(folder),
        **{name: str(value) for name, value in job["variables"].items()},
        **variables,
    }
    script = "\n".join((*job["before_script"], *job["script"]))
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_template_is_as_gitlab_has_it() -> None:
    assert faults(TEMPLATE, "gitlab-ci", "--data-transform", "gitlab-ci") == ""


def test_the_guide_s_example_is_one_and_uses_what_there_is(tmp_path: Path) -> None:
    (example,) = examples("include")
    path = tmp_path / "gitlab-ci.yml"
    path.write_text(example)

    assert faults(path, "gitlab-ci", "--data-transform", "gitlab-ci") == ""
    template = read(TEMPLATE.read_text())
    judge = read(example)["judge"]
    assert judge["extends"] in template
    assert set(judge["variables"]) <= set(template[judge["extends"]]["variables"])


def test_the_job_fails_and_leaves_its_reports(tmp_path: Path) -> None:
    run = run_job(tmp_path, IMAGE=str(WASTEFUL), ARGS="--no-root --max-layers 99")

    artifacts = read(TEMPLATE.read_text())[".layerscope"]["artifacts"]
    quality = json.loads((tmp_path / artifacts["reports"]["codequality"]).read_text())
    assert run.returncode == 1
    assert "pip install --quiet layerscope" in run.stdout
    assert run.stdout.splitlines()[-1].startswith("verdict: fail max-waste")
    assert quality[0]["check_name"].startswith("gate/")
    assert (tmp_path / artifacts["reports"]["junit"]).read_text().count("<testcase ") == 3
    assert (tmp_path / artifacts["paths"][0]).read_text().startswith("<!doctype html>")


def test_the_job_passes_where_nothing_is_wrong(tmp_path: Path) -> None:
    run = run_job(tmp_path, IMAGE=str(LEAN))

    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[-1] == "verdict: pass"


def test_the_registry_s_login_is_written_as_docker_has_it(tmp_path: Path) -> None:
    login = {"CI_REGISTRY": "registry.example:5050", "CI_REGISTRY_USER": "me"}

    run = run_job(tmp_path, IMAGE=str(LEAN), CI_REGISTRY_PASSWORD="p:w" * 40, **login)

    auths = json.loads((tmp_path / ".docker" / "config.json").read_text())["auths"]
    assert run.returncode == 0
    assert base64.b64decode(auths["registry.example:5050"]["auth"]).decode() == "me:" + "p:w" * 40
