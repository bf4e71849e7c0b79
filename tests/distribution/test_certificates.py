"""TLS: whom we trust, where authorities and our own certificates lie, and what is said where it fails."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from layerscope.errors import SourceError
from layerscope.extensions import Access
from tests.distribution.authorities import Pair, authority, signed
from tests.distribution.reading import QUICK, connected, quick
from tests.distribution.server import FakeRegistry, Handler, serving, times

Tool = Callable[[str], str]
PLACES = (".config/containers/certs.d", ".docker/certs.d")


class Certificates(NamedTuple):
    """Those that the tests need."""

    ca: Pair
    server: Pair
    expired: Pair
    elsewhere: Pair
    client: Pair


@pytest.fixture(scope="module")
def certificates(tool: Tool, tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Certificates made once."""
    folder, openssl = tmp_path_factory.mktemp("certificates"), tool("openssl")
    ca = authority(openssl, folder)
    return Certificates(
        ca,
        signed(openssl, folder, "server", ca),
        signed(openssl, folder, "expired", ca, days=-1),
        signed(openssl, folder, "elsewhere", ca, hosts="DNS:registry.example"),
        signed(openssl, folder, "client", ca, hosts="DNS:somebody"),
    )


@contextmanager
def over_tls(pair: Pair, client_ca: Pair | None = None) -> Iterator[FakeRegistry]:
    """A registry that speaks TLS only, with this certificate; it may want one of its clients."""
    server = FakeRegistry()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    if client_ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(client_ca.certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    with serving(server):
        yield server


def folder_for(server: FakeRegistry, home: Path, place: str = PLACES[0]) -> Path:
    """The folder of the server's certificates."""
    folder = home / place / server.host
    folder.mkdir(parents=True)
    return folder


def status(server: FakeRegistry, access: Access | None = None) -> int:
    """That of one request."""
    with (
        connected(server.host, access=access) as client,
        client.exchange(client.url("tags/list")) as response,
    ):
        return response.status_code


@pytest.mark.parametrize("place", PLACES)
def test_an_authority_in_certs_d_is_trusted(place: str, certificates: Certificates, home: Path) -> None:
    with over_tls(certificates.server) as server:
        shutil.copy(certificates.ca.certificate, folder_for(server, home, place) / "any.crt")

        assert status(server) == 200


def test_one_for_another_port_is_not(certificates: Certificates, home: Path) -> None:
    with over_tls(certificates.server) as server, over_tls(certificates.server) as other:
        shutil.copy(certificates.ca.certificate, folder_for(other, home) / "ca.crt")

        with pytest.raises(SourceError, match="certificate is not accepted"):
            status(server)


def test_an_authority_in_ssl_cert_file_is_trusted(certificates: Certificates) -> None:
    """OpenSSL reads the variable once in a process."""
    with over_tls(certificates.server) as server:
        program = (
            "from tests.distribution.reading import connected\n"
            f"with connected({server.host!r}) as client, client.exchange(client.url('x')) as answer:\n"
            "    print(answer.status_code)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"SSL_CERT_FILE": str(certificates.ca.certificate)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert done.stdout == "404\n", done.stderr


@pytest.mark.parametrize(
    ("which", "said"),
    [("server", "unable to get local issuer"), ("expired", "expired"), ("elsewhere", "127.0.0.1")],
)
def test_what_is_wrong_with_a_certificate_is_said(
    which: str, said: str, certificates: Certificates, home: Path
) -> None:
    with over_tls(getattr(certificates, which)) as server:
        if which != "server":
            shutil.copy(certificates.ca.certificate, folder_for(server, home) / "ca.crt")

        with pytest.raises(SourceError, match=said) as raised:
            status(server)

        assert raised.value.exit_code == 3
        assert f"certs.d/{server.host}" in (raised.value.hint or "")
        assert "--insecure" in (raised.value.hint or "")
        assert server.seen == []


@pytest.mark.parametrize("which", ["server", "expired", "elsewhere"])
def test_insecure_takes_any_certificate(which: str, certificates: Certificates) -> None:
    with over_tls(getattr(certificates, which)) as server:
        assert status(server, Access(insecure=True)) == 200


def test_a_bad_certificate_is_no_reason_to_do_without(certificates: Certificates) -> None:
    """On loopback plain HTTP is tried, but only where TLS is not spoken at all."""
    with over_tls(certificates.server) as server, pytest.raises(SourceError, match="not accepted"):
        status(server)


def test_a_client_certificate_is_shown_to_who_asks(certificates: Certificates, home: Path) -> None:
    with over_tls(certificates.server, certificates.ca) as server:
        folder = folder_for(server, home)
        shutil.copy(certificates.ca.certificate, folder / "ca.crt")
        shutil.copy(certificates.client.certificate, folder / "me.cert")
        shutil.copy(certificates.client.key, folder / "me.key")

        assert status(server) == 200


def test_without_a_client_certificate_the_hint_says_where_it_goes(
    certificates: Certificates, home: Path
) -> None:
    with over_tls(certificates.server, certificates.ca) as server:
        shutil.copy(certificates.ca.certificate, folder_for(server, home) / "ca.crt")

        with pytest.raises(SourceError) as raised:
            status(server)

    assert raised.value.exit_code == 3


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("ca.crt", "nonsense", "ca.crt: cannot be loaded"),
        ("me.cert", "nonsense", "me.key, is missing"),
        ("me.key", "nonsense", "me.cert, is missing"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(
    name: str, content: str, said: str, registry: FakeRegistry, home: Path
) -> None:
    (folder_for(registry, home) / name).write_text(content)

    with pytest.raises(SourceError, match=said):
        status(registry)


def test_a_key_with_a_password_is_an_error_and_asks_nobody(
    certificates: Certificates, registry: FakeRegistry, home: Path, tool: Tool
) -> None:
    folder = folder_for(registry, home)
    client = certificates.client
    locking = ["-aes128", "-passout", "pass:x", "-in", str(client.key), "-out", str(folder / "me.key")]
    shutil.copy(client.certificate, folder / "me.cert")
    subprocess.run([tool("openssl"), "ec", *locking], check=True, capture_output=True)

    with pytest.raises(SourceError, match=r"me\.cert: cannot be loaded"):
        status(registry)


def test_plain_http_on_loopback_comes_after_https(registry: FakeRegistry) -> None:
    assert status(registry) == 200


def test_elsewhere_plain_http_is_for_those_who_allow_it(
    registry: FakeRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name is that of another machine, though it leads here."""
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda _host, *more, **named: real("127.0.0.1", *more, **named)
    )
    host = f"registry.example:{registry.server_port}"

    with (
        connected(host) as client,
        pytest.raises(SourceError, match=r"https://registry\.example") as raised,
        client.exchange(client.url("tags/list")),
    ):
        pass
    with (
        connected(host, access=Access(insecure=True)) as client,
        client.exchange(client.url("tags/list")) as response,
    ):
        assert response.status_code == 200
    assert raised.value.hint is not None
    assert [seen.path for seen in registry.seen] == ["/v2/team/app/tags/list"]


def test_a_host_that_answers_nothing_is_an_error_in_time() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        host = f"127.0.0.1:{silent.getsockname()[1]}"
        with (
            connected(host, patience=quick(connect_timeout_s=0.2, read_timeout_s=0.2, tries=2)) as client,
            pytest.raises(SourceError, match="no answer in time"),
            client.exchange(client.url("tags/list")),
        ):
            pass


def test_a_port_where_nobody_listens_is_refused_at_once() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{bound.getsockname()[1]}"
        with (
            connected(host) as client,
            pytest.raises(SourceError, match="refused"),
            client.exchange(client.url("tags/list")),
        ):
            pass


def test_a_name_that_nobody_knows_is_said_to_be_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    with (
        connected("registry.example") as client,
        pytest.raises(SourceError, match=r"the name registry\.example is not known"),
        client.exchange(client.url("tags/list")),
    ):
        pass


def test_a_redirect_away_from_encryption_is_refused(certificates: Certificates, home: Path) -> None:
    def away(handler: Handler) -> None:
        handler.reply(307, b"", {"Location": f"http://registry.example{handler.path}"})

    with over_tls(certificates.server) as server:
        shutil.copy(certificates.ca.certificate, folder_for(server, home) / "ca.crt")
        server.misdeeds.append(times(-1, away, "tags"))

        with pytest.raises(SourceError, match="without encryption"):
            status(server)


def test_trust_in_one_host_is_none_in_where_it_leads(certificates: Certificates, home: Path) -> None:
    with over_tls(certificates.server) as server, over_tls(certificates.server) as other:
        shutil.copy(certificates.ca.certificate, folder_for(server, home) / "ca.crt")
        target = f"https://{other.host}/v2/"
        server.misdeeds.append(
            times(-1, lambda handler: handler.reply(307, b"", {"Location": target}), "tags")
        )

        with pytest.raises(SourceError, match="not accepted") as raised:
            status(server)

        assert other.seen == []
        assert f"certs.d/{server.host}" not in (raised.value.hint or "")


def test_threads_share_connections(registry: FakeRegistry) -> None:
    """Four layers at once are four connections, not one for each request."""
    ports: set[int] = set()

    def note(handler: Handler) -> bool:
        ports.add(handler.client_address[1])
        return False

    registry.misdeeds.append(note)
    with connected(registry.host, patience=QUICK) as client:

        def ask() -> None:
            for _ in range(10):
                with client.exchange(client.url("tags/list")) as response:
                    response.read()

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert len(registry.asked("tags/list")) == 40
    assert len(ports) <= 5
