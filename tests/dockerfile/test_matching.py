"""Which step of the history each instruction made."""

from __future__ import annotations

import msgspec
import pytest

from layerscope.dockerfile.matching import match_steps
from layerscope.dockerfile.parse import parse_dockerfile
from layerscope.model.image import HistoryEntry, Image, ImageConfig, Layer


def image(*created_by: str, base: int | None = None) -> Image:
    """An image with a layer for each step; those that begin with - have none."""
    layers: list[Layer] = []
    empty: list[HistoryEntry] = []
    for text in created_by:
        if text.startswith("-"):
            empty.append(HistoryEntry(created_by=text[1:], empty_layer=True))
            continue
        layers.append(
            Layer(
                number=len(layers),
                blob=str(len(layers)),
                history=HistoryEntry(created_by=text),
                empty_steps=tuple(empty),
            )
        )
        empty = []
    return Image(
        reference="x",
        config=ImageConfig(),
        layers=tuple(layers),
        trailing_steps=tuple(empty),
        base_layers=base,
    )


def made(dockerfile: str, of: Image, target: str | None = None) -> dict[int, int | None]:
    """The layer of each line that the history tells of."""
    found = match_steps(parse_dockerfile(dockerfile), of, target)
    return {one.step.first_line: one.layer for one in found}


@pytest.mark.parametrize(
    ("written", "recorded"),
    [
        ("RUN make", "RUN /bin/sh -c make # buildkit"),
        ("RUN make", "/bin/sh -c make"),
        ('RUN ["make", "all"]', "RUN make all # buildkit"),
        ("RUN a && \\\n   b", "RUN /bin/sh -c a &&    b # buildkit"),
        ("RUN make $V", "|1 V=2 /bin/sh -c make $V"),
        ("RUN make $V", "RUN |1 V=2 /bin/sh -c make $V # buildkit"),
        ("RUN <<EOF\nmake all\nmake install\nEOF", "RUN /bin/sh -c make all\nmake install\n # buildkit"),
        ("COPY --chown=1:1 a b /srv/", "COPY --chown=1:1 a b /srv/ # buildkit"),
        ("COPY a /srv", "/bin/sh -c #(nop) COPY file:0123456789abcdef in /srv "),
        ("COPY --chown=a:b a /srv", "/bin/sh -c #(nop) COPY --chown=a:bfile:0123456789abcdef in /srv "),
        (
            "COPY --from=b --chown=a:b c d /srv/",
            "/bin/sh -c #(nop) COPY --chown=a:bmulti:0123456789abcdef in /srv/ ",
        ),
        ("ADD a $HOME/x", "/bin/sh -c #(nop) ADD dir:0123456789abcdef in /root/x "),
        ("COPY $V /srv/app", "COPY dist /srv/app # buildkit"),
        ("WORKDIR app", "WORKDIR /srv/app"),
    ],
)
def test_the_same_step_as_builders_record_it(written: str, recorded: str) -> None:
    assert made(f"FROM x\n{written}\n", image("base", recorded)) == {2: 1}


def test_steps_without_a_layer_are_known_and_have_none() -> None:
    found = made("FROM x\nENV A=b\nRUN y\nCMD z\n", image("base", "-ENV A=b", "RUN y", "-CMD z"))

    assert found == {2: None, 3: 1, 4: None}


def test_the_same_command_in_the_base_is_not_taken() -> None:
    found = made("FROM x\nRUN apt-get update\n", image("RUN apt-get update", "RUN apt-get update"))

    assert found == {2: 1}


def test_below_a_known_seam_nothing_is_looked_for() -> None:
    built = image("RUN a", "RUN b")

    assert made("FROM x\nRUN a\n", msgspec.structs.replace(built, base_layers=1)) == {}


def test_what_the_history_lacks_leaves_a_gap() -> None:
    found = made("FROM x\nRUN a b\nRUN new one\nRUN c d\n", image("base", "RUN a b", "RUN c d"))

    assert found == {2: 1, 4: 2}


def test_repeated_instructions_are_told_apart_by_their_order() -> None:
    found = made("FROM x\nRUN a\nRUN b\nRUN a\n", image("base", "RUN a", "RUN b", "RUN a"))

    assert found == {2: 1, 3: 2, 4: 3}


def test_other_stages_are_not_in_the_image_but_those_that_it_is_built_on() -> None:
    text = "FROM x AS one\nRUN a\nFROM y AS two\nRUN b\nFROM one\nRUN c\n"

    assert made(text, image("base", "RUN a", "RUN c")) == {2: 1, 6: 2}
    assert made(text, image("base", "RUN b"), target="two") == {4: 1}


def test_another_dockerfile_agrees_with_nothing() -> None:
    assert made("FROM x\nRUN npm ci\nCOPY a /b\n", image("base", "RUN make install", "COPY c d /e")) == {}
