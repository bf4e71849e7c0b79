"""``layerscope split``: the two stages as a Dockerfile, and what is needed as a list."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from layerscope.cli import run
from tests.advice.test_splitting import packed
from tests.cli.looking import Run
from tests.oci.tar.raw import member
from tests.sources.images import layer, saved, steps

DOCKERFILE = """\
# Tools and all.
FROM debian
RUN apt-get install -y tar
COPY sources /src
EXPOSE 80
CMD ["tar", "--version"]
"""


@pytest.fixture
def image(tmp_path: Path, tool: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> Path:
    """An image with the tar of this machine and what it needs, its Dockerfile beside it."""
    program = tool("tar")
    said = subprocess.run([tool("ldd"), program], capture_output=True, text=True, check=True).stdout
    libraries = {word for line in said.splitlines() for word in line.split() if word.startswith("/")}
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    history = [
        *steps(
            "ADD base /", "RUN /bin/sh -c apt-get install -y tar # buildkit", "COPY sources /src # buildkit"
        ),
        {"created_by": "EXPOSE 80", "empty_layer": True},
        {"created_by": 'CMD ["tar" "--version"]', "empty_layer": True},
    ]
    return saved(
        tmp_path,
        layer(member(b"base", b"b")),
        packed({*libraries, program}),
        layer(member(b"src/a.c", b"s" * 99)),
        history=history,
        config={"Cmd": ["tar", "--version"]},
    )


def test_the_dockerfile_is_kept_and_a_stage_put_behind_it(image: Path, look: Run) -> None:
    outcome = look("split", image)

    first, _, second = outcome.out.partition("\n\n")
    assert outcome.code == 0
    assert first == DOCKERFILE.replace("FROM debian", "FROM debian AS build").rstrip("\n")
    assert second.startswith("FROM debian\nCOPY --from=build ")
    assert second.endswith('\nEXPOSE 80\nCMD ["tar", "--version"]\n')
    assert "/src" not in second
    assert "layer 1 builds; the second stage adds " in outcome.err


def test_a_folder_with_the_paths_and_no_more_runs_the_program(
    image: Path, tmp_path: Path, tool: Callable[[str], str], capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """GNU tar takes the list; the program runs with that as its root, as it does on this machine."""
    whole, lean = tmp_path / "whole", tmp_path / "lean"
    lean.mkdir()
    assert run(["extract", str(image), "/", "-o", str(whole)]) == 0
    capfdbinary.readouterr()
    assert run(["split", str(image), "--paths", "-q"]) == 0
    listed = capfdbinary.readouterr().out
    packed_ = subprocess.run(
        [tool("tar"), "-C", whole, "--null", "--no-recursion", "-T", "-", "-cf", "-"],
        input=listed, capture_output=True, check=True,
    ).stdout  # fmt: skip
    subprocess.run([tool("tar"), "-C", lean, "-xf", "-"], input=packed_, check=True)
    if shutil.which("unshare") is None:
        pytest.skip("there is no unshare to change the root with")

    done = subprocess.run(
        ["unshare", "-r", tool("chroot"), lean, tool("tar"), "--version"], capture_output=True, check=False
    )

    here = subprocess.run([tool("tar"), "--version"], capture_output=True, check=True)
    assert (done.returncode, done.stdout) == (0, here.stdout), done.stderr
    assert not (lean / "src").exists()


def test_what_cannot_be_split_is_an_error(tmp_path: Path, look: Run) -> None:
    outcome = look("split", saved(tmp_path, layer(member(b"a", b"x"))))

    assert (outcome.code, outcome.out) == (2, "")
    assert "nothing to split" in outcome.err
