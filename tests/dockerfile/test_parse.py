"""Instructions, their lines and stages; the builders' own parser is the judge."""

from __future__ import annotations

import dockerfile  # type: ignore[import-not-found]  # compiled, without types
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerscope.dockerfile.parse import Step, parse_dockerfile


def lines_of(text: str) -> list[tuple[str, int, int]]:
    """Keyword, first and last line of every instruction."""
    return [(step.keyword, step.first_line, step.last_line) for step in steps_of(text)]


def steps_of(text: str) -> list[Step]:
    return [step for stage in parse_dockerfile(text).stages for step in (stage.start, *stage.steps)]


def official(text: str) -> list[tuple[str, int, int]]:
    """The same, as BuildKit's parser says it."""
    return [
        (command.cmd.upper(), command.start_line, command.end_line)
        for command in dockerfile.parse_string(text)
    ]


CASES = {
    "plain": "FROM a\nRUN b\n",
    "no end of line": "FROM a\nRUN b",
    "lower case": "from a\nrun b\n",
    "continued": "FROM a\nRUN b \\\n  c \\  \n  d\nENV e=f\n",
    "comment inside": "FROM a\nRUN b \\\n# no\n  # no\n  c\nENV e=f\n",
    "empty line inside": "FROM a\nRUN b \\\n\n\n  c\nENV e=f\n",
    "comment with a backslash": "FROM a\n# b \\\nRUN c\n",
    "another escape": "# escape=`\nFROM a\nRUN b `\n c\nCOPY d e:\\\nRUN f\n",
    "escape is no directive": "\n# escape=`\nFROM a\nRUN b \\\n c\n",
    "syntax and escape": "# syntax=x\n# escape=`\nFROM a\nRUN b `\n c\n",
    "here-document": "FROM a\nRUN <<EOF\nFROM b\n# c\nEOF\nENV d=e\n",
    "quoted here-document": "FROM a\nRUN <<'E-1' sh\nx\nE-1\nENV d=e\n",
    "indented here-document": "FROM a\nRUN <<-EOF\n\tx\n\tEOF\nENV d=e\n",
    "two here-documents": "FROM a\nCOPY <<one <<two /\nx\none\ny\ntwo\nENV d=e\n",
    "continued here-document": "FROM a\nRUN x && \\\n cat <<EOF\ny \\\nEOF\nENV d=e\n",
    "here-string": "FROM a\nRUN cat <<<EOF\nENV d=e\n",
    "not for ENV": "FROM a\nENV b=<<EOF\nRUN c\n",
    "quoted": "FROM a\nRUN echo 'x <<EOF y' \"<<E\" z<<E\nENV b=c\n",
    "shift": "FROM a\nRUN echo $((1<<4))\nENV b=c\n",
    "onbuild": "FROM a\nONBUILD RUN b \\\n c\nENV d=e\n",
    "windows": "FROM a\r\nRUN b \\\r\n c\r\nENV d=e\r\n",
    "tab": "FROM\ta\nRUN\tb\n",
    "byte order mark": "\ufeffFROM a\nRUN b\n",
}


@pytest.mark.parametrize("text", CASES.values(), ids=CASES.keys())
def test_lines_are_those_of_the_builders_parser(text: str) -> None:
    ours = lines_of(text)

    assert ours == official(text)
    assert len(ours) > 1


PIECES = st.sampled_from(
    [
        "RUN a",
        "ENV a=b",
        "COPY a b",
        " \\\n",
        "\n",
        "\n\n",
        "# c\n",
        " # d",
        " <<E\n",
        "E\n",
        "\n\tE\n",
        "\t",
        " x",
    ]
)


@given(st.lists(PIECES, max_size=14).map("".join))
def test_any_text_that_the_builders_parser_takes_has_its_lines(text: str) -> None:
    try:
        theirs = official(f"FROM a\n{text}")
    except (dockerfile.GoParseError, AttributeError):  # it has a command without a name for a lone backslash
        return

    assert lines_of(f"FROM a\n{text}") == theirs


def test_continued_lines_are_joined() -> None:
    step = steps_of("FROM a\nRUN  one && \\\n   two   # three\n")[1]

    assert step.text.split() == ["one", "&&", "two", "#", "three"]


def test_stages_know_what_they_are_built_on() -> None:
    found = parse_dockerfile(
        "ARG V=1\nFROM --platform=$BUILDPLATFORM golang:$V AS Build\nRUN a\nFROM build as test\nRUN b\n"
        "FROM scratch\nCOPY --from=build /x /\nFROM 1\nRUN c\n"
    )

    assert [(stage.image, stage.name) for stage in found.stages] == [
        ("golang:$V", "Build"),
        ("build", "test"),
        ("scratch", None),
        ("1", None),
    ]
    assert [stage.start.first_line for stage in found.chain()] == [2, 4, 8]
    assert [stage.start.first_line for stage in found.chain("2")] == [6]
    assert [stage.start.first_line for stage in found.chain("TEST")] == [2, 4]
    assert found.chain("absent") == found.chain("9") == ()


def test_a_stage_named_like_its_own_image_is_built_on_the_image() -> None:
    found = parse_dockerfile("FROM debian AS debian\nRUN a\nFROM debian AS debian\n")

    assert [stage.start.first_line for stage in found.chain()] == [1, 3]
    assert [stage.start.first_line for stage in parse_dockerfile("FROM a AS a\n").chain()] == [1]


def test_what_stands_behind_an_onbuild_makes_no_layer_here() -> None:
    step = steps_of("FROM a\nONBUILD RUN b\n")[1]

    assert (step.keyword, step.text, step.trigger) == ("ONBUILD", "RUN b", True)


@pytest.mark.parametrize("text", ["", "\n", "# x\n", "RUN a\n", "\\\n", "FROM\n", "FROM a b c d\n"])
def test_nonsense_does_no_harm(text: str) -> None:
    assert len(parse_dockerfile(text).stages) == text.startswith("FROM")
