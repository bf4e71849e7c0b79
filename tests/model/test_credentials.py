"""What is taken out of a text that may hold secrets."""

from __future__ import annotations

import time

import pytest

from layerscope.model.credentials import names_secret, redacted, shows_secret, without_secrets
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


def test_a_config_keeps_its_shape_without_its_secrets() -> None:
    token = "ghp_" + "A1b2C3d4" * 5

    found = without_secrets(
        {
            "Env": ["API_TOKEN=of two words", "PATH=/bin", f"X={token}"],
            "Labels": {"password": "hunter2", "secret.path": "/run/s"},
            "Healthcheck": {"Test": ["CMD", f"curl -u {token}"], "Retries": 3, "Nothing": None},
        }
    )

    assert found == {
        "Env": ["API_TOKEN=…", "PATH=/bin", "X=…"],
        "Labels": {"password": "…", "secret.path": "/run/s"},
        "Healthcheck": {"Test": ["CMD", "curl -u …"], "Retries": 3, "Nothing": None},
    }


@pytest.mark.parametrize(
    "text",
    [
        "RUN curl https://me:pw@example.com --token abcdefgh",
        "ENV API_KEY abc def",
        "|1 PASSWORD=x RUN true",
        "Authorization: Bearer abcdefghij",
    ],
)
def test_what_was_redacted_once_stays_so(text: str) -> None:
    assert redacted(redacted(text)) == redacted(text) != text
