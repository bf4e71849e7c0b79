"""Proxies that the environment names."""

from __future__ import annotations

import pytest

from layerscope.errors import SourceError
from layerscope.extensions import Access
from tests.distribution.reading import connected, quick
from tests.distribution.server import FakeRegistry

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY")


def ask(host: str, *, insecure: bool = False) -> int:
    """The status of one request."""
    patience = quick(connect_timeout_s=5, connect_tries=1)
    with (
        connected(host, access=Access(insecure=insecure), patience=patience) as client,
        client.exchange(client.url("tags/list")) as response,
    ):
        return response.status_code


@pytest.fixture
def proxy(registry: FakeRegistry, monkeypatch: pytest.MonkeyPatch) -> FakeRegistry:
    """A server that the environment says is a proxy."""
    for name in PROXIES:
        monkeypatch.setenv(name, f"http://somebody:s3cret@{registry.host}")
    return registry


def test_a_registry_elsewhere_is_asked_through_the_proxy(proxy: FakeRegistry) -> None:
    """It cannot tunnel, so that what comes through it is plain."""
    assert ask("registry.example", insecure=True) == 404

    assert [seen.path for seen in proxy.seen][-1] == "http://registry.example/v2/team/app/tags/list"
    assert {seen.headers.get("proxy-authorization") is not None for seen in proxy.seen} == {True}


def test_one_on_this_machine_never_is(registry: FakeRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXIES:
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    assert ask(registry.host) == 200


def test_no_proxy_is_heeded(proxy: FakeRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "other.example,registry.invalid")

    with pytest.raises(SourceError):
        ask("registry.invalid", insecure=True)

    assert proxy.seen == []


@pytest.mark.usefixtures("proxy")
def test_a_proxy_that_gives_no_way_is_named_without_its_password() -> None:
    with pytest.raises(SourceError, match="proxy") as raised:
        ask("registry.example")

    assert raised.value.exit_code == 3
    assert "HTTPS_PROXY" in (raised.value.hint or "")
    assert "s3cret" not in f"{raised.value.message} {raised.value.hint}"


@pytest.mark.parametrize("value", ["gopher://127.0.0.1:1", "socks9://127.0.0.1:1"])
def test_a_proxy_that_is_none_is_an_error(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", value)

    with pytest.raises(SourceError, match="proxy"):
        ask("registry.example")
