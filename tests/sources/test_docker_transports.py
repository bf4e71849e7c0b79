"""The ways to a Docker engine: TLS and ssh, and what is never shown of them."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from layerscope.errors import EngineUnreachable, SourceError, UsageError
from layerscope.extensions import Access
from layerscope.sources.docker import SOURCE
from tests.cli.looking import Run
from tests.engines.fake_engine import FakeEngine, fake_engine
from tests.sources.engines import command
from tests.sources.test_docker import ARCHIVE, IMAGE, SECRET, taken


def openssl(folder: Path, *arguments: str) -> None:
    """Run openssl in a folder."""
    subprocess.run(["/usr/bin/openssl", *arguments], cwd=folder, check=True, capture_output=True, timeout=60)


@pytest.fixture
def certificates(tmp_path: Path, tool: Callable[[str], str]) -> Path:
    """A CA, and a certificate for 127.0.0.1 that serves both ends."""
    tool("openssl")
    folder = tmp_path / "certificates"
    folder.mkdir()
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1")
    key = ("-newkey", "rsa:2048", "-nodes")
    openssl(folder, "req", "-x509", *key, "-keyout", "ca-key.pem", "-out", "ca.pem", "-subj", "/CN=ca")
    openssl(folder, "req", *key, "-keyout", "key.pem", "-out", "request", "-subj", "/CN=127.0.0.1")
    issue = ("-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial", "-extfile", "names")
    openssl(folder, "x509", "-req", "-in", "request", *issue, "-out", "cert.pem")
    return folder


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        (("ca.pem", "cert.pem", "key.pem"), "reached"),
        (("ca.pem",), "refused"),
        (("cert.pem", "key.pem"), "refused"),
    ],
)
def test_tls_takes_the_certificates_that_the_environment_names(
    given: tuple[str, ...], outcome: str, certificates: Path, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "cert.pem", certificates / "key.pem")
    context.load_verify_locations(certificates / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    folder = bare / "given"
    folder.mkdir()
    for name in given:
        (folder / name).write_bytes((certificates / name).read_bytes())
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(folder / "of-somebody-else.pem"))
    monkeypatch.setenv("DOCKER_CERT_PATH", str(folder))
    with fake_engine(tls=context) as engine:
        engine.hold("app:1", IMAGE, ARCHIVE)
        monkeypatch.setenv("DOCKER_HOST", engine.url)
        assert SOURCE.has is not None

        try:
            found = "reached" if SOURCE.has("app:1", Access()) else "absent"
        except SourceError:
            found = "refused"

    assert found == outcome


def test_ssh_runs_the_clients_command_over_there(
    engine: FakeEngine, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stand-in for ssh writes down what it is asked and connects its ends to the socket."""
    engine.hold("app:1", IMAGE, ARCHIVE)
    bridge = bare / "bridge.py"
    bridge.write_text(
        "import os, socket, sys, threading\n"
        f"s = socket.socket(socket.AF_UNIX); s.connect({engine.url.removeprefix('unix://')!r})\n"
        "def up():\n"
        "    while data := os.read(0, 65536): s.sendall(data)\n"
        "threading.Thread(target=up, daemon=True).start()\n"
        "while data := s.recv(65536): os.write(1, data)\n"
    )
    command(bare, "ssh", f'echo "$@" >>{bare}/asked\nexec /usr/bin/env python3 {bridge}')
    monkeypatch.setenv("DOCKER_HOST", "ssh://me@builder:2222")

    found = taken("app:1")

    assert found.image.names == ("app:1",)
    asked = set((bare / "asked").read_text().splitlines())
    assert asked == {"-T -o ConnectTimeout=30 -l me -p 2222 -- builder docker system dial-stdio"}


@pytest.mark.parametrize("url", ["ssh://", "ssh://-oProxyCommand=x", "ssh://-l@host", "ssh://host:port"])
def test_an_ssh_url_without_a_host_is_wrong_usage(
    url: str, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command(bare, "ssh", f"touch {bare}/ran")
    monkeypatch.setenv("DOCKER_HOST", url)

    with pytest.raises(UsageError):
        taken("app:1")

    assert not (bare / "ran").exists()


@pytest.mark.usefixtures("bare")
def test_userinfo_of_an_endpoint_is_never_shown(look: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"tcp://me:{SECRET}@127.0.0.1:9")

    outcome = look("docker:app:1")

    assert outcome.code == 3
    assert SECRET not in outcome.err
    assert "127.0.0.1:9" in outcome.err


def test_what_ssh_complains_of_is_told(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command(bare, "ssh", "echo 'me@builder: Permission denied (publickey).' >&2\nexit 255")
    monkeypatch.setenv("DOCKER_HOST", "ssh://me@builder")

    with pytest.raises(EngineUnreachable, match=r"Permission denied \(publickey\)"):
        taken("app:1")
