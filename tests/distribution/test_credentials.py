"""Credentials where docker and podman leave them."""

from __future__ import annotations

import base64
import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

import docker.auth
import pytest

from layerscope.distribution.credential_file import read_credential_file
from layerscope.distribution.credentials import Credentials, credential_paths, find_credentials
from layerscope.model.reference import parse_image_name

HUB = "https://index.docker.io/v1/"


def auth(user: str, secret: str = "secret") -> dict[str, str]:  # noqa: S107
    """An entry as ``docker login`` writes it."""
    return {"auth": base64.b64encode(f"{user}:{secret}".encode()).decode()}


def write(path: Path, **document: Any) -> Path:
    """A file of credentials."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document))
    return path


def user_for(name: str, *paths: Path) -> str | None:
    """The user that is found for an image."""
    found = find_credentials(parse_image_name(name), list(paths) or None).credentials
    return found.username if found is not None else None


def install(folder: Path, name: str, program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A credential helper on PATH, in Python."""
    path = folder / f"docker-credential-{name}"
    path.write_text(f"#!{sys.executable}\nimport json, sys, time\nserver = sys.stdin.read()\n{program}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("ghcr.io", "ghcr.io/team/app"),
        ("https://ghcr.io", "ghcr.io/team/app"),
        ("https://ghcr.io/", "ghcr.io/team/app"),
        ("https://ghcr.io/v2/", "ghcr.io/team/app"),
        ("ghcr.io/v2/", "ghcr.io/team/app"),
        ("http://localhost:5000/v1/", "localhost:5000/app"),
        ("localhost:5000", "localhost:5000/app"),
        (HUB, "python"),
        (HUB, "team/app"),
        ("docker.io", "python"),
        ("index.docker.io", "docker.io/library/python"),
    ],
)
def test_a_host_is_found_however_its_key_is_spelt(key: str, name: str, tmp_path: Path) -> None:
    """The docker package is the second opinion, on keys that hold a host only."""
    entries = {key: auth("me"), "other.example": auth("other")}
    path = write(tmp_path / "config.json", auths=entries)

    theirs = docker.auth.load_config(config_dict={"auths": dict(entries)}).resolve_authconfig(
        parse_image_name(name).host
    )

    assert user_for(name, path) == "me"
    assert theirs["username"] == "me"


@pytest.mark.parametrize(
    ("name", "user"),
    [
        ("quay.io/team/app", "team app"),
        ("quay.io/team/app/deep", "team app"),
        ("quay.io/team/other", "team"),
        ("quay.io/teammate/app", "host"),
        ("quay.io/app", "host"),
        ("quay.io:443/team/app", None),
        ("docker.io/team/app", "hub team"),
        ("docker.io/other/app", None),
    ],
)
def test_the_longest_path_wins(name: str, user: str | None, tmp_path: Path) -> None:
    path = write(
        tmp_path / "auth.json",
        auths={
            "quay.io": auth("host"),
            "quay.io/team": auth("team"),
            "quay.io/team/app": auth("team app"),
            "docker.io/team": auth("hub team"),
        },
    )

    assert user_for(name, path) == user


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (auth("me", "with:colon"), ("me", "with:colon", "", "")),
        ({"username": "me", "password": "pass"}, ("me", "pass", "", "")),
        (auth("me", "") | {"identitytoken": "t"}, ("me", "", "t", "")),
        ({"identitytoken": "t"}, ("", "", "t", "")),
        ({"registrytoken": "r"}, ("", "", "", "r")),
        (auth("me", "pass\0\0"), ("me", "pass", "", "")),
        (auth("mé", "pässword"), ("mé", "pässword", "", "")),
    ],
)
def test_an_entry_holds_a_password_or_a_token(
    entry: dict[str, str], expected: tuple[str, ...], tmp_path: Path
) -> None:
    path = write(tmp_path / "config.json", auths={"ghcr.io": entry})

    found = find_credentials(parse_image_name("ghcr.io/app"), [path]).credentials

    assert found is not None
    assert (found.username, found.password, found.identity_token, found.registry_token) == expected
    assert found.found_in == str(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"auths": 7}',
        b'{"auths": {"ghcr.io": 7}}',
        b'{"auths": {"ghcr.io": {"auth": "s3cret!"}}}',
        b'{"auths": {"ghcr.io": {"auth": "czNjcmV0"}}}',
        b'{"auths": {"ghcr.io": {"auth": "//8="}}}',
        b'{"credHelpers": {"ghcr.io": 7}}',
        b'{"credsStore": 7}',
        b"\xff",
    ],
)
def test_what_cannot_be_read_is_a_problem_and_no_error(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_bytes(content)

    search = find_credentials(parse_image_name("ghcr.io/app"), [path])

    assert search.credentials is None
    assert [problem for problem in search.problems if not problem.startswith(str(path))] == []
    assert len(search.problems) == 1
    assert "s3cret" not in search.problems[0]


def test_a_broken_entry_spoils_no_other(tmp_path: Path) -> None:
    path = write(tmp_path / "config.json", auths={"a.example": {"auth": "!"}, "b.example": auth("me")})

    assert user_for("b.example/app", path) == "me"


def test_an_empty_entry_says_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "config.json", auths={"ghcr.io": {}})

    assert find_credentials(parse_image_name("ghcr.io/app"), [path]).problems == ()


