"""What is taken out of a text that may hold secrets."""

from __future__ import annotations

import time

import pytest

from layerscope.model.credentials import names_secret, redacted, shows_secret
from layerscope.model.shell import commands_of


@pytest.mark.parametrize("char", ["a", "_", "_a", "-", "://", "password", "=", " -", "key=", "'"])
def test_a_hostile_text_takes_no_longer_than_another(char: str) -> None:
    """A history may be as long as a config may be; each of these takes milliseconds."""
    text = char * (200_000 // len(char))
    start = time.process_time()

    redacted(text)
    names_secret(text, text)
    shows_secret(text)
    commands_of(text)

    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ENV DB_PASSWORD=hunter2 A=b", "ENV DB_PASSWORD=… A=b"),
        ("ENV DB_PASSWORD hunter2", "ENV DB_PASSWORD …"),
        ("git clone https://me:pw@example.com/x", "git clone https://…@example.com/x"),
        ("curl -H 'Authorization: Bearer abcdef12'", "curl -H 'Authorization: Bearer …'"),
        ("login --password abc --user me", "login --password … --user me"),
        ("login --token=abc", "login --token=…"),
        ("x AKIAIOSFODNN7EXAMPLE y", "x … y"),
        ('{"api_key": "abcdef"}', '{"api_key": "…"}'),
        ("apt-get install -y passwd && make key=1", "apt-get install -y passwd && make key=1"),
        ("RUN chown app:app /srv", "RUN chown app:app /srv"),
    ],
)
def test_a_text_without_its_secrets(text: str, shown: str) -> None:
    assert redacted(text) == shown
