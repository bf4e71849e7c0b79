"""Pulling through a Docker engine: what it is asked, what it tells, how it fails."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from layerscope.engines import api_pull
from layerscope.errors import AccessDenied, EngineUnreachable, ImageNotFound, PlatformNotFound, SourceError
from tests.engines.fake_engine import Answer, FakeEngine, as_error, as_events
from tests.sources.test_docker import ARCHIVE, DIGEST, IMAGE, SECRET, taken


class Meter:
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    def expect(self, total_bytes: int) -> None:
        """All of it."""
        self.told.append(("expect", total_bytes))

    def begin(self, part: str, total_bytes: int | None) -> None:
        """A part."""
        self.told.append(("begin", part, total_bytes))

    def advance(self, part: str, count: int) -> None:
        """More of it."""
        self.told.append(("advance", part, count))

    def end(self, part: str) -> None:
        """All of the part."""
        self.told.append(("end", part))


def arriving(engine: FakeEngine, *events: dict[str, Any]) -> Answer:
    """A pull after which the engine holds the image."""

    def answer(handler: Any) -> None:
        engine.hold("app:1", IMAGE, ARCHIVE)
        engine.hold("team/app:2", IMAGE, ARCHIVE)
        engine.hold(f"app@{DIGEST}", IMAGE, ARCHIVE)
        as_events(*events)(handler)

    return answer


def test_a_missing_image_is_pulled_and_its_progress_told(engine: FakeEngine) -> None:
    engine.answers["POST /images/create"] = arriving(
        engine,
        {"status": "Pulling from library/app", "id": "1"},
        {"status": "Downloading", "id": "abc", "progressDetail": {"current": 10, "total": 30}},
        {"status": "Downloading", "id": "abc", "progressDetail": {"current": 30, "total": 30}},
        {"status": "Extracting", "id": "abc", "progressDetail": {"current": 5, "total": 30}},
        {"status": "Pull complete", "id": "abc", "progressDetail": {}},
        {"status": "Status: Downloaded newer image for app:1"},
    )
    meter, lines = Meter(), list[str]()

    taken("app:1", progress=meter, notice=lines.append)

    assert [told for told in meter.told if told[1] == "pull abc"] == [
        ("begin", "pull abc", 30),
        ("advance", "pull abc", 10),
        ("advance", "pull abc", 20),
        ("end", "pull abc"),
    ]
    assert lines[0] == "docker:app:1: pulling"
    assert "Status: Downloaded newer image for app:1" in lines


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("app:1", {"fromImage": "app", "tag": "1"}),
        ("team/app:2", {"fromImage": "team/app", "tag": "2"}),
        (f"app@{DIGEST}", {"fromImage": "app", "tag": DIGEST}),
    ],
)
def test_the_pull_names_what_was_asked_for(name: str, expected: dict[str, str], engine: FakeEngine) -> None:
    engine.answers["POST /images/create"] = arriving(engine)

    taken(name)

    assert [query for path, query in engine.asked if path.startswith("POST")] == [expected]


def test_a_pull_has_the_credentials_of_the_docker_client(engine: FakeEngine, tmp_path: Path) -> None:
    (tmp_path / ".docker").mkdir()
    auths = {"auths": {"host:5000": {"auth": "bWU6aHVudGVyMg=="}}}
    (tmp_path / ".docker" / "config.json").write_text(json.dumps(auths))
    engine.answers["POST /images/create"] = as_error(500, f"get https://me:{SECRET}@host:5000/v2/: EOF")

    with pytest.raises(SourceError) as raised:
        taken("host:5000/app:1")

    assert "X-Registry-Auth" in engine.headers[-1]
    assert SECRET not in f"{raised.value.message} {raised.value.hint}"
    assert "https://host:5000/v2/" in raised.value.message


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (
            "pull access denied for app, repository does not exist or may require 'docker login'",
            ImageNotFound,
        ),
        ("manifest for app:1 not found: manifest unknown", ImageNotFound),
        ("unauthorized: authentication required", AccessDenied),
        ("denied: requested access to the resource is denied", AccessDenied),
        ("no matching manifest for linux/s390x in the manifest list entries", PlatformNotFound),
        ("dial tcp: lookup registry-1.docker.io: no such host", SourceError),
    ],
)
@pytest.mark.parametrize("place", ["answer", "stream"])
def test_a_pull_that_fails_says_why(
    said: str, error: type[SourceError], place: str, engine: FakeEngine
) -> None:
    event = {"errorDetail": {"message": said}, "error": said}
    answers = {"answer": as_error(404, said), "stream": as_events({"status": "Pulling"}, event)}
    engine.answers["POST /images/create"] = answers[place]

    with pytest.raises(SourceError) as raised:
        taken("app:1")

    assert type(raised.value) is error
    assert said[:30] in raised.value.message
    assert raised.value.hint


def test_a_pull_that_hangs_is_given_up(engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_pull, "PULL_SILENCE_S", 0.3)
    engine.answers["POST /images/create"] = engine.hang

    with pytest.raises(EngineUnreachable, match="no answer in time"):
        taken("app:1")
