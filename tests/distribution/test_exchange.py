"""Requests that are tried again, and redirects."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from layerscope.distribution.client import Registry
from layerscope.distribution.patience import Patience
from layerscope.errors import SourceError
from layerscope.extensions import Access
from tests.distribution.reading import QUICK, connected, password, quick, read
from tests.distribution.server import FakeRegistry, Handler, serving, times
from tests.oci.build import built

PING = "tags/list"


def ask(registry: Registry) -> int:
    """The status of one request."""
    with registry.exchange(registry.url(PING)) as response:
        return response.status_code


def busy(status: int, **headers: str) -> Callable[[Handler], None]:
    """An answer that asks to come again."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda handler: handler.refuse(status, "TOOMANYREQUESTS", "too many requests", named)


def hang_up(handler: Handler) -> None:
    handler.hang_up()


def reset(handler: Handler) -> None:
    handler.hang_up(reset=True)


def say_nothing(handler: Handler) -> None:
    handler.server.over.wait(60)
    handler.hang_up()


def nonsense(handler: Handler) -> None:
    handler.wfile.write(b"what?\r\n\r\n")
    handler.hang_up()


PASSING = {
    "429": busy(429),
    "429 with Retry-After": busy(429, Retry_After="0"),
    "502": busy(502),
    "503": busy(503),
    "504": busy(504),
    "a cut": hang_up,
    "a reset": reset,
    "no answer": say_nothing,
    "no HTTP": nonsense,
}


def patience_for(trouble: str) -> Patience:
    """Little where nothing comes, but enough for a slow machine where something does."""
    return quick(read_timeout_s=1) if trouble == "no answer" else QUICK


@pytest.mark.parametrize("trouble", PASSING)
def test_what_passes_is_waited_for(trouble: str, registry: FakeRegistry) -> None:
    registry.misdeeds.append(times(2, PASSING[trouble], PING))

    with connected(registry.host, patience=patience_for(trouble)) as client:
        assert ask(client) == 200

    assert len(registry.asked(PING)) == 3


@pytest.mark.parametrize("status", [400, 404, 405, 500, 501])
def test_other_answers_are_not_asked_for_again(status: int, registry: FakeRegistry) -> None:
    registry.misdeeds.append(times(-1, busy(status), PING))

    with connected(registry.host) as client:
        assert ask(client) == status

    assert len(registry.asked(PING)) == 1


@pytest.mark.parametrize("trouble", ["a cut", "no answer", "no HTTP"])
def test_what_does_not_pass_is_given_up(trouble: str, registry: FakeRegistry) -> None:
    registry.misdeeds.append(times(-1, PASSING[trouble], PING))

    with (
        connected(registry.host, patience=patience_for(trouble)) as client,
        pytest.raises(SourceError, match=registry.host) as raised,
    ):
        ask(client)

    assert raised.value.exit_code == 3
    assert raised.value.hint is not None
    assert len(registry.asked(PING)) == QUICK.tries


def test_a_registry_that_stays_busy_is_named_with_its_own_words(registry: FakeRegistry) -> None:
    registry.hold_image("team/app:1", built())
    registry.misdeeds.append(times(-1, busy(429), "/manifests/"))

    with pytest.raises(SourceError, match=r"429.*too many requests") as raised:
        read(registry.host)

    assert raised.value.hint is not None
    assert "log in" in raised.value.hint


def test_retry_after_is_waited_for(registry: FakeRegistry) -> None:
    registry.misdeeds.append(times(1, busy(503, Retry_After="1"), PING))
    began = time.monotonic()

    with connected(registry.host) as client:
        assert ask(client) == 200

    assert time.monotonic() - began >= 1


def test_a_retry_after_beyond_all_patience_is_not(registry: FakeRegistry) -> None:
    registry.misdeeds.append(times(-1, busy(429, Retry_After="3600"), PING))
    began = time.monotonic()

    with connected(registry.host) as client:
        assert ask(client) == 429

    assert time.monotonic() - began < 60
    assert len(registry.asked(PING)) == 1


