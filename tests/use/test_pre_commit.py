"""``.pre-commit-hooks.yaml``: with the real pre-commit, from a repository of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT
from tests.sources.samples import LEAN, WASTEFUL
from tests.use.documents import examples, read

INSTALL_TIMEOUT_S = 900
GIT = ("git", "-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main")


def pre_commit(*arguments: str | Path, cwd: Path = PROJECT) -> subprocess.CompletedProcess[str]:
    """Run pre-commit with a cache of its own beside the repository."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", *arguments],
        cwd=cwd,
        env=environment | {"PRE_COMMIT_HOME": str(cwd.parent / "cache"), "PRE_COMMIT_COLOR": "never"},
        capture_output=True,
        text=True,
        timeout=INSTALL_TIMEOUT_S,
        check=False,
    )


def git(folder: Path, *arguments: str) -> str:
    run = subprocess.run([*GIT, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return run.stdout.strip()


def published(folder: Path) -> str:
    """This project as a repository that others name; gives its commit."""
    folder.mkdir()
    for name in ("pyproject.toml", "LICENSE", ".pre-commit-hooks.yaml", "layerscope"):
        subprocess.run(["cp", "-r", PROJECT / name, folder / name], check=True)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "all")
    return git(folder, "rev-parse", "HEAD")


def test_the_manifest_is_as_pre_commit_has_it() -> None:
    run = pre_commit("validate-manifest", PROJECT / ".pre-commit-hooks.yaml")

    assert run.returncode == 0, run.stdout


def test_the_guide_s_example_is_one_and_names_the_hook(tmp_path: Path) -> None:
    (example,) = examples("repos")
    path = tmp_path / "config.yaml"
    path.write_text(example)

    run = pre_commit("validate-config", path)

    assert run.returncode == 0, run.stdout
    hooks = read((PROJECT / ".pre-commit-hooks.yaml").read_text())
    assert [hook["id"] for hook in read(example)["repos"][0]["hooks"]] == [hooks[0]["id"]]


@pytest.mark.slow
def test_the_hook_judges_an_image(tmp_path: Path) -> None:
    commit = published(tmp_path / "published")
    mine = tmp_path / "mine"
    mine.mkdir()
    git(mine, "init", "-q")
    told = {}
    for image in (WASTEFUL, LEAN):
        (mine / ".pre-commit-config.yaml").write_text(
            f"repos:\n- repo: {tmp_path / 'published'}\n  rev: {commit}\n"
            f"  hooks:\n  - id: layerscope\n    args: [{image}, --max-waste, 10%]\n"
        )
        git(mine, "add", "-A")
        told[image] = pre_commit("run", "layerscope", "--hook-stage", "manual", cwd=mine)

    assert told[WASTEFUL].returncode == 1, told[WASTEFUL].stdout
    assert "verdict: fail max-waste" in told[WASTEFUL].stdout
    assert told[LEAN].returncode == 0, told[LEAN].stdout
    assert "Passed" in told[LEAN].stdout
