"""``docker:NAME`` against an engine that misbehaves; the real ones are in tests/engines."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from typing import Any

import pytest

from layerscope.engines import api, client
from layerscope.errors import (
    AccessDenied,
    BlobMismatch,
    EngineUnreachable,
    ImageNotFound,
    LayerscopeError,
    SourceError,
    UsageError,
)
from layerscope.extensions import Access, PullPolicy
from layerscope.inspection import Inspection, Options, inspect
from layerscope.sources.docker import SOURCE
from tests.cli.looking import Run
from tests.engines.fake_engine import (
    Answer,
    FakeEngine,
    as_bytes,
    as_chunks,
    as_error,
    as_events,
    as_json,
    as_rest,
    as_text,
    inspected,
    listed,
)
from tests.oci.build import LAYERS, as_tar, built, digest, docker_archive, hybrid

IMAGE = built(*LAYERS, names=["app:1"])
OTHER = built(*LAYERS[:1], names=["other:1"])
ARCHIVE = as_tar(docker_archive(IMAGE))
DIGEST = digest(b"of a manifest")
SECRET = "hunter2"


def taken(name: str, **options: Any) -> Inspection:
    """The image through the engine."""
    return inspect(f"docker:{name}", Options(**options))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait a moment where it would be minutes."""
    monkeypatch.setattr(client, "CALL_TIMEOUT_S", 0.3)
    monkeypatch.setattr(api, "CALL_TIMEOUT_S", 0.3)
    monkeypatch.setattr(api, "EXPORT_SILENCE_S", 0.3)


@pytest.mark.parametrize("name", ["app:1", "app", digest(IMAGE.config), digest(IMAGE.config)[7:19]])
def test_an_image_is_streamed_out_once_and_checked(name: str, engine: FakeEngine) -> None:
    engine.hold("app:1", IMAGE, ARCHIVE, RepoTags=["app:1", "app:latest"], RepoDigests=[f"app@{DIGEST}"])
    engine.answers["GET /images/app/json"] = engine.answers["GET /images/app:1/json"]

    found = taken(name)

    assert found.image.names == ("app:1", "app:latest")
    assert found.image.digest == DIGEST
    assert found.image.reference == f"docker:{name}"
    assert {verified.value for verified in found.verified} == {"diff_id"}
    assert len(engine.paths(f"GET /images/{digest(IMAGE.config)}/get")) == 1


@pytest.mark.parametrize("names", [[], ["app:1"]])
def test_the_id_chooses_whatever_the_archive_calls_its_images(names: list[str], engine: FakeEngine) -> None:
    """An image exported by ID has no name there; an engine may export more than was asked for."""
    archive = docker_archive(built(*LAYERS, names=names), OTHER)
    engine.hold("app:1", IMAGE, as_tar(archive))

    found = taken("app:1")

    assert found.image.image_id == digest(IMAGE.config)
    assert found.image.names == ("app:1",)


def test_an_archive_of_the_containerd_store_is_read_as_a_layout(engine: FakeEngine) -> None:
    engine.hold("app:1", IMAGE, as_tar(hybrid(IMAGE)))

    found = taken("app:1")

    assert found.image.digest is not None
    assert found.image.complete


def test_bytes_that_the_config_does_not_vouch_for_are_refused(engine: FakeEngine) -> None:
    files = docker_archive(IMAGE)
    layer = next(name for name, data in files.items() if data == LAYERS[0])
    files[layer] = LAYERS[1]
    engine.hold("app:1", IMAGE, as_tar(files))

    with pytest.raises(BlobMismatch, match="diff ID"):
        taken("app:1")


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (as_error(500, "out of order"), SourceError, "error 500: out of order"),
        (as_text("<html>", 502), SourceError, "error 502: <html>"),
        (as_error(403, "not for you"), AccessDenied, "not for you"),
        (as_text("no json"), SourceError, "what answers there is no engine"),
        (as_json([]), SourceError, "what answers there is no engine"),
        (as_bytes(b"220 mail.example.com ESMTP\r\n"), SourceError, "the connection broke"),
        (as_bytes(b""), SourceError, "the connection broke"),
    ],
)
@pytest.mark.parametrize("path", ["/version", "/images/app:1/json"])
def test_an_answer_that_is_none_is_an_error_of_the_source(
    path: str, answer: Answer, error: type[SourceError], words: str, engine: FakeEngine
) -> None:
    engine.hold("app:1", IMAGE, ARCHIVE)
    engine.answers[f"GET {path}"] = answer

    with pytest.raises(error, match=words):
        taken("app:1")


