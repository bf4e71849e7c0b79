"""Passwords and tokens: asked for, used again, renewed, and never shown."""

from __future__ import annotations

import base64
import itertools
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from urllib.parse import parse_qs, urlsplit

import pytest

from layerscope.distribution.client import Registry
from layerscope.distribution.credentials import Credentials, Search
from layerscope.distribution.manifests import fetch_manifest
from layerscope.errors import AccessDenied, LayerscopeError
from layerscope.extensions import Access
from layerscope.model.reference import ImageName, parse_image_name
from tests.distribution.reading import SECRET, connected, opened, password, read
from tests.distribution.server import FakeRegistry, Handler, Misdeed, times
from tests.oci.build import built

BASIC = "Basic " + base64.b64encode(f"user:{SECRET}".encode()).decode()
IDENTITY = Search(credentials=Credentials(found_in="a test", identity_token="s3cret-identity"))


class Tokens:
    """A token server, and a registry that lets its tokens in, each so many times."""

    def __init__(self, uses: int = 1 << 30, realm: str = "") -> None:
        self.numbers = itertools.count(1)
        self.uses = uses
        self.realm = realm
        self.left: dict[str, int] = {}
        self.answer: Callable[[Handler, str], None] = lambda handler, token: handler.reply(
            200, json.dumps({"token": token, "expires_in": 60}).encode()
        )

    def __call__(self, handler: Handler) -> bool:
        """Give a token, let one in, or ask for one."""
        if handler.path.startswith("/token"):
            token = f"tok-{next(self.numbers)}"
            self.left[f"Bearer {token}"] = self.uses
            self.answer(handler, token)
            return True
        if not handler.path.startswith("/v2/team/"):
            return False
        given = handler.headers.get("Authorization", "")
        if self.left.get(given, 0) > 0:
            self.left[given] -= 1
            return False
        realm = self.realm or f"http://{handler.server.host}/token"
        asked = f'Bearer realm="{realm}",service="the service",scope="repository:team/app:pull"'
        handler.refuse(401, "UNAUTHORIZED", "authentication required", {"WWW-Authenticate": asked})
        return True


def basic(handler: Handler) -> bool:
    """Ask for user and password."""
    if handler.headers.get("Authorization") == BASIC:
        return False
    handler.refuse(401, "UNAUTHORIZED", "authentication required", {"WWW-Authenticate": 'Basic realm="r"'})
    return True


def guarded(registry: FakeRegistry, guard: Misdeed) -> None:
    """Hold an image of three layers behind a guard."""
    registry.hold_image("team/app:1", built())
    registry.misdeeds.append(guard)


def test_a_password_is_given_where_it_is_asked_for_and_kept(registry: FakeRegistry) -> None:
    guarded(registry, basic)

    assert len(read(registry.host, search=password())[1]) == 3
    assert [seen.authorization for seen in registry.seen if "team" in seen.path] == [None, *[BASIC] * 5]


def test_without_credentials_an_anonymous_token_does(registry: FakeRegistry) -> None:
    guarded(registry, Tokens())

    assert len(read(registry.host)[1]) == 3
    [asked] = registry.asked("/token")
    assert parse_qs(urlsplit(asked.path).query) == {
        "service": ["the service"],
        "scope": ["repository:team/app:pull"],
    }
    assert asked.authorization is None
    assert {seen.authorization for seen in registry.asked("/blobs/")} == {"Bearer tok-1"}


def test_a_token_is_asked_for_with_the_password(registry: FakeRegistry) -> None:
    guarded(registry, Tokens())

    read(registry.host, search=password())

    assert [seen.authorization for seen in registry.asked("/token")] == [BASIC]
    assert BASIC not in [seen.authorization for seen in registry.asked("/v2/")]


