"""Secrets in files, in hidden files, in the environment and in the history; the user who runs it all."""

from __future__ import annotations

from typing import Any

import pytest

from layerscope.rules import (
    root_user,
    secret_deleted,
    secret_in_environment,
    secret_in_file,
    secret_in_history,
)
from tests.rules.dsl import case, one, step
from tests.union.dsl import file, whiteout

KEY = {"kind": "private key", "by": "content"}


def seen(path: str, fact: dict[str, str] = KEY) -> dict[str, dict[str, Any]]:
    """What the probe saw in a layer."""
    return {"secrets": {path: fact}}


def test_a_secret_that_can_be_seen() -> None:
    built = case(step("COPY . /app", file("app/key", b"k" * 30), facts=seen("app/key")))

    found = one(built.advice(secret_in_file.RULE, secret_deleted.RULE))

    assert (found.rule, found.net_bytes, found.layers, found.confidence) == (
        "secret-in-file",
        30,
        (0,),
        "high",
    )
    assert found.instruction == "COPY . /app"
    assert ".dockerignore" in found.fix


def test_a_secret_that_was_copied_up_is_one_finding_and_all_its_copies() -> None:
    built = case(
        step("COPY . /app", file("app/key", b"k" * 30), facts=seen("app/key")),
        step("RUN chown 5 /app/key", file("app/key", b"k" * 30, uid=5), facts=seen("app/key")),
    )

    found = one(built.advice(secret_in_file.RULE, secret_deleted.RULE))

    assert (found.rule, found.net_bytes, found.layers) == ("secret-in-file", 60, (0, 1))


def test_a_secret_that_was_deleted_is_still_there_and_a_squash_would_help() -> None:
    built = case(
        step("FROM"),
        step("COPY .env /app/", file("app/.env", b"k" * 30), facts=seen("app/.env")),
        step("RUN x", file("x")),
        step("RUN rm /app/.env", whiteout("app/.env")),
    )

    found = one(built.advice(secret_in_file.RULE, secret_deleted.RULE))

    assert (found.rule, found.net_bytes, found.layers) == ("secret-deleted", 30, (1, 3))
    assert "squashing layers 1 to 3" in found.fix


def test_a_secret_comes_before_every_other_finding() -> None:
    built = case(
        step("RUN one", file("tmp/key", b"k" * 30), facts=seen("tmp/key")),
        step("RUN two", whiteout("tmp/key")),
    )

    found = built.advice()

    assert {suggestion.rule for suggestion in found if suggestion.net_bytes} == {"secret-deleted"}


@pytest.mark.parametrize(
    ("path", "fact", "confidence"),
    [
        ("usr/lib/python3/dist-packages/x/key.pem", KEY, "low"),
        ("app/node_modules/x/test/key.pem", KEY, "low"),
        ("app/.env", {"kind": "environment file", "by": "name"}, "medium"),
        ("etc/ssl/private/server.key", KEY, "high"),
    ],
)
def test_packages_ship_keys_for_their_tests(path: str, fact: dict[str, str], confidence: str) -> None:
    built = case(step("COPY . /", file(path, b"k"), facts=seen(path, fact)))

    assert one(built.advice(secret_in_file.RULE)).confidence == confidence


def test_a_fact_of_a_file_that_no_layer_has_is_passed_over() -> None:
    assert case(step("COPY . /", facts=seen("gone"))).advice(secret_in_file.RULE, secret_deleted.RULE) == ()


@pytest.mark.parametrize(
    ("variable", "found"),
    [
        ("DB_PASSWORD=hunter2", 1),
        ("API_KEY=abcdef", 1),
        ("AWS_SECRET_ACCESS_KEY=abcdef", 1),
        ("GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D", 0),
        ("DB_PASSWORD_FILE=/run/secrets/db", 0),
        ("DB_PASSWORD=/run/secrets/db", 0),
        ("DB_PASSWORD=", 0),
        ("DB_PASSWORD=$OTHER", 0),
        ("TOKEN_TTL=3600", 0),
        ("PATH=/usr/bin", 0),
        ("SSH_PUBLIC_KEY=abcdef", 0),
    ],
)
def test_a_secret_in_the_environment(variable: str, found: int) -> None:
    suggestions = case(step("RUN x"), Env=["A=b", variable]).advice(secret_in_environment.RULE)

    assert len(suggestions) == found
    value = variable.partition("=")[2]
    assert not any(value in f"{one.title} {one.fix}" for one in suggestions)