@pytest.mark.parametrize(
    ("path", "document"),
    [
        ("GET /version", {"ApiVersion": 1}),
        ("GET /info", []),
        ("GET /images/json", {"message": "no list"}),
        ("GET /images/json", [{"Id": None}]),
        ("GET /images/app:1/json", {"Id": 7}),
        ("GET /images/app:1/json", inspected(IMAGE, RepoTags="app")),
        ("GET /images/app:1/json", inspected(IMAGE, Manifests=[{"ImageData": []}])),
    ],
)
def test_json_of_another_shape_is_an_error_of_the_source(
    path: str, document: Any, engine: FakeEngine
) -> None:
    engine.hold("app:1", IMAGE, ARCHIVE)
    engine.answers[path] = as_json(document)
    assert SOURCE.reach is not None
    assert SOURCE.images is not None

    with pytest.raises(SourceError, match="what answers there is no engine"):
        (SOURCE.reach(), SOURCE.images(), taken("app:1"))


@pytest.mark.parametrize("size_bytes", [0, 512, 40_000 // 512 * 512, len(ARCHIVE) - 1024, len(ARCHIVE) - 1])
def test_a_stream_that_breaks_off_is_no_image(size_bytes: int, engine: FakeEngine) -> None:
    cut = min(size_bytes, len(ARCHIVE) - 1)
    image_id = engine.hold("app:1", IMAGE, ARCHIVE)
    engine.answers[f"GET /images/{image_id}/get"] = as_chunks(ARCHIVE[:cut], ends=False)

    with pytest.raises(SourceError, match="the connection broke") as raised:
        taken("app:1")

    assert raised.value.exit_code == 3


def test_an_archive_without_its_end_is_no_image_either(engine: FakeEngine) -> None:
    """Cut behind its last member, with nothing in HTTP that tells."""
    image_id = engine.hold("app:1", IMAGE, ARCHIVE)
    whole_members = ARCHIVE[: len(ARCHIVE.rstrip(b"\0")) + -len(ARCHIVE.rstrip(b"\0")) % 512]
    engine.answers[f"GET /images/{image_id}/get"] = as_rest(whole_members)

    with pytest.raises(SourceError, match="has no end"):
        taken("app:1")


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("path", ["GET /version", "GET /images/app:1/json", "GET /images/{id}/get"])
def test_an_engine_that_hangs_is_given_up(path: str, engine: FakeEngine) -> None:
    image_id = engine.hold("app:1", IMAGE, ARCHIVE)
    engine.answers[path.format(id=image_id)] = engine.hang
    started = time.monotonic()

    with pytest.raises(EngineUnreachable, match="no answer in time"):
        taken("app:1")

    assert time.monotonic() - started < 10


@pytest.mark.usefixtures("impatient")
def test_an_engine_that_falls_silent_in_the_middle_is_given_up(engine: FakeEngine) -> None:
    image_id = engine.hold("app:1", IMAGE, ARCHIVE)

    def stop_halfway(handler: Any) -> None:
        as_chunks(ARCHIVE[:2048], ends=False)(handler)
        engine.hang(handler)

    engine.answers[f"GET /images/{image_id}/get"] = stop_halfway

    with pytest.raises(EngineUnreachable, match="no answer in time"):
        taken("app:1")


def test_a_socket_that_is_not_there_says_which_and_what_to_do(
    bare: Path, look: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{bare}/none.sock")

    outcome = look("docker:app:1")

    assert outcome.code == 3
    assert f"unix://{bare}/none.sock (DOCKER_HOST): No such file" in outcome.err
    assert "hint: start Docker" in outcome.err


def test_a_socket_that_nobody_listens_on_is_unreachable(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX) as abandoned:
        abandoned.bind(f"{bare}/old.sock")
    monkeypatch.setenv("DOCKER_HOST", f"unix://{bare}/old.sock")

    with pytest.raises(EngineUnreachable, match="refused"):
        SOURCE.reach and SOURCE.reach()


def test_a_socket_that_may_not_be_opened_tells_of_the_group(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may open anything, so the refusal is made up."""

    def refuse(self: socket.socket, address: object) -> None:  # noqa: ARG001
        raise PermissionError(13, "Permission denied")

    engine.hold("app:1", IMAGE, ARCHIVE)
    monkeypatch.setattr(socket.socket, "connect", refuse)

    with pytest.raises(AccessDenied, match="permission denied") as raised:
        taken("app:1")

    assert "group docker" in str(raised.value.hint)


@pytest.mark.usefixtures("bare")
def test_no_engine_at_all_is_said_in_a_line() -> None:
    with pytest.raises(EngineUnreachable, match="none of its sockets is there"):
        taken("app:1")


@pytest.mark.parametrize("name", ["", "../containers", "App", "a b", "app:1:2", "?all=1", "app@sha256:00"])
def test_what_is_no_name_is_never_sent(name: str, engine: FakeEngine) -> None:
    with pytest.raises(UsageError):
        taken(name)

    assert engine.paths("GET /images") == []


def test_an_absent_image_is_not_found_and_near_names_are_told(engine: FakeEngine) -> None:
    engine.answers["GET /images/json"] = as_json([listed(IMAGE), listed(OTHER)])

    with pytest.raises(ImageNotFound, match="docker:apq:1: no such image") as raised:
        taken("apq:1", pull="never")

    assert raised.value.hint == "did you mean app:1?"
    assert engine.paths("POST") == []


@pytest.mark.parametrize(("pull", "times"), [("missing", 0), ("never", 0), ("always", 1)])
def test_what_is_there_is_pulled_only_if_always(pull: PullPolicy, times: int, engine: FakeEngine) -> None:
    engine.hold("app:1", IMAGE, ARCHIVE)
    engine.answers["POST /images/create"] = as_events({"status": "Status: Image is up to date"})

    taken("app:1", pull=pull)

    assert len(engine.paths("POST /images/create")) == times


def test_an_id_is_never_pulled(engine: FakeEngine) -> None:
    engine.hold("app:1", IMAGE, ARCHIVE)
    image_id = digest(IMAGE.config)

    for name in (image_id, image_id[7:19]):
        taken(name, pull="always")
    with pytest.raises(ImageNotFound):
        taken(digest(b"nobody's"))

    assert engine.paths("POST") == []


def test_an_engine_says_whether_it_has_an_image(engine: FakeEngine) -> None:
    engine.hold("app:1", IMAGE, ARCHIVE)
    assert SOURCE.has is not None

    found = [SOURCE.has(name, Access()) for name in ("app:1", "apq:1", digest(IMAGE.config))]

    assert found == [True, False, True]


def test_the_list_has_images_without_a_name_too(engine: FakeEngine) -> None:
    nameless = listed(OTHER) | {"RepoTags": ["<none>:<none>"]}
    null = listed(built(*LAYERS[1:])) | {"RepoTags": None}
    engine.answers["GET /images/json"] = as_json([listed(IMAGE), nameless, null])
    assert SOURCE.images is not None

    found = SOURCE.images()

    assert [(image.reference, image.names) for image in found] == [
        ("docker:app:1", ("app:1",)),
        (f"docker:{digest(OTHER.config)}", ()),
        (f"docker:{digest(built(*LAYERS[1:]).config)}", ()),
    ]
    assert (found[0].size_bytes, found[0].created_s) == (7, 1_600_000_000)


def test_doctor_is_told_version_endpoint_and_store(engine: FakeEngine) -> None:
    assert SOURCE.reach is not None

    said = SOURCE.reach()

    assert said == f"Docker 99.1, API 1.41, {engine.url} (DOCKER_HOST), store overlay2 (classic)"


def test_the_wait_for_the_first_byte_is_announced(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("layerscope.engines.opening._SILENCE_S", 0.05)
    image_id = engine.hold("app:1", IMAGE, ARCHIVE, Size=2_500_000_000)

    def late(handler: Any) -> None:
        time.sleep(0.3)
        as_chunks(ARCHIVE)(handler)

    engine.answers[f"GET /images/{image_id}/get"] = late
    lines: list[str] = []

    taken("app:1", notice=lines.append)

    assert lines == ["docker:app:1: waiting for the engine to export the image, about 2.5 GB"]


@pytest.mark.parametrize("what", ["slow", "refused"])
def test_nothing_is_announced_where_nothing_is_waited_for(
    what: str, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first byte has come, or none will."""
    monkeypatch.setattr("layerscope.engines.opening._SILENCE_S", 0.5)
    image_id = engine.hold("app:1", IMAGE, ARCHIVE)

    def slow(handler: Any) -> None:
        as_chunks(ARCHIVE[:1024], ends=False)(handler)
        time.sleep(0.8)
        handler.wfile.write(b"0\r\n\r\n")

    answers = {"slow": slow, "refused": as_error(500, "out of order")}
    engine.answers[f"GET /images/{image_id}/get"] = answers[what]
    lines: list[str] = []

    with pytest.raises(LayerscopeError):
        taken("app:1", notice=lines.append)
    time.sleep(0.8)

    assert lines == []