@pytest.mark.parametrize(("guard", "asked"), [(None, 0), (basic, 1)])
def test_credentials_are_looked_for_only_where_they_are_asked_for(
    guard: Misdeed | None, asked: int, registry: FakeRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A helper may have to ask its user for something."""
    looked: list[str] = []

    def find(name: ImageName) -> Search:
        looked.append(name.host)
        return password()

    monkeypatch.setattr("layerscope.distribution.client.find_credentials", find)
    registry.hold_image("team/app:1", built())
    registry.misdeeds += [guard] if guard is not None else []

    with closing(Registry(parse_image_name(f"{registry.host}/team/app:1"), Access())) as client:
        fetch_manifest(client)
        fetch_manifest(client)

    assert len(looked) == asked


def test_an_identity_token_is_changed_for_one_by_post(registry: FakeRegistry) -> None:
    tokens = Tokens()
    tokens.answer = lambda handler, token: handler.reply(200, json.dumps({"access_token": token}).encode())
    guarded(registry, tokens)

    read(registry.host, search=IDENTITY)

    [asked] = registry.asked("/token")
    assert (asked.method, asked.path, asked.authorization) == ("POST", "/token", None)
    assert parse_qs(asked.body.decode()) == {
        "grant_type": ["refresh_token"],
        "service": ["the service"],
        "scope": ["repository:team/app:pull"],
        "client_id": ["layerscope"],
        "refresh_token": ["s3cret-identity"],
    }


def test_a_token_of_the_registry_itself_is_given_as_it_is(registry: FakeRegistry) -> None:
    tokens = Tokens()
    tokens.left["Bearer given"] = 100
    guarded(registry, tokens)
    search = Search(credentials=Credentials(found_in="a test", registry_token="given"))

    read(registry.host, search=search)

    assert registry.asked("/token") == []


def test_where_the_registry_names_no_scope_it_is_that_of_a_pull(registry: FakeRegistry) -> None:
    def bare(handler: Handler) -> None:
        asked = f'Bearer realm="http://{registry.host}/token?x=1"'
        handler.refuse(401, "UNAUTHORIZED", "who?", {"WWW-Authenticate": asked})

    guarded(registry, times(1, bare, "/manifests/"))
    registry.misdeeds.append(Tokens())

    read(registry.host)

    query = parse_qs(urlsplit(registry.asked("/token")[0].path).query)
    assert query == {"x": ["1"], "scope": ["repository:team/app:pull"]}


@pytest.mark.parametrize("uses", [1, 2])
def test_a_token_that_expires_in_the_middle_is_renewed(uses: int, registry: FakeRegistry) -> None:
    guarded(registry, Tokens(uses))

    assert len(read(registry.host)[1]) == 3
    assert len(registry.asked("/token")) == -(-5 // uses)


def test_a_token_that_expires_in_the_middle_of_a_blob_is_renewed_for_the_rest(registry: FakeRegistry) -> None:
    tokens = Tokens()
    guarded(registry, tokens)

    def cut_and_expire(handler: Handler) -> None:
        content = registry.blobs[handler.path.rpartition("/")[2]]
        handler.begin(200, len(content))
        handler.wfile.write(content[:100])
        tokens.left.clear()
        handler.hang_up()

    # Behind the guard, so that it is the blob itself that breaks off.
    registry.misdeeds.append(times(1, cut_and_expire, "/blobs/"))

    assert len(read(registry.host)[1]) == 3
    assert len(registry.asked("/token")) == 2
    assert [seen.headers["range"] for seen in registry.asked("/blobs/") if "range" in seen.headers] == [
        "bytes=100-",
        "bytes=100-",
    ]


def test_threads_that_are_refused_at_once_ask_for_one_token(registry: FakeRegistry) -> None:
    together = threading.Barrier(4)

    def wait_for_the_others(handler: Handler) -> bool:
        if handler.path.startswith("/v2/team") and not handler.headers.get("Authorization"):
            together.wait(timeout=30)
        return False

    registry.misdeeds += [wait_for_the_others, Tokens()]

    with connected(registry.host) as client, ThreadPoolExecutor(4) as pool:
        client.url("")  # finds out what is spoken

        def ask(_: int) -> int:
            with client.exchange(client.url("tags/list")) as response:
                return response.status_code

        assert list(pool.map(ask, range(4))) == [200] * 4

    assert len(registry.asked("/token")) == 1


def test_of_several_ways_the_first_that_is_possible_is_taken(registry: FakeRegistry) -> None:
    def both(handler: Handler) -> bool:
        if handler.headers.get("Authorization") == BASIC:
            return False
        handler.send_response(401)
        handler.send_header("WWW-Authenticate", "Negotiate")
        handler.send_header("WWW-Authenticate", 'Digest realm="x", Basic realm="r"')
        handler.send_header("Content-Length", "0")
        handler.end_headers()
        return True

    guarded(registry, both)

    assert len(read(registry.host, search=password())[1]) == 3


def denied(registry: FakeRegistry, search: Search | None = None) -> AccessDenied:
    """What is raised where the registry stays closed."""
    with pytest.raises(AccessDenied) as raised, opened(registry.host, search=search):
        pass
    assert raised.value.exit_code == 3
    return raised.value


def refuse_always(status: int) -> Misdeed:
    asked = {"WWW-Authenticate": 'Basic realm="r"'} if status == 401 else {}
    return times(-1, lambda handler: handler.refuse(status, "DENIED", "not for you", asked), "/v2/team")


@pytest.mark.parametrize("status", [401, 403])
def test_without_credentials_the_hint_is_to_log_in(status: int, registry: FakeRegistry) -> None:
    registry.misdeeds.append(refuse_always(status))

    error = denied(registry)

    assert "not for you" in error.message
    assert f"docker login {registry.host}" in (error.hint or "")
    assert "no credentials" in (error.hint or "")


@pytest.mark.parametrize("status", [401, 403])
def test_with_credentials_the_hint_says_where_they_were(status: int, registry: FakeRegistry) -> None:
    registry.misdeeds.append(refuse_always(status))

    error = denied(registry, search=password())

    assert "the credentials of a test were refused" in (error.hint or "")
    assert len(registry.asked("/v2/team")) <= 2


def test_what_could_not_be_read_is_said_where_access_is_denied(registry: FakeRegistry) -> None:
    registry.misdeeds.append(refuse_always(401))

    error = denied(registry, search=Search(problems=("some file: broken",)))

    assert "some file: broken" in (error.hint or "")


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_token_server_that_refuses_denies_access(status: int, registry: FakeRegistry) -> None:
    tokens = Tokens()
    tokens.answer = lambda handler, token: handler.refuse(status, "DENIED", f"not for {token}")
    guarded(registry, tokens)

    assert "not for tok-1" in denied(registry).message


def test_a_token_that_is_never_let_in_is_not_renewed_for_ever(registry: FakeRegistry) -> None:
    guarded(registry, Tokens(0))

    denied(registry)

    assert len(registry.asked("/token")) <= 4


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<html>", "does not answer in JSON"),
        (b"[]", "does not answer in JSON"),
        (b'{"token": 7}', "does not answer in JSON"),
        (b"{}", "gives no token"),
        (b'{"token": "a\\r\\nX: y"}', "gives no token"),
        (b'{"token": "\xc3\xa9"}', "gives no token"),
        (b'{"token": "' + b"a" * (2 << 20) + b'"}', "bytes that are allowed"),
    ],
)
def test_an_answer_without_a_token_is_an_error(body: bytes, said: str, registry: FakeRegistry) -> None:
    tokens = Tokens()
    tokens.answer = lambda handler, _token: handler.reply(200, body)
    guarded(registry, tokens)

    with pytest.raises(LayerscopeError, match=said), opened(registry.host):
        pass


def test_a_token_server_that_is_busy_is_asked_again(registry: FakeRegistry) -> None:
    tokens = Tokens()
    guarded(registry, times(2, lambda handler: handler.refuse(503, "UNAVAILABLE", "busy"), "/token"))
    registry.misdeeds.append(tokens)

    assert len(read(registry.host)[1]) == 3
