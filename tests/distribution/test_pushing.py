"""Blobs and manifests into a registry: sent once, whole, and in spite of what goes wrong on the way."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from layerscope.distribution.credentials import Search
from layerscope.distribution.pushing import Push
from layerscope.errors import AccessDenied, SourceError, WriteError
from layerscope.model.digest import Digest
from layerscope.oci.write.content import Member, document
from layerscope.oci.write.layout import Manifest
from tests.distribution.reading import SECRET, connected, password
from tests.distribution.server import Handler, serving, times
from tests.distribution.taking import TakingRegistry
from tests.oci.build import MANIFEST
from tests.oci.build import digest as digest_text

CONTENT = random.Random(1).randbytes(3_000_000)
RAW = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "layers": []}).encode()


def digest(content: bytes) -> Digest:
    """The digest of some bytes."""
    return Digest(digest_text(content))


@pytest.fixture
def registry() -> Iterator[TakingRegistry]:
    """A registry that holds nothing yet."""
    with serving(TakingRegistry()) as server:
        assert isinstance(server, TakingRegistry)
        yield server


def blob(content: bytes = CONTENT) -> Member:
    """A blob in pieces of a hundred kilobytes."""
    pieces = [content[start : start + 100_000] for start in range(0, len(content), 100_000)]
    return Member(name="blob", size_bytes=len(content), digest=digest(content), blocks=lambda: pieces)


def push(
    registry: TakingRegistry, member: Member | None = None, mount_from: str | None = None, **more: Any
) -> Push:
    """Send one blob."""
    with connected(registry.host, **more) as client:
        pushing = Push(client, mount_from=mount_from, progress=None)
        pushing.blob(member or blob())
        return pushing


def put(registry: TakingRegistry, reference: str = "1") -> None:
    """Put a manifest there."""
    with connected(registry.host) as client:
        manifest = Manifest(raw=RAW, digest=digest(RAW), media_type=MANIFEST)
        Push(client, mount_from=None, progress=None).manifest(manifest, reference)


def held(registry: TakingRegistry) -> dict[str, bytes]:
    """What the repository has got."""
    return registry.held.get("team/app", {})


def test_a_blob_arrives_in_one_request(registry: TakingRegistry) -> None:
    pushing = push(registry)

    assert held(registry) == {digest(CONTENT): CONTENT}
    assert registry.taken == [CONTENT]
    assert (pushing.tally.sent, pushing.tally.sent_bytes) == (1, len(CONTENT))
    assert registry.uploads == {}


def test_a_blob_that_is_there_is_not_sent_again(registry: TakingRegistry) -> None:
    push(registry)

    pushing = push(registry)

    assert (pushing.tally.there, pushing.tally.sent) == (1, 0)
    assert registry.count("POST", "uploads") == len(registry.taken) == 1


def test_a_blob_of_another_repository_is_mounted(registry: TakingRegistry) -> None:
    registry.held["team/other"] = {digest(CONTENT): CONTENT}

    pushing = push(registry, mount_from="team/other")

    assert (pushing.tally.mounted, pushing.tally.sent) == (1, 0)
    assert registry.taken == []
    assert held(registry) == {digest(CONTENT): CONTENT}


def test_a_registry_that_mounts_nothing_is_sent_the_blob(registry: TakingRegistry) -> None:
    registry.held["team/other"] = {digest(CONTENT): CONTENT}
    registry.mounts = False

    pushing = push(registry, mount_from="team/other")

    assert (pushing.tally.mounted, pushing.tally.sent) == (0, 1)
    assert held(registry) == {digest(CONTENT): CONTENT}


def test_an_upload_that_breaks_off_goes_on_from_there(registry: TakingRegistry) -> None:
    registry.cuts = [1_000_000]

    push(registry)

    assert held(registry) == {digest(CONTENT): CONTENT}
    assert registry.taken == [CONTENT[1_000_000:]]


def test_an_upload_that_the_registry_forgot_begins_anew(registry: TakingRegistry) -> None:
    registry.cuts = [1_000_000]
    registry.resumes = False

    push(registry)

    assert held(registry) == {digest(CONTENT): CONTENT}
    assert registry.taken == [CONTENT]


def test_an_upload_that_always_breaks_off_is_given_up(registry: TakingRegistry) -> None:
    registry.cuts = [10_000] * 10

    with pytest.raises(WriteError, match="could not be sent") as caught:
        push(registry)

    assert caught.value.exit_code == 5
    assert len(registry.cuts) == 6  # four tries
    assert held(registry) == {}


@pytest.mark.parametrize("path", ["uploads/$", r"uploads/[0-9a-f]+\?state=x$", "digest="])
@pytest.mark.parametrize("status", [429, 503])
def test_a_registry_in_trouble_is_waited_for(path: str, status: int, registry: TakingRegistry) -> None:
    def trouble(handler: Handler) -> None:
        handler.refuse(status, "TOOMANYREQUESTS", "slowly", {"Retry-After": "0"})

    registry.misdeeds = [times(2, trouble, path)]

    push(registry)

    assert held(registry) == {digest(CONTENT): CONTENT}


def test_nobody_waits_for_an_hour(registry: TakingRegistry) -> None:
    def trouble(handler: Handler) -> None:
        handler.refuse(429, "TOOMANYREQUESTS", "slowly", {"Retry-After": "3600"})

    registry.misdeeds = [times(-1, trouble, "uploads/$")]

    with pytest.raises(WriteError, match="slowly"):
        push(registry)

    assert registry.count("POST", "uploads") == 1


def test_an_answer_that_is_lost_is_not_a_blob_that_is_lost(registry: TakingRegistry) -> None:
    """The blob was committed, and the connection broke before anybody heard of it."""

    def committed(handler: Handler) -> None:
        session = handler.path.partition("?")[0].rpartition("/")[2]
        registry.held.setdefault("team/app", {})[digest(CONTENT)] = registry.uploads.pop(session)
        handler.hang_up(reset=True)

    registry.misdeeds = [times(1, committed, "digest=")]

    push(registry)

    assert held(registry) == {digest(CONTENT): CONTENT}
    assert len(registry.taken) == 1


def test_a_token_that_expires_between_two_requests_is_renewed(registry: TakingRegistry) -> None:
    tokens: list[str] = []
    ask = {"WWW-Authenticate": f'Bearer realm="http://{registry.host}/token",service="s"'}

    def guard(handler: Handler) -> bool:
        if handler.path.startswith("/token"):
            tokens.append(f"token-{len(tokens)}")
            handler.reply(200, json.dumps({"token": tokens[-1]}).encode())
            return True
        if tokens and handler.headers.get("Authorization") == f"Bearer {tokens[-1]}":
            if handler.command == "PATCH" and len(tokens) == 1:
                tokens.append("expired")
            else:
                return False
        handler.refuse(401, "UNAUTHORIZED", "who are you?", ask)
        return True

    registry.misdeeds = [guard]

    push(registry, search=password())

    assert held(registry) == {digest(CONTENT): CONTENT}
    assert len(tokens) == 3


def test_a_token_is_asked_for_what_is_done_with_it(registry: TakingRegistry) -> None:
    """To push here and to pull there, whatever the registry's challenge for the first request names."""
    ask = f'Bearer realm="http://{registry.host}/token",service="s",scope="repository:team/app:pull"'

    def guard(handler: Handler) -> bool:
        if handler.path.startswith("/token"):
            handler.reply(200, b'{"token": "t"}')
        elif handler.headers.get("Authorization") != "Bearer t":
            handler.refuse(401, "UNAUTHORIZED", "who?", {"WWW-Authenticate": ask})
        else:
            return False
        return True

    registry.misdeeds = [guard]
    scopes = ["repository:team/app:pull,push", "repository:team/base:pull"]

    push(registry, scopes=scopes)

    [asked] = registry.asked("^/token")
    assert "scope=repository%3Ateam%2Fapp%3Apull%2Cpush&scope=repository%3Ateam%2Fbase%3Apull" in asked.path


