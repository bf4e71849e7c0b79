"""Who is told who we are, and what is never shown."""

from __future__ import annotations

import base64

import pytest

from layerscope.distribution.credentials import Credentials, Search
from layerscope.errors import SourceError
from layerscope.extensions import Access
from tests.distribution.reading import SECRET, connected, opened, password, read
from tests.distribution.server import FakeRegistry, Handler, serving, times
from tests.distribution.test_authorization import BASIC, IDENTITY, Tokens, basic, denied, guarded


@pytest.mark.parametrize(
    "realm", ["http://auth.example/token", "ftp://auth.example/token", "http://[", "token", ""]
)
def test_a_password_goes_to_no_token_server_without_encryption(realm: str, registry: FakeRegistry) -> None:
    """`http:` is for this machine, or for those who allow it."""
    guarded(registry, Tokens(realm=realm or " "))

    with pytest.raises(SourceError), opened(registry.host, search=password()):
        pass


def test_the_password_goes_to_the_token_server_that_the_registry_names(registry: FakeRegistry) -> None:
    """It is another host for many registries, Docker Hub among them; redirects from there carry nothing."""
    with serving() as server, serving() as third:
        tokens = Tokens(realm=f"http://{server.host}/token")
        server.misdeeds.append(
            times(
                1,
                lambda handler: handler.reply(302, b"", {"Location": f"http://{third.host}{handler.path}"}),
                "/token",
            )
        )
        third.misdeeds.append(tokens)
        guarded(registry, tokens)

        read(registry.host, search=password())

        assert [seen.authorization for seen in server.seen] == [BASIC]
        assert [seen.authorization for seen in third.seen] == [None]


def test_a_token_that_no_header_can_hold_is_an_error(registry: FakeRegistry) -> None:
    guarded(registry, Tokens())
    search = Search(credentials=Credentials(found_in="a test", registry_token="s3crét"))

    with pytest.raises(SourceError, match="not ASCII") as raised, opened(registry.host, search=search):
        pass

    assert "s3cr" not in raised.value.message


def echo(handler: Handler) -> bool:
    """Repeat whatever came, as a debugging proxy does."""
    given = handler.headers.get("Authorization")
    if given is None:
        return basic(handler)
    plain = base64.b64decode(given.split()[1]).decode()
    handler.refuse(403, "DENIED", f"{'.' * 150} {given} is {plain}")
    return True


def test_a_secret_that_the_registry_repeats_is_not_shown(registry: FakeRegistry) -> None:
    registry.misdeeds.append(echo)

    error = denied(registry, search=password())

    shown = f"{error.message} {error.hint} {error!r}"
    assert "DENIED" in shown
    assert SECRET not in shown
    assert BASIC.split()[1][:8] not in shown  # not cut off in the middle, either


def test_a_place_elsewhere_that_the_registry_gave_is_not_told_who_we_are(registry: FakeRegistry) -> None:
    registry.misdeeds.append(basic)

    with serving() as other, connected(registry.host, search=password()) as client:
        with client.exchange(client.url("tags/list")):
            pass
        upload, length = f"http://{other.host}/v2/team/app/blobs/uploads/1", {"Content-Length": "1"}
        with client.exchange(upload, method="POST", headers=length, body=lambda: [b"x"]):
            pass
        other.misdeeds.append(basic)
        with (
            pytest.raises(SourceError, match="where the registry leads"),
            client.exchange(f"http://{other.host}/v2/"),
        ):
            pass

        assert registry.seen[-1].authorization == BASIC
        assert [(seen.authorization, seen.body) for seen in other.seen] == [(None, b"x"), (None, b"")]


def test_what_holds_a_secret_does_not_show_it(registry: FakeRegistry) -> None:
    guarded(registry, Tokens())
    search = password()

    with connected(registry.host, search=search, access=Access()) as client:
        with client.exchange(client.url("manifests/1")):
            pass
        shown = "".join(map(repr, (search, search.credentials, IDENTITY, client, vars(client))))

    assert "a test" in shown
    assert SECRET not in shown
    assert "s3cret-identity" not in shown
    assert "tok-1" not in shown
