"""Answers in place of a manifest that are none, or that are not there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from layerscope.errors import (
    BlobMismatch,
    ImageError,
    ImageNotFound,
    LayerscopeError,
    LimitExceeded,
    SourceError,
)
from layerscope.oci.blobs import MAX_DOCUMENT_BYTES
from tests.distribution.reading import opened, quick, read
from tests.distribution.server import FakeRegistry, Handler, times
from tests.oci.build import (
    INDEX,
    MANIFEST,
    built,
    descriptor,
    digest,
    encoded,
    image_blobs,
)


def fetched_manifests(registry: FakeRegistry) -> list[str]:
    """What was asked for below ``manifests``."""
    return [seen.path.rpartition("/")[2] for seen in registry.asked("/manifests/")]


def lying_about_the_digest(handler: Handler) -> None:
    _, raw = handler.server.manifests["team/app/1"]
    extra = {"Content-Type": MANIFEST, "Docker-Content-Digest": digest(b"something else")}
    handler.reply(200, raw, extra)


def as_type(content_type: str, body: bytes) -> Callable[[Handler], None]:
    return lambda handler: handler.reply(200, body, {"Content-Type": content_type})


SIGNED_SCHEMA_1 = "application/vnd.docker.distribution.manifest.v1+prettyjws"
SCHEMA_1 = encoded({"schemaVersion": 1, "name": "team/app", "fsLayers": [], "history": []})
WRONG: dict[str, tuple[Callable[[Handler], None], type[LayerscopeError], str]] = {
    "digest": (lying_about_the_digest, BlobMismatch, "has digest"),
    "no JSON": (as_type(MANIFEST, b"{"), ImageError, "not valid JSON"),
    "empty": (as_type(MANIFEST, b""), ImageError, "not valid JSON"),
    "a list": (as_type(MANIFEST, b"[]"), ImageError, "expected an object"),
    "deep": (as_type(MANIFEST, b"[" * 100_000), ImageError, "not valid JSON"),
    "no manifest": (as_type(MANIFEST, b"{}"), ImageError, "config: expected an object"),
    "wrong types": (as_type(INDEX, b'{"manifests": 7}'), ImageError, "manifests: expected an array"),
    "schema 1": (as_type(SIGNED_SCHEMA_1, b"{}"), ImageError, "schema 1"),
    "schema 1 as JSON": (as_type("application/json", SCHEMA_1), ImageError, "schema 1"),
    "a web page": (as_type("text/html; charset=utf-8", b"<html>"), SourceError, "a web page"),
    "500": (lambda handler: handler.refuse(500, "UNKNOWN", "oh no"), SourceError, "500.*oh no"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_is_no_manifest_is_refused(what: str, registry: FakeRegistry) -> None:
    answer, kind, said = WRONG[what]
    registry.hold_image("team/app:1", built())
    registry.misdeeds.append(times(-1, answer, "/manifests/"))

    with pytest.raises(kind, match=said) as raised, opened(registry.host):
        pass

    assert raised.value.message.startswith(registry.host)


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", MANIFEST + "; charset=utf-8"])
def test_the_type_is_told_by_the_document_where_the_header_is_no_help(
    content_type: str, registry: FakeRegistry
) -> None:
    registry.hold("team/app:1", image_blobs(built()), content_type)

    assert len(read(registry.host)[1]) == len(built().layers)


@pytest.mark.parametrize("promised", [True, False])
def test_a_huge_manifest_is_not_read_to_its_end(promised: bool, registry: FakeRegistry) -> None:  # noqa: FBT001
    sent: list[int] = []

    def flood(handler: Handler) -> None:
        handler.send_response(200)
        if promised:
            handler.send_header("Content-Length", str(1 << 40))
        handler.end_headers()
        handler.close_connection = True
        try:
            for number in range(100):
                handler.wfile.write(bytes(1 << 20))
                sent.append(number)
        except OSError:
            pass

    registry.misdeeds.append(times(-1, flood, "/manifests/"))

    with pytest.raises(LimitExceeded, match=str(MAX_DOCUMENT_BYTES)), opened(registry.host):
        pass

    assert len(sent) < 60


@pytest.mark.parametrize("promised", [10, 1 << 40])
def test_a_huge_config_is_not_read(promised: int, registry: FakeRegistry) -> None:
    image = built()
    config = descriptor(image.config, "application/vnd.oci.image.config.v1+json") | {"size": promised}
    manifest = encoded({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": []})
    registry.manifests["team/app/1"] = MANIFEST, manifest
    registry.blobs[digest(image.config)] = image.config

    with pytest.raises(ImageError, match=r"are allowed|the manifest says 10"), opened(registry.host):
        pass


@pytest.mark.parametrize(
    ("tags", "asked", "hint"),
    [
        (["1.2.3", "1.2.4", "latest"], "1.2.5", "did you mean 1.2."),
        (["a", "b"], "zzzzzz", "its tags are a, b"),
        (["a", "b", "c", "d", "e"], "zzzzzz", "its tags are a, b, c, … 2 more"),
    ],
)
def test_an_unknown_tag_is_told_with_near_ones(
    tags: list[str], asked: str, hint: str, registry: FakeRegistry
) -> None:
    for tag in tags:
        registry.hold_image(f"team/app:{tag}", built())

    with (
        pytest.raises(ImageNotFound, match=f"team/app:{asked}") as raised,
        opened(registry.host, f"team/app:{asked}"),
    ):
        pass

    assert raised.value.hint is not None
    assert raised.value.hint.startswith(hint)


def refusing(status: int, code: str) -> Callable[[Handler], None]:
    return lambda handler: handler.refuse(status, code, "no")


@pytest.mark.parametrize(
    "answer", [refusing(404, "NAME_UNKNOWN"), lambda handler: handler.reply(404, b"<html>")]
)
def test_an_unknown_repository_is_not_asked_for_its_tags(
    answer: Callable[[Handler], None], registry: FakeRegistry
) -> None:
    registry.misdeeds.append(times(-1, answer, "/manifests/"))

    with pytest.raises(ImageNotFound), opened(registry.host):
        pass

    assert registry.asked("/tags/") == []


@pytest.mark.parametrize(
    "answer", [refusing(401, "DENIED"), refusing(500, "UNKNOWN"), as_type("text/plain", b"[")]
)
def test_tags_that_cannot_be_listed_do_not_hide_what_is_wrong(
    answer: Callable[[Handler], None], registry: FakeRegistry
) -> None:
    registry.misdeeds.append(times(-1, answer, "/tags/"))

    with pytest.raises(ImageNotFound, match="no such image"), opened(registry.host):
        pass


def test_a_manifest_that_breaks_off_is_asked_for_again(registry: FakeRegistry) -> None:
    registry.hold_image("team/app:1", built())

    def cut(handler: Handler) -> None:
        handler.begin(200, 1000, {"Content-Type": MANIFEST})
        handler.wfile.write(b'{"schemaVersion"')
        handler.hang_up()

    registry.misdeeds.append(times(2, cut, "/manifests/"))

    assert len(read(registry.host)[1]) == 3
    assert len(fetched_manifests(registry)) == 3


def test_a_manifest_that_always_breaks_off_is_given_up(registry: FakeRegistry) -> None:
    def trickle(handler: Handler) -> None:
        handler.begin(200, 1000, {"Content-Type": MANIFEST})
        for _ in range(100):
            handler.wfile.write(b" ")
            if handler.server.over.wait(0.02):
                return

    registry.misdeeds.append(times(-1, trickle, "/manifests/"))

    with (
        pytest.raises(SourceError, match=r"only .* bytes came"),
        opened(registry.host, patience=quick(slow_after_s=0.1, tries=2)),
    ):
        pass
    assert len(fetched_manifests(registry)) == 2
