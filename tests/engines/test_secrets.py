"""What engines and tools say, without what nobody else may read."""

from __future__ import annotations

import pytest

from layerscope.engines.secrets import without_secrets


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Get https://me:hunter2@host/v2/: EOF", "Get https://host/v2/: EOF"),
        ("proxy http://me@proxy:3128 refused", "proxy http://proxy:3128 refused"),
        ("Authorization: Bearer abc.def", "Authorization: …"),
        ("header authorization=abc", "header authorization=…"),
        ('"X-Registry-Auth": "eyJ1c2VybmFtZSI6"', '"X-Registry-Auth": "…"'),
        ("sent Bearer eyJhbGciOiJSUzI1NiIsIn", "sent Bearer …"),
        ("GET /token?account=me&token=hunter2&x=1", "GET /token?account=me&token=…&x=1"),
        ("https://s3/blob?X-Amz-Signature=abcdef&y", "https://s3/blob?X-Amz-Signature=…&y"),
        ('{"password": "hunter2", "a": 1}', '{"password": "…", "a": 1}'),
        ("REGISTRY_PASSWORD=hunter2 is wrong", "REGISTRY_PASSWORD=… is wrong"),
    ],
)
def test_secrets_are_left_out_and_the_rest_stays(said: str, shown: str) -> None:
    assert without_secrets(said) == shown


@pytest.mark.parametrize(
    "said",
    [
        "pull access denied: authorization failed: 401 Unauthorized",
        "no basic auth credentials",
        "unauthorized: authentication required",
        "manifest for me@sha256:abc not found",
        "docker.io/library/app@sha256:abc: token expired",
    ],
)
def test_what_is_no_secret_stays(said: str) -> None:
    assert without_secrets(said) == said


def test_long_text_is_shortened_and_on_one_line() -> None:
    shown = without_secrets("line\n" * 1000)

    assert shown.startswith("line line ")
    assert "\n" not in shown
    assert len(shown) < 700
