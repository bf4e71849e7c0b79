"""What registries ask for, as they spell it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerscope.distribution.challenge import parse_challenges

Parsed = list[tuple[str, dict[str, str]]]

HUB = (
    'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",'
    'scope="repository:library/python:pull"'
)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (
            [HUB],
            [
                (
                    "bearer",
                    {
                        "realm": "https://auth.docker.io/token",
                        "service": "registry.docker.io",
                        "scope": "repository:library/python:pull",
                    },
                )
            ],
        ),
        (['Basic realm="Registry Realm"'], [("basic", {"realm": "Registry Realm"})]),
        (["Basic"], [("basic", {})]),
        (["BASIC Realm=x"], [("basic", {"realm": "x"})]),
        (
            ['Bearer realm="a", service="b", Basic realm="c"'],
            [("bearer", {"realm": "a", "service": "b"}), ("basic", {"realm": "c"})],
        ),
        (
            ['Basic realm="c"', 'Bearer realm="a"'],
            [("basic", {"realm": "c"}), ("bearer", {"realm": "a"})],
        ),
        (["Negotiate, Basic realm=x"], [("negotiate", {}), ("basic", {"realm": "x"})]),
        (["Negotiate YWJj==, Basic realm=x"], [("negotiate", {}), ("basic", {"realm": "x"})]),
        (
            ['Bearer realm="a",scope="repository:x:pull,push repository:y:pull"'],
            [("bearer", {"realm": "a", "scope": "repository:x:pull,push repository:y:pull"})],
        ),
        ([r'Basic realm="say \"hello\" \\ there"'], [("basic", {"realm": r'say "hello" \ there'})]),
        (['Bearer realm = "a" , service= "b"'], [("bearer", {"realm": "a", "service": "b"})]),
        ([',, Basic realm="x",, ,'], [("basic", {"realm": "x"})]),
        (['Bearer realm="a",realm="b"'], [("bearer", {"realm": "a"})]),
        (['Bearer realm="never closed'], [("bearer", {})]),
        ([""], []),
        ([], []),
        (['="x"'], []),
    ],
)
def test_challenges_are_read_as_rfc_9110_has_them(values: list[str], expected: Parsed) -> None:
    assert [(item.scheme, item.parameters) for item in parse_challenges(values)] == expected


WORDS = st.from_regex(r"[a-z]{1,8}", fullmatch=True)
TEXTS = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12)


@given(st.lists(st.tuples(WORDS, st.dictionaries(WORDS, TEXTS, max_size=3)), max_size=3))
def test_what_is_written_by_the_rules_is_read_back(challenges: Parsed) -> None:
    def quoted(text: str) -> str:
        return '"' + text.replace("\\", r"\\").replace('"', r"\"") + '"'

    value = ", ".join(
        " ".join([scheme, ", ".join(f"{name}={quoted(text)}" for name, text in parameters.items())]).strip()
        for scheme, parameters in challenges
    )

    assert [(item.scheme, item.parameters) for item in parse_challenges([value])] == challenges


@given(st.text(max_size=60))
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert isinstance(parse_challenges([text]), list)
