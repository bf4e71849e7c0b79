"""``layerscope blame``: a Dockerfile with the bytes of each line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.looking import Run
from tests.oci.tar.raw import member
from tests.sources.images import layer, saved, steps, whiteout

DOCKERFILE = """\
# syntax=docker/dockerfile:1
FROM golang AS build
RUN go build

FROM debian
RUN apt-get update && \\
    apt-get install -y tool
ENV PASSWORD=hunter2
COPY --from=build /out /usr/bin
RUN rm /big
"""
LAYERS = (
    layer(member(b"big", b"b" * 3000)),
    layer(member(b"usr/tool", b"t" * 2000)),
    layer(member(b"usr/bin/out", b"o" * 500)),
    layer(whiteout(b"big")),
)
HISTORY = [
    *steps("/bin/sh -c #(nop) ADD file:0123456789abcdef in / "),
    *steps("RUN /bin/sh -c apt-get update &&     apt-get install -y tool # buildkit"),
    {"created_by": "ENV PASSWORD=hunter2", "empty_layer": True},
    *steps("COPY /out /usr/bin # buildkit", "RUN /bin/sh -c rm /big # buildkit"),
]


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """The Dockerfile of the image."""
    path = tmp_path / "Dockerfile"
    path.write_text(DOCKERFILE)
    return path


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """An image of one layer of a base and three of its own."""
    return saved(tmp_path, *LAYERS, history=HISTORY)


def told(look: Run, *arguments: str | Path) -> dict[str, Any]:
    """The object of ``--json``."""
    outcome = look("blame", *arguments, "--json")
    assert (outcome.code, outcome.err) == (0, "")
    found: dict[str, Any] = json.loads(outcome.out)
    return found


def test_each_instruction_has_its_layers_bytes(image: Path, written: Path, look: Run) -> None:
    found = told(look, image, "-f", written)

    keys = ("keyword", "first_line", "last_line", "layers", "content_bytes", "waste_caused_bytes")
    assert [tuple(line[key] for key in keys) for line in found["lines"]] == [
        ("FROM", 5, 5, [0], 3000, 0),
        ("RUN", 6, 7, [1], 2000, 0),
        ("ENV", 8, 8, [], 0, 0),
        ("COPY", 9, 9, [2], 500, 0),
        ("RUN", 10, 10, [3], 0, 3000),
    ]
    assert found["other_layers"] == []


def test_a_page_for_people(image: Path, written: Path, look: Run) -> None:
    lines = look("blame", image, "-f", written).out.splitlines()

    assert [line for line in lines if "↳" not in line] == PAGE.splitlines()


PAGE = """\
     size     causes  line
                       1  # syntax=docker/dockerfile:1
                       2  FROM golang AS build
                       3  RUN go build
                       4
  3.00 kB          ·   5  FROM debian
  2.00 kB          ·   6  RUN apt-get update && \\
                       7      apt-get install -y tool
                       8  ENV PASSWORD=…
    500 B          ·   9  COPY --from=build /out /usr/bin
      0 B    3.00 kB  10  RUN rm /big
"""


def test_suggestions_stand_at_the_line_that_is_to_be_changed(image: Path, written: Path, look: Run) -> None:
    found = told(look, image, "-f", written)

    rules = {line["first_line"]: [one["rule"] for one in line["suggestions"]] for line in found["lines"]}
    assert "cleanup-layer" in rules[10]
    assert all("cleanup-layer" not in others for line, others in rules.items() if line != 10)


def test_the_base_may_be_told(image: Path, written: Path, look: Run, tmp_path: Path) -> None:
    base = saved(tmp_path, *LAYERS[:1], name="base.tar")

    assert told(look, image, "-f", written, "--base", base) == told(look, image, "-f", written)


def test_layers_that_the_dockerfile_does_not_tell_of_are_said(
    written: Path, look: Run, tmp_path: Path
) -> None:
    history = [*HISTORY[:-1], *steps("RUN /bin/sh -c make something else"), HISTORY[-1]]
    image = saved(tmp_path, *LAYERS[:-1], layer(member(b"x", b"x")), LAYERS[-1], history=history)

    outcome = look("blame", image, "-f", written)

    assert outcome.out.splitlines()[-1] == "not told by this Dockerfile: layer 3"
    assert told(look, image, "-f", written)["other_layers"] == [3]


@pytest.mark.parametrize(
    ("content", "more", "said"),
    [
        ("FROM x\nRUN other\n", (), "tells of none of its instructions"),
        ("RUN x\n", (), "no FROM in it"),
        ("FROM x\nRUN y\n", ("--target", "test"), "no stage test"),
        (None, (), "No such file or directory"),
    ],
)
def test_what_cannot_be_laid_side_by_side_is_an_error(
    content: str | None, more: tuple[str, ...], said: str, image: Path, look: Run, tmp_path: Path
) -> None:
    path = tmp_path / "other.Dockerfile"
    if content is not None:
        path.write_text(content)

    outcome = look("blame", image, "-f", path, *more)

    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err


@pytest.mark.parametrize("columns", ["60", "80", "160"])
def test_lines_are_not_wider_than_the_terminal(
    columns: str, image: Path, written: Path, look: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    written.write_text(DOCKERFILE.replace("/big", "/big" + " x" * 100) + "# \x1b[31m" + "y" * 300)
    monkeypatch.setenv("COLUMNS", columns)

    out = look("blame", image, "-f", written).out

    assert max(map(len, out.splitlines())) <= int(columns)
    assert "\x1b" not in out
