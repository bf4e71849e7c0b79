"""Which Docker is meant: the environment, a context, or whatever socket is there."""

from __future__ import annotations

import hashlib
import json
import socket
from pathlib import Path
from typing import Any

import pytest

from layerscope.engines import docker_endpoints as places
from layerscope.engines.docker_endpoints import DOCKER, docker_endpoints
from layerscope.engines.endpoint import Endpoint, TlsFiles, first_that_answers
from layerscope.errors import EngineUnreachable


def store_context(config: Path, name: str, host: str, **endpoint: Any) -> Path:
    """A context as ``docker context create`` stores it; gives the folder of its TLS material."""
    folder = hashlib.sha256(name.encode()).hexdigest()
    meta = config / "contexts" / "meta" / folder
    meta.mkdir(parents=True)
    document = {"Name": name, "Metadata": {}, "Endpoints": {"docker": {"Host": host, **endpoint}}}
    (meta / "meta.json").write_text(json.dumps(document))
    return config / "contexts" / "tls" / folder / "docker"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A $DOCKER_CONFIG whose current context is the first of two."""
    folder = tmp_path / "config"
    store_context(folder, "desk", "unix:///desk.sock")
    store_context(folder, "far", "ssh://me@far")
    (folder / "config.json").write_text('{"currentContext": "desk"}')
    return folder


@pytest.mark.parametrize(
    ("environment", "url", "origin"),
    [
        ({}, "unix:///desk.sock", "context desk"),
        ({"DOCKER_CONTEXT": "far"}, "ssh://me@far", "context far"),
        ({"DOCKER_CONTEXT": "far", "DOCKER_HOST": "unix:///h"}, "unix:///h", "DOCKER_HOST"),
        ({"DOCKER_HOST": "tcp://h:2375"}, "tcp://h:2375", "DOCKER_HOST"),
        ({"DOCKER_HOST": "h:2375"}, "tcp://h:2375", "DOCKER_HOST"),
        ({"DOCKER_HOST": "/run/d.sock"}, "unix:///run/d.sock", "DOCKER_HOST"),
    ],
)
def test_the_host_comes_before_the_context(
    environment: dict[str, str], url: str, origin: str, config: Path
) -> None:
    assert docker_endpoints({"DOCKER_CONFIG": str(config)} | environment) == [
        Endpoint(url=url, origin=origin)
    ]


@pytest.mark.parametrize("setting", [{"DOCKER_CONTEXT": "default"}, {"DOCKER_CONTEXT": ""}])
def test_the_default_context_is_the_usual_sockets(
    setting: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "b.sock"
    there.touch()
    monkeypatch.setattr(places, "_SOCKETS", (str(tmp_path / "a.sock"), "$XDG_RUNTIME_DIR/b.sock"))

    found = docker_endpoints({"DOCKER_CONFIG": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)} | setting)

    assert [endpoint.url for endpoint in found] == [f"unix://{there}"]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"currentContext": 7}'])
def test_a_config_that_cannot_be_read_has_no_context(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.json").write_text(text)
    monkeypatch.setattr(places, "_SOCKETS", ())

    assert docker_endpoints({"DOCKER_CONFIG": str(tmp_path)}) == []


@pytest.mark.parametrize("document", [None, "{}", '{"Endpoints": {"docker": {}}}', '{"Endpoints": []}', "["])
def test_a_context_without_an_endpoint_is_said(document: str | None, config: Path) -> None:
    meta = config / "contexts" / "meta" / hashlib.sha256(b"odd").hexdigest()
    if document is not None:
        meta.mkdir()
        (meta / "meta.json").write_text(document)

    with pytest.raises(EngineUnreachable, match="the context 'odd' names no endpoint"):
        docker_endpoints({"DOCKER_CONFIG": str(config), "DOCKER_CONTEXT": "odd"})


@pytest.mark.parametrize("skip", [False, True])
def test_the_tls_material_of_a_context_is_its_own(skip: bool, tmp_path: Path) -> None:  # noqa: FBT001
    material = store_context(tmp_path, "safe", "tcp://h:2376", SkipTLSVerify=skip)
    material.mkdir(parents=True)
    for name in ("ca.pem", "cert.pem", "key.pem"):
        (material / name).touch()

    [found] = docker_endpoints({"DOCKER_CONFIG": str(tmp_path), "DOCKER_CONTEXT": "safe"})

    paths = {name: str(material / f"{name}.pem") for name in ("ca", "cert", "key")}
    assert found.tls == TlsFiles(verify=not skip, **paths)


@pytest.mark.parametrize(
    ("setting", "verify"),
    [({"DOCKER_TLS_VERIFY": "1"}, True), ({"DOCKER_TLS": "1"}, False), ({"DOCKER_TLS_VERIFY": ""}, None)],
)
def test_tls_is_what_the_environment_says(
    setting: dict[str, str],
    verify: bool | None,  # noqa: FBT001
    tmp_path: Path,
) -> None:
    (tmp_path / "ca.pem").touch()

    [found] = docker_endpoints({"DOCKER_HOST": "tcp://h:2376", "DOCKER_CERT_PATH": str(tmp_path)} | setting)

    expected = None if verify is None else TlsFiles(verify=verify, ca=str(tmp_path / "ca.pem"))
    assert found.tls == expected


def test_the_first_socket_that_answers_is_taken(tmp_path: Path) -> None:
    endpoints = [Endpoint(url=f"unix://{tmp_path}/{name}", origin="") for name in ("gone", "old", "new")]
    with socket.socket(socket.AF_UNIX) as old, socket.socket(socket.AF_UNIX) as new:
        old.bind(f"{tmp_path}/old")
        new.bind(f"{tmp_path}/new")
        new.listen()

        assert first_that_answers(endpoints, DOCKER) == endpoints[2]
        with pytest.raises(EngineUnreachable, match=r"gone .*No such file.*; .*old .*refused"):
            first_that_answers(endpoints[:2], DOCKER)
