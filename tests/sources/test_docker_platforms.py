"""An engine's image for another platform: refused, pulled, exported alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from layerscope.errors import (
    PlatformNotFound,
)
from layerscope.extensions import Access
from layerscope.model.platform import parse_platform
from layerscope.sources.docker import SOURCE
from tests.engines.fake_engine import (
    FakeEngine,
    as_events,
    fake_engine,
)
from tests.oci.build import LAYERS, as_tar, built, docker_archive
from tests.sources.test_docker import ARCHIVE, IMAGE, taken

MINE = "linux/amd64"


def test_another_platform_is_refused_and_the_one_that_is_there_is_told(engine: FakeEngine) -> None:
    engine.hold("app:1", IMAGE, ARCHIVE)

    with pytest.raises(PlatformNotFound, match="linux/s390x") as raised:
        taken("app:1", platform=parse_platform("linux/s390x"), pull="never")

    assert raised.value.hint == "the engine holds it for linux/amd64"
    assert engine.paths("POST") == []


def test_another_platform_is_pulled(engine: FakeEngine) -> None:
    engine.hold("app:1", IMAGE, ARCHIVE)
    exotic = built(*LAYERS, names=["app:1"], cpu="s390x")

    def pulled(handler: Any) -> None:
        engine.hold("app:1", exotic, as_tar(docker_archive(exotic)))
        as_events()(handler)

    engine.answers["POST /images/create"] = pulled

    found = taken("app:1", platform=parse_platform("linux/s390x"))

    assert str(found.image.platform) == "linux/s390x"
    assert engine.asked[-2][1].get("platform") is None
    assert [query["platform"] for path, query in engine.asked if path.startswith("POST")] == ["linux/s390x"]


def test_an_engine_that_pulls_another_platform_than_asked_is_found_out(engine: FakeEngine) -> None:
    """As Docker 20.10 does where the registry has a single manifest."""
    engine.hold("app:1", IMAGE, ARCHIVE)
    engine.answers["POST /images/create"] = as_events()

    with pytest.raises(PlatformNotFound):
        taken("app:1", platform=parse_platform("linux/s390x"))


ONLY_MINE = {"os": "linux", "architecture": "amd64"}


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize(
    ("api_version", "sent"), [("1.47", []), ("1.48", [ONLY_MINE]), ("1.100", [ONLY_MINE])]
)
def test_the_platform_is_exported_alone_where_the_engine_can(
    api_version: str, sent: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    several = [
        {
            "Kind": "image",
            "Available": available,
            "Size": {"Content": 100},
            "ImageData": {"Platform": {"os": "linux", "architecture": name}},
        }
        for name, available in (("amd64", True), ("arm64", True), ("s390x", False))
    ]
    with fake_engine(api_version) as engine:
        monkeypatch.setenv("DOCKER_HOST", engine.url)
        engine.hold("app:1", IMAGE, ARCHIVE, Manifests=several)
        assert SOURCE.has is not None

        taken("app:1", platform=parse_platform(MINE))
        held = {
            name: SOURCE.has("app:1", Access(platform=parse_platform(name)))
            for name in (MINE, "linux/arm64", "linux/s390x")
        }

    queries = [query for path, query in engine.asked if path.endswith("/get")]
    assert [json.loads(query["platform"]) for query in queries if query] == sent
    assert held == {MINE: True, "linux/arm64": True, "linux/s390x": False}