def test_a_long_wait_is_announced_and_ends_with_a_stop(registry: FakeRegistry) -> None:
    registry.misdeeds.append(times(-1, busy(429, Retry_After="50"), PING))
    said: queue.SimpleQueue[str] = queue.SimpleQueue()

    with (
        connected(
            registry.host, access=Access(notice=said.put), patience=quick(longest_retry_after_s=60)
        ) as client,
        ThreadPoolExecutor(1) as pool,
    ):
        asked = pool.submit(ask, client)
        line = said.get(timeout=30)
        client.stop()
        outcome = asked.exception(timeout=30)

    assert "429" in line
    assert "trying again in 50 s" in line
    assert isinstance(outcome, SourceError)


def redirect(target: str, status: int = 307) -> Callable[[Handler], None]:
    """Send the client elsewhere; ``{path}`` is what it asked for."""
    return lambda handler: handler.reply(
        status, b"over there", {"Location": target.format(path=handler.path)}
    )


def basic(handler: Handler) -> bool:
    """Ask for a password where none is given."""
    if handler.headers.get("Authorization"):
        return False
    handler.refuse(401, "UNAUTHORIZED", "who?", {"WWW-Authenticate": 'Basic realm="r"'})
    return True


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_blob_may_be_elsewhere_and_no_secret_goes_there(status: int, registry: FakeRegistry) -> None:
    with serving() as storage:
        image = built()
        registry.hold_image("team/app:1", image)
        storage.blobs = dict(registry.blobs)
        elsewhere = redirect(f"http://{storage.host}{{path}}?signature=abc", status)
        registry.misdeeds += [basic, times(-1, elsewhere, "/blobs/")]

        found, layers = read(registry.host, search=password())

        assert len(layers) == len(image.layers)
        assert found.names
        assert len(storage.asked("/blobs/")) == len(image.layers) + 1
        assert [seen.headers for seen in storage.seen if seen.authorization] == []
        assert {seen.authorization is not None for seen in registry.asked("/blobs/")} == {True}


def test_back_from_another_host_no_secret_comes_along(registry: FakeRegistry) -> None:
    """Where the other host sends us to, it decides: it may be the registry, with a URL of its making."""
    with serving() as other:
        registry.misdeeds += [
            lambda handler: PING in handler.path and basic(handler),
            times(1, redirect(f"http://{other.host}/x"), PING),
        ]
        other.misdeeds.append(times(-1, redirect(f"http://{registry.host}/v2/elsewhere")))
        with connected(registry.host, search=password()) as client:
            assert ask(client) == 404

    assert registry.asked("elsewhere")[0].authorization is None


def test_on_the_same_host_the_secret_stays(registry: FakeRegistry) -> None:
    registry.misdeeds += [basic, times(1, redirect("/v2/other/tags/list"), "team/app/tags")]

    with connected(registry.host, search=password()) as client:
        assert ask(client) == 200

    assert registry.asked("/v2/other/")[0].authorization is not None


def test_what_another_host_asks_for_is_not_answered(registry: FakeRegistry) -> None:
    with serving() as other:
        other.misdeeds.append(basic)
        registry.misdeeds.append(times(-1, redirect(f"http://{other.host}/x"), PING))
        with connected(registry.host, search=password()) as client, pytest.raises(SourceError) as raised:
            ask(client)

        assert raised.value.message.startswith(f"http://{other.host}/x: where the registry leads")
        assert [seen.authorization for seen in other.seen] == [None]


def test_redirects_come_to_an_end(registry: FakeRegistry) -> None:
    registry.misdeeds.append(times(-1, redirect("/v2/team/app/tags/list"), PING))

    with connected(registry.host) as client, pytest.raises(SourceError, match="more than 10 redirects"):
        ask(client)

    assert len(registry.asked(PING)) == 11


@pytest.mark.parametrize("target", ["http://registry.example/x", "ftp://127.0.0.1/x", "file:///etc/passwd"])
def test_a_redirect_that_leaves_encryption_behind_is_refused(target: str, registry: FakeRegistry) -> None:
    registry.misdeeds.append(times(-1, redirect(f"{target}?secret=abc"), PING))

    with connected(registry.host) as client, pytest.raises(SourceError, match="without encryption") as raised:
        ask(client)

    assert "abc" not in raised.value.message


@pytest.mark.parametrize("target", ["http://[bad/x", "http://host:port/", "http://a b/", "//"])
def test_a_redirect_to_nowhere_is_an_error(target: str, registry: FakeRegistry) -> None:
    registry.misdeeds.append(times(-1, lambda handler: handler.reply(307, b"", {"Location": target}), PING))

    with connected(registry.host) as client, pytest.raises(SourceError):
        ask(client)
