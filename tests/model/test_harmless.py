"""Contents as text that moves no cursor."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from layerscope.model.harmless import harmless


@given(text=st.text(st.characters(exclude_characters="\n")))
def test_no_control_character_is_left(text: str) -> None:
    said = harmless(text)

    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in said)
    assert not set(said) & set("\u200b\u202e\u2066\u2028\ufeff\u061c")


@given(text=st.text(st.characters(exclude_characters="\n")))
def test_plain_terminals_get_ascii_only(text: str) -> None:
    said = harmless(text, ascii_only=True)

    assert said.isascii()
    assert all(char.isprintable() for char in said)


def test_tabs_reach_the_next_stop_and_letters_stay() -> None:
    assert harmless("a\tb \\ \u00fc \u20ac") == "a       b \\ \u00fc \u20ac"


def test_an_escape_is_a_sign() -> None:
    assert harmless("\x1b[2J") == "\u241b[2J"
