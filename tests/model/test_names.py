"""Names as they are written: nothing that misleads, and no two names alike."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerscope.model.names import meant, shown

names = st.binary(max_size=40).map(lambda raw: raw.decode("utf-8", "surrogateescape"))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("usr/bin/env", "usr/bin/env"),
        ("", ""),
        ("grün 名前 🎉", "grün 名前 🎉"),
        ("a b\xa0c", "a b\xa0c"),
        ("caf\udce9", r"caf\xe9"),
        ("a\\x41", r"a\x5cx41"),
        ("\x00\x1b\n\r\t\x7f", r"\x00\x1b\x0a\x0d\x09\x7f"),
        ("\x80\x9b", r"\xc2\x80\xc2\x9b"),
        ("\u2028\u2029", r"\xe2\x80\xa8\xe2\x80\xa9"),
        ("\u202a\u202b\u202c\u202d\u202e", "".join(rf"\xe2\x80\x{byte:02x}" for byte in range(0xAA, 0xAF))),
        ("\u2066\u2067\u2068\u2069", "".join(rf"\xe2\x81\x{byte:02x}" for byte in range(0xA6, 0xAA))),
        ("\ud800", r"\xed\xa0\x80"),
    ],
)
def test_what_could_mislead_is_a_number(name: str, expected: str) -> None:
    assert shown(name) == expected


@given(names)
def test_what_is_shown_can_be_read_back(name: str) -> None:
    """So that no two names look the same."""
    raw = re.sub(rb"\\x([0-9a-f]{2})", lambda found: bytes([int(found[1], 16)]), shown(name).encode())

    assert raw.decode("utf-8", "surrogateescape") == name


@given(names)
def test_what_is_shown_is_text_on_one_line(name: str) -> None:
    text = shown(name)

    assert text.encode().decode() == text
    assert len(text.splitlines()) <= 1
    assert not re.search("[\x00-\x1f\x7f-\x9f]", text)


@given(names)
def test_a_name_can_be_given_as_it_is_shown(name: str) -> None:
    assert meant(shown(name)) == name


@pytest.mark.parametrize("text", ["usr/bin", "gr\u00fcn", "a\\b", "a\\xZZ", "caf\udce9", ""])
def test_text_without_numbers_means_itself(text: str) -> None:
    assert meant(text) == text
