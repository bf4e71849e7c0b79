"""``layerscope fix``: a change that real tools take, and what is left out of it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.looking import Run
from tests.oci.tar.raw import member
from tests.sources.images import layer, saved, steps, whiteout

BEFORE = """\
# Everything in one.
FROM debian
RUN apt-get update
# The tools.
RUN apt-get install -y tool && \\
    # and one more
    apt-get install -y other
ENV A=1
RUN make big
RUN rm /big
COPY . /app
"""
AFTER = """\
# Everything in one.
FROM debian
RUN apt-get update \\
# The tools.
    && apt-get install -y tool && \\
    # and one more
    apt-get install -y other \\
    && find /usr/share/man ! -type d -exec rm -f {} + \\
    && rm -rf /var/lib/apt/lists/*
ENV A=1
RUN make big \\
    && rm /big
COPY . /app
"""
HISTORY = [
    *steps("/bin/sh -c #(nop) ADD file:0123456789abcdef in / ", "RUN /bin/sh -c apt-get update # buildkit"),
    *steps("RUN /bin/sh -c apt-get install -y tool &&     apt-get install -y other # buildkit"),
    {"created_by": "ENV A=1", "empty_layer": True},
    *steps(
        "RUN /bin/sh -c make big # buildkit", "RUN /bin/sh -c rm /big # buildkit", "COPY . /app # buildkit"
    ),
]
LAYERS = (
    layer(member(b"base", b"b")),
    layer(member(b"var/lib/apt/lists/x", b"l" * 500)),
    layer(member(b"usr/share/man/m", b"m" * 400)),
    layer(member(b"big", b"b" * 900)),
    layer(whiteout(b"big")),
    layer(member(b"app/.git/HEAD", b"h" * 300)),
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a repository of our own."""
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def image(folder: Path) -> Path:
    """An image of which several things can be mended."""
    return saved(folder, *LAYERS, history=HISTORY)


def changed(look: Run, image: Path, text: str, name: str = "Dockerfile", *more: str) -> str:
    """What is printed for a Dockerfile of this text."""
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).write_bytes(text.encode())
    outcome = look("fix", image, "-f", name, "--at-least", "0", *more)
    assert outcome.code == 0, outcome.err
    return outcome.out


@pytest.mark.parametrize("command", [("patch", "-p1", "-s"), ("git", "apply", "-")], ids=lambda one: one[0])
@pytest.mark.parametrize("name", ["Dockerfile", "docker/my app.Dockerfile"])
@pytest.mark.parametrize("shape", ["plain", "open", "windows"])
def test_real_tools_take_the_change(
    shape: str, name: str, command: tuple[str, ...], image: Path, look: Run, tool: Callable[[str], str]
) -> None:
    change: Callable[[str], str] = {
        "plain": lambda text: text,
        "open": lambda text: text.replace("COPY . /app\n", "COPY . /app"),
        "windows": lambda text: text.replace("\n", "\r\n"),
    }[shape]
    printed = changed(look, image, change(BEFORE), name)
    program, *arguments = command
    options = ["--binary"] if program == "patch" else []

    subprocess.run([tool(program), *arguments, *options], input=printed.encode(), check=True)

    assert Path(name).read_bytes().decode() == change(AFTER)


def test_the_change_may_be_written_at_once(image: Path, look: Run) -> None:
    assert changed(look, image, BEFORE, "Dockerfile", "--write") == ""
    assert Path("Dockerfile").read_text() == AFTER


def test_nothing_is_written_unless_it_is_asked_for(image: Path, look: Run) -> None:
    changed(look, image, BEFORE)

    assert Path("Dockerfile").read_text() == BEFORE


def test_each_fix_is_told_and_what_is_left_out_with_the_reason(image: Path, look: Run) -> None:
    Path("Dockerfile").write_text(BEFORE)

    told = look("fix", image, "--at-least", "0").err.splitlines()

    assert told == [
        "    900 B  Dockerfile:10  cleanup-layer",
        "    500 B  Dockerfile:3  apt-lists",
        "    400 B  Dockerfile:5  man-pages",
        "    300 B  Dockerfile:11  git-history: left out, there is no instruction to write, only advice",
        "  1.80 kB  in all, by 3 of 4",
    ]


def test_instructions_that_others_stand_between_are_not_joined(image: Path, look: Run) -> None:
    text = BEFORE.replace("RUN rm", "ARG B\nRUN rm")

    assert "&& rm /big" not in changed(look, image, text)


def test_what_saves_too_little_is_left_alone(image: Path, look: Run) -> None:
    Path("Dockerfile").write_text(BEFORE)

    outcome = look("fix", image)

    assert (outcome.code, outcome.out) == (0, "")
    assert "nothing to fix" in outcome.err


def test_without_a_dockerfile_there_is_nothing_to_fix(image: Path, look: Run) -> None:
    outcome = look("fix", image)

    assert (outcome.code, outcome.out) == (2, "")
    assert "no Dockerfile in this folder" in outcome.err