def test_the_files_are_asked_in_their_order(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places = {
        "docker": home / ".docker/config.json",
        "runtime": home / "run/containers/auth.json",
        "config": home / ".config/containers/auth.json",
    }
    for user, path in places.items():
        write(path, auths={"ghcr.io": auth(user), f"{user}.example": auth(user)})

    assert user_for("ghcr.io/app") == "docker"
    assert [user_for(f"{user}.example/app") for user in places] == list(places)
    monkeypatch.setenv("DOCKER_CONFIG", str(home / "elsewhere"))
    assert user_for("ghcr.io/app") == "runtime"
    write(home / "elsewhere/config.json", auths={"ghcr.io": auth("elsewhere")})
    assert user_for("ghcr.io/app") == "elsewhere"


def test_a_file_that_the_environment_names_is_the_only_one(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(home / ".docker/config.json", auths={"ghcr.io": auth("docker"), "quay.io": auth("docker")})
    path = write(tmp_path / "auth.json", auths={"ghcr.io": auth("named")})
    monkeypatch.setenv("REGISTRY_AUTH_FILE", str(path))

    assert credential_paths() == [path]
    assert user_for("ghcr.io/app") == "named"
    assert user_for("quay.io/app") is None


ANSWERING = 'print(json.dumps({"ServerURL": server, "Username": "helped", "Secret": server}))'


@pytest.mark.parametrize(
    ("name", "server"),
    [("ghcr.io/app", "ghcr.io"), ("python", HUB), ("localhost:5000/app", "localhost:5000")],
)
@pytest.mark.parametrize("kind", ["credsStore", "credHelpers"])
def test_a_helper_is_asked_for_the_server_as_docker_names_it(
    kind: str, name: str, server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The docker package asks the same program the same, and is the second opinion."""
    install(tmp_path, "test", ANSWERING, monkeypatch)
    given: Any = "test" if kind == "credsStore" else {server: "test"}
    path = write(tmp_path / "config.json", **{kind: given})

    found = find_credentials(parse_image_name(name), [path]).credentials

    theirs = docker.auth.load_config(config_dict={kind: given}).resolve_authconfig(
        parse_image_name(name).host
    )
    assert found is not None
    assert (found.username, found.password) == ("helped", server)
    assert (theirs["Username"], theirs["Password"]) == ("helped", server)
    assert found.found_in == "docker-credential-test"


def test_the_helper_of_a_host_goes_before_that_of_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "own", ANSWERING.replace("helped", "own"), monkeypatch)
    install(tmp_path, "all", ANSWERING.replace("helped", "all"), monkeypatch)
    path = write(
        tmp_path / "config.json",
        credsStore="all",
        credHelpers={"https://ghcr.io": "own", "docker.io": "own"},
        auths={"quay.io": auth("file")},
    )

    assert user_for("ghcr.io/app", path) == "own"
    assert user_for("python", path) == "own"
    assert user_for("quay.io/app", path) == "all"


def test_a_helper_may_give_an_identity_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "test", 'print(json.dumps({"Username": "<token>", "Secret": "t"}))', monkeypatch)
    path = write(tmp_path / "config.json", credsStore="test")

    found = find_credentials(parse_image_name("ghcr.io/app"), [path]).credentials

    assert found is not None
    assert (found.username, found.identity_token) == ("", "t")


@pytest.mark.parametrize(
    "program",
    [
        'print("credentials not found in native keychain"); sys.exit(1)',
        'print(json.dumps({"Username": "", "Secret": ""}))',
    ],
)
def test_a_helper_that_knows_nothing_leaves_it_to_the_file(
    program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "test", program, monkeypatch)
    path = write(tmp_path / "config.json", credsStore="test", auths={"ghcr.io": auth("file")})

    search = find_credentials(parse_image_name("ghcr.io/app"), [path])

    assert search.credentials is not None
    assert search.credentials.username == "file"
    assert search.problems == ()


@pytest.mark.parametrize(
    ("name", "program", "said"),
    [
        ("test", 'print("s3cret"); sys.exit(3)', "docker-credential-test failed with exit code 3"),
        ("test", 'print("s3cret")', "did not answer in JSON"),
        ("test", "print('{\"Secret\": 7}')", "did not answer in JSON"),
        ("test", "time.sleep(60)", "does not answer"),
        ("absent", "", "docker-credential-absent is not installed"),
        ("../test", ANSWERING, "is not installed"),
    ],
)
def test_a_helper_that_fails_is_a_problem_and_no_error(
    name: str, program: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "sleep" in program:
        monkeypatch.setattr("layerscope.distribution.credential_helper._TIMEOUT_S", 1)
    install(tmp_path, "test", program, monkeypatch)
    path = write(tmp_path / "config.json", credsStore=name)

    search = find_credentials(parse_image_name("ghcr.io/app"), [path])

    assert search.credentials is None
    assert [said in problem and "s3cret" not in problem for problem in search.problems] == [True]


def test_nothing_that_is_shown_has_a_secret_in_it(tmp_path: Path) -> None:
    path = write(
        tmp_path / "config.json", auths={"ghcr.io": auth("me", "s3cret") | {"identitytoken": "s3cret"}}
    )

    search = find_credentials(parse_image_name("ghcr.io/app"), [path])
    file, _ = read_credential_file(path)

    assert file is not None
    assert isinstance(search.credentials, Credentials)
    # What rich, and so Textual's console, shows in place of a repr.
    richly = [search.credentials.__rich_repr__(), *(item.__rich_repr__() for item in file.entries.values())]
    shown = f"{search!r} {search.credentials} {file!r} {richly}"
    assert "config.json" in shown
    assert "s3cret" not in shown
    assert search.credentials.secrets == ("s3cret", "s3cret")
