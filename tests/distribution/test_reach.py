"""What doctor says of registries, without asking any."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from layerscope.distribution.reach import reach


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail where anybody is asked anything."""

    def connect(*_: object) -> None:
        raise AssertionError("a connection was made")

    monkeypatch.setattr(socket.socket, "connect", connect)


def test_without_anything_it_says_so() -> None:
    assert reach() == "read directly, over HTTPS; no credentials found"


def test_files_are_named_with_their_hosts_and_nothing_else(home: Path) -> None:
    docker = home / ".docker/config.json"
    docker.parent.mkdir()
    entry = {"username": "me", "password": "s3cret"}
    document = {
        "auths": {"https://index.docker.io/v1/": entry, "quay.io/team": entry, "quay.io": entry},
        "credHelpers": {"gcr.example": "gcloud"},
        "credsStore": "desktop",
    }
    docker.write_text(json.dumps(document))

    said = reach()

    assert f"credentials in {docker} for gcr.example, index.docker.io, quay.io" in said
    assert "what docker-credential-desktop holds" in said
    assert "s3cret" not in said
    assert "team" not in said


def test_a_file_that_cannot_be_read_is_told(home: Path) -> None:
    (home / ".docker").mkdir()
    (home / ".docker/config.json").write_text("{")

    assert f"{home}/.docker/config.json: not a file of credentials" in reach()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("HTTPS_PROXY", "http://me:s3cret@proxy.example:3128/", "HTTPS_PROXY is http://proxy.example:3128"),
        ("https_proxy", "proxy.example", "HTTPS_PROXY is http://proxy.example"),
        ("ALL_PROXY", "http://proxy.example:port", "ALL_PROXY is no URL"),
    ],
)
def test_a_proxy_is_told_without_its_password(
    name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)

    assert reach().endswith(f"; {said}")
