"""``layerscope dockerignore``: what leaked is kept out of the next build, as the builder understands it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from layerscope.inspection import inspect
from layerscope.union.index import is_directory
from tests.cli.looking import Run
from tests.oci.tar.raw import member
from tests.sources.images import layer, saved, steps

KEY = b"-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n"
PROJECT = {
    ".git/HEAD": b"ref: x\n",
    "tests/test_a.py": b"assert True\n",
    "id_rsa": KEY,
    "Makefile": b"all:\n",
    "README.md": b"# It\n",
    "main.py": b"print()\n",
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder of our own."""
    (tmp_path / ".layerscope.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def image(folder: Path, copy: str, run: str, into: str = "app/") -> Path:
    """What a COPY of the project and a RUN behind it make."""
    members = [member(f"{into}{name}".encode(), content) for name, content in PROJECT.items()]
    return saved(
        folder,
        layer(*members),
        layer(member(b"made", b"x")),
        history=steps(f"COPY {copy} # buildkit", f"RUN /bin/sh -c {run} # buildkit"),
    )


@pytest.mark.parametrize(
    ("copy", "run", "lines"),
    [
        (". /app", "true", [".git", "Makefile", "README.md", "id_rsa", "tests"]),
        (". /app", "make all", [".git", "README.md", "id_rsa", "tests"]),
        ("web /app", "pytest tests", ["web/.git", "web/Makefile", "web/README.md", "web/id_rsa"]),
        ("main.py README.md id_rsa tests .git /app/", "true", []),
    ],
)
def test_lines_name_what_leaked_and_nothing_that_is_named(
    copy: str, run: str, lines: list[str], folder: Path, look: Run
) -> None:
    outcome = look("dockerignore", image(folder, copy, run))

    assert outcome.code == 0
    assert sorted(outcome.out.splitlines()) == sorted(lines)


def test_the_lines_are_added_to_those_that_are_there(folder: Path, look: Run) -> None:
    (folder / ".dockerignore").write_text("tests/\n!README.md")

    outcome = look("dockerignore", image(folder, ". /app", "true"), "--write")

    assert outcome.out == ""
    assert (folder / ".dockerignore").read_text() == "tests/\n!README.md\n.git\nMakefile\nid_rsa\n"


def test_a_dockerfile_of_its_own_ignore_file_has_it_read(folder: Path, look: Run) -> None:
    (folder / "api.Dockerfile").write_text("FROM scratch\nCOPY . /app\nRUN true\n")
    (folder / "api.Dockerfile.dockerignore").write_text(".git\n")

    look("dockerignore", image(folder, ". /app", "true"), "-f", "api.Dockerfile", "--write")

    assert (
        folder / "api.Dockerfile.dockerignore"
    ).read_text() == ".git\nMakefile\nREADME.md\nid_rsa\ntests\n"
    assert not (folder / ".dockerignore").exists()


def test_what_is_left_out_is_told_with_the_reason(folder: Path, look: Run) -> None:
    told = look("dockerignore", image(folder, ". /app", "make all")).err

    assert "/app/Makefile  context-leak: left out, layer 1 may need it\n" in told


def test_what_is_ignored_is_not_kept_out(folder: Path, look: Run) -> None:
    outcome = look("dockerignore", image(folder, ". /app", "true"), "--ignore", "context-leak:/app/tests/")

    assert "tests" not in outcome.out.splitlines()


def test_the_builder_keeps_them_out(
    folder: Path, look: Run, docker_host: str, tool: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Built by a real engine before and after: what is left is the program."""
    monkeypatch.setenv("DOCKER_BUILDKIT", "0")
    context = folder / "context"
    for name, content in PROJECT.items():
        (context / name).parent.mkdir(parents=True, exist_ok=True)
        (context / name).write_bytes(content)
    (context / "Dockerfile").write_text("FROM scratch\nCOPY . /app\n")

    def built(name: str) -> str:
        command = [tool("docker"), "-H", docker_host]
        subprocess.run([*command, "build", "-q", "-t", name, context], check=True, stdout=subprocess.DEVNULL)
        subprocess.run([*command, "save", "-o", folder / f"{name}.tar", name], check=True)
        return str(folder / f"{name}.tar")

    look("dockerignore", built("before"), "-f", context / "Dockerfile", "--context", context, "--write")

    index = inspect(built("after")).analysis.index
    left = [node.path for node in index.nodes if node.top is not None and not is_directory(node.top)]
    assert sorted(left) == ["app/.dockerignore", "app/main.py"]