def test_who_may_only_read_is_told_so_before_anything_is_sent(registry: TakingRegistry) -> None:
    ask = {"WWW-Authenticate": 'Basic realm="r"'}

    def guard(handler: Handler) -> bool:
        if handler.command == "POST":
            handler.refuse(401, "DENIED", "you may only read", ask)
            return True
        return False

    registry.misdeeds = [guard]

    with connected(registry.host, search=password()) as client, pytest.raises(AccessDenied) as caught:
        Push(client, mount_from=None, progress=None).check_allowed()

    assert SECRET not in str(caught.value)
    assert caught.value.exit_code == 3


def test_a_check_leaves_no_upload_behind(registry: TakingRegistry) -> None:
    with connected(registry.host) as client:
        Push(client, mount_from=None, progress=None).check_allowed()

    assert registry.count("POST", "uploads") == 1
    assert registry.uploads == {}


LIES = {
    "of a blob": ("PUT", "digest="),
    "of a mount": ("POST", "mount="),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_about_what_arrived_is_noticed(lie: str, registry: TakingRegistry) -> None:
    method, path = LIES[lie]
    other = digest(b"other")

    def lying(handler: Handler) -> bool:
        if handler.command != method or path not in handler.path:
            return False
        handler.reply(201, headers={"Docker-Content-Digest": other, "Location": "/somewhere"})
        return True

    registry.misdeeds = [lying]

    with pytest.raises(WriteError, match="says that it has got"):
        push(registry, mount_from="team/other")


def test_a_manifest_is_there_as_it_was_sent(registry: TakingRegistry) -> None:
    put(registry)

    assert registry.manifests["team/app/1"] == (MANIFEST, RAW)


def test_a_manifest_that_comes_back_as_another_is_noticed(registry: TakingRegistry) -> None:
    def forging(handler: Handler) -> bool:
        if handler.command == "GET" and "manifests/1" in handler.path:
            handler.reply(200, RAW + b" ", {"Content-Type": MANIFEST})
            return True
        return False

    registry.misdeeds = [forging]

    with pytest.raises(WriteError, match="another manifest"):
        put(registry)


@pytest.mark.parametrize(
    ("status", "path"), [(413, r"state=x$"), (400, "digest="), (405, "uploads/$"), (507, r"state=x$")]
)
def test_what_is_not_taken_is_an_error_with_the_registrys_words(
    status: int, path: str, registry: TakingRegistry
) -> None:
    def refusing(handler: Handler) -> bool:
        if handler.command == "GET" or path.strip("$\\") not in handler.path:
            return False
        handler.refuse(status, "UNSUPPORTED", "not here")
        return True

    registry.misdeeds = [refusing]

    with pytest.raises(WriteError, match="not here") as caught:
        push(registry)

    assert caught.value.exit_code == 5
    assert held(registry) == {}


def test_an_upload_leads_to_another_host_and_no_secret_goes_there(registry: TakingRegistry) -> None:
    with serving(TakingRegistry()) as store:
        assert isinstance(store, TakingRegistry)
        store.uploads["elsewhere"] = b""
        place = f"http://{store.host}/v2/team/app/blobs/uploads/elsewhere?state=x"

        def away(handler: Handler) -> bool:
            if "Authorization" not in handler.headers:
                handler.refuse(401, "UNAUTHORIZED", "who?", {"WWW-Authenticate": 'Basic realm="r"'})
            elif handler.command == "POST":
                handler.reply(202, headers={"Location": place})
            else:
                return False
            return True

        registry.misdeeds = [away]

        push(registry, search=password())

        assert held(store) == {digest(CONTENT): CONTENT}
        assert [seen.authorization for seen in store.seen] == [None] * len(store.seen)


def test_what_stops_one_thread_stops_the_upload_of_another(registry: TakingRegistry) -> None:
    with connected(registry.host, search=Search()) as client:
        pushing = Push(client, mount_from=None, progress=None)

        def blocks() -> Iterator[bytes]:
            yield CONTENT[:100_000]
            client.stop()
            yield CONTENT[100_000:]

        member = Member(name="b", size_bytes=len(CONTENT), digest=digest(CONTENT), blocks=blocks)

        with pytest.raises(SourceError, match="stopped"):
            pushing.blob(member)

    assert held(registry) == {}


def test_a_document_is_a_blob_like_any_other(registry: TakingRegistry) -> None:
    push(registry, document("config", b"{}"))

    assert held(registry) == {digest(b"{}"): b"{}"}