@pytest.mark.parametrize("environment", [None, "DB_PASSWORD=hunter2", [3, None]])
def test_an_odd_environment_does_no_harm(environment: Any) -> None:
    assert case(step("RUN x"), Env=environment).advice(secret_in_environment.RULE) == ()


@pytest.mark.parametrize(
    ("created_by", "secret", "titles"),
    [
        ("|1 NPM_TOKEN=abcdef123 /bin/sh -c npm ci", "abcdef123", ["a secret in the history, as NPM_TOKEN"]),
        (
            "/bin/sh -c curl -H 'Authorization: Bearer abcdef123' https://x",
            "abcdef123",
            ["a secret on a command line in the history"],
        ),
        (
            "/bin/sh -c git clone https://me:abcdef123@example.com/x",
            "abcdef123",
            ["a secret on a command line in the history"],
        ),
        ("/bin/sh -c echo $NPM_TOKEN > /x", "", []),
        ("|1 VERSION=1.2 /bin/sh -c npm ci", "", []),
        ("/bin/sh -c git clone https://example.com/me@x", "", []),
    ],
)
def test_a_secret_in_the_history(created_by: str, secret: str, titles: list[str]) -> None:
    found = case(step(created_by, file("x"))).advice(secret_in_history.RULE)

    assert [suggestion.title for suggestion in found] == titles
    assert not secret or all(secret not in repr(suggestion) for suggestion in found)


def test_a_variable_in_the_old_form() -> None:
    found = one(
        case(step("RUN x"), empty={0: ["ENV DB_PASSWORD hunter2 and more"]}).advice(secret_in_history.RULE)
    )

    assert found.title == "a secret in the history, as DB_PASSWORD"


def test_a_variable_that_was_set_and_overridden_is_still_in_the_history() -> None:
    empty = {0: ["/bin/sh -c #(nop)  ENV DB_PASSWORD=hunter2", "/bin/sh -c #(nop)  ENV DB_PASSWORD="]}

    found = one(case(step("RUN x", file("x")), empty=empty).advice(secret_in_history.RULE))

    assert found.title == "a secret in the history, as DB_PASSWORD"
    assert found.layers == ()


def test_no_suggestion_quotes_the_secret_of_its_instruction() -> None:
    """Every rule may name an instruction; what it holds is taken out."""
    built = case(
        step(
            "|1 API_TOKEN=s3cr3tvalue /bin/sh -c curl -u me --password s3cr3tvalue https://a:s3cr3tvalue@x"
            " && export KEY_PASSWORD=s3cr3tvalue && apt-get update",
            file("var/lib/apt/lists/x", b"x"),
        )
    )

    found = built.advice()

    assert any(suggestion.rewrite for suggestion in found)
    assert "s3cr3tvalue" not in repr(found)


@pytest.mark.parametrize(
    ("runtime", "found"),
    [
        ({"User": "", "Cmd": ["x"]}, 1),
        ({"User": "0:0", "Cmd": ["x"]}, 1),
        ({"User": "root", "Entrypoint": ["x"]}, 1),
        ({"Cmd": ["x"]}, 1),
        ({"User": "app", "Cmd": ["x"]}, 0),
        ({"User": "1000:0", "Cmd": ["x"]}, 0),
        ({"User": ""}, 0),
    ],
)
def test_an_image_that_runs_as_root(runtime: dict[str, Any], found: int) -> None:
    assert len(case(step("RUN x"), **runtime).advice(root_user.RULE)) == found
