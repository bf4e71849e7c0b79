"""A Dockerfile beside an image: whether it is the image's, and which line made which layer."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerscope.config import Options
from layerscope.errors import UsageError
from layerscope.inspection import Inspection, inspect
from tests.oci.tar.raw import member
from tests.sources.images import layer, saved, steps

DOCKERFILE = """\
FROM debian
RUN apt-get update && \\
    apt-get install -y tool
ENV A=1
COPY . /app
CMD ["/app/run"]
"""
HISTORY = [
    *steps("/bin/sh -c #(nop) ADD file:0123456789abcdef in / "),
    *steps("RUN /bin/sh -c apt-get update &&     apt-get install -y tool # buildkit"),
    {"created_by": "ENV A=1", "empty_layer": True},
    *steps("COPY . /app # buildkit"),
    {"created_by": 'CMD ["/app/run"]', "empty_layer": True},
]


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """A layer of a base, then one of a RUN and one of a COPY."""
    return saved(tmp_path, *(layer(member(b"f%d" % n, b"x" * 10)) for n in range(3)), history=HISTORY)


def laid(image: Path, text: str, *, guess: bool, target: str | None = None) -> tuple[Inspection, list[str]]:
    """An image with a Dockerfile beside it, and what is said of that."""
    notices: list[str] = []
    path = image.parent / "Dockerfile"
    path.write_text(text)
    options = Options(dockerfile=str(path), dockerfile_is_guess=guess, target=target, notice=notices.append)
    return inspect(str(image), options), notices


@pytest.mark.parametrize("guess", [False, True])
def test_layers_have_the_lines_of_their_instructions(image: Path, *, guess: bool) -> None:
    inspection, notices = laid(image, DOCKERFILE, guess=guess)

    assert inspection.beside is not None
    assert [inspection.beside.lines_of(number) for number in range(3)] == [(1, 1), (2, 3), (5, 5)]
    assert notices == []


def test_the_base_ends_where_the_dockerfile_begins(image: Path) -> None:
    inspection, _ = laid(image, DOCKERFILE, guess=False)

    assert inspection.image.base_layers == 1


def test_what_the_image_says_of_its_base_counts_more(image: Path) -> None:
    (image.parent / "Dockerfile").write_text(DOCKERFILE)
    options = Options(dockerfile=str(image.parent / "Dockerfile"), base_layers=2, facts=False)

    assert inspect(str(image), options).image.base_layers == 2


def test_nobody_knows_the_base_where_the_first_instruction_is_another(image: Path) -> None:
    inspection, _ = laid(image, DOCKERFILE.replace("ENV", "RUN make all of it\nENV", 1), guess=False)
    other, _ = laid(image, DOCKERFILE.replace("RUN", "RUN make all of it\nRUN", 1), guess=False)

    assert inspection.image.base_layers == 1
    assert other.image.base_layers is None


@pytest.mark.parametrize(
    "text",
    [
        'FROM x\nRUN make\nRUN make install\nCMD ["a"]\n',
        'FROM x\nCOPY . /app\nRUN make all\nRUN make install\nCMD ["b", "c"]\n',
        "nothing in it\n",
    ],
)
def test_a_dockerfile_of_another_image_is_not_used_unless_it_is_named(text: str, image: Path) -> None:
    inspection, notices = laid(image, text, guess=True)

    assert inspection.beside is None
    assert notices == []


def test_no_verdict_depends_on_a_dockerfile_that_nobody_named(image: Path) -> None:
    inspection, _ = laid(image, DOCKERFILE, guess=True)

    assert inspection.image.base_layers is None


@pytest.mark.parametrize(
    ("text", "target", "said"),
    [
        ("FROM x\nRUN make\n", None, "tells of none of its instructions"),
        ("nothing in it\n", None, "no FROM in it"),
        (DOCKERFILE, "tests", "no stage tests"),
    ],
)
def test_a_wrong_dockerfile_that_was_named_is_an_error(
    text: str, target: str | None, said: str, image: Path
) -> None:
    with pytest.raises(UsageError, match=said):
        laid(image, text, guess=False, target=target)
