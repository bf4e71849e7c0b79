"""References without a scheme: the engines in their order, the registry where there is none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from layerscope import finding
from layerscope.errors import AccessDenied, EngineUnreachable, ImageNotFound, SourceError, UsageError
from layerscope.extensions import Access, PullPolicy, Source
from layerscope.finding import find_source
from layerscope.loading import load
from layerscope.model.local_image import LocalImage
from layerscope.model.platform import Platform, parse_platform

AMD, ARM = parse_platform("linux/amd64"), parse_platform("linux/arm64")
DOWN = EngineUnreachable("nobody there")
DENIED = AccessDenied("the socket: permission denied", hint="join the group")
Say = Callable[..., tuple[str, list[str]]]


def opened(*_: Any) -> Any:
    """Nothing is opened here."""
    raise AssertionError


def engine(
    name: str, rank: int, *held: str, platform: Platform = AMD, wrong: SourceError | None = None
) -> Source:
    """An engine that holds these names for one platform, or cannot be reached."""

    def has(wanted: str, access: Access) -> bool:
        if wrong is not None:
            raise wrong
        return wanted in held and access.platform in (None, platform)

    def images() -> list[LocalImage]:
        if wrong is not None:
            raise wrong
        return [LocalImage(reference=f"{name}:{one}", names=(one,), image_id=one) for one in held]

    return Source(id=name, help="", open=opened, rank=rank, has=has, images=images)


REGISTRY = Source(id="registry", help="", open=opened)
FILES = Source(id="files", help="", open=opened, claims=lambda name: name == "there.tar")


@pytest.fixture
def find(monkeypatch: pytest.MonkeyPatch) -> Say:
    """A function that looks for a reference among these sources and gives the source and what is said."""

    def say(reference: str, sources: Sequence[Source], **access: Any) -> tuple[str, list[str]]:
        monkeypatch.setattr(finding, "load", lambda kind: {source.id: source for source in sources})  # noqa: ARG005
        lines: list[str] = []
        source, name = find_source(reference, Access(notice=lines.append, **access))
        return f"{source.id}:{name}", lines

    return say


HOLDS, LACKS, OFF = engine("b", 20, "app:1"), engine("a", 10, "other:1"), engine("c", 5, wrong=DOWN)
SHUT = engine("d", 1, "app:1", wrong=DENIED)
ALSO = engine("e", 30, "app:1")


@pytest.mark.parametrize(
    ("sources", "pull", "expected", "why"),
    [
        ([ALSO, HOLDS, LACKS], "missing", "b:app:1", "the engine has it"),
        ([ALSO, HOLDS, LACKS], "never", "b:app:1", "the engine has it"),
        ([ALSO, HOLDS, LACKS], "always", "b:app:1", "the engine pulls it"),
        ([OFF, SHUT, HOLDS], "missing", "b:app:1", "the engine has it"),
        ([OFF, LACKS, REGISTRY], "missing", "a:app:1", "the engine pulls it"),
        ([OFF, LACKS, REGISTRY], "always", "a:app:1", "the engine pulls it"),
        ([OFF, SHUT, REGISTRY], "missing", "registry:app:1", "no engine can be reached"),
        ([OFF, REGISTRY], "always", "registry:app:1", "no engine can be reached"),
        ([REGISTRY], "missing", "registry:app:1", "no engine can be reached"),
    ],
)
def test_engines_are_asked_in_their_order_and_what_was_chosen_is_said(
    sources: list[Source], pull: PullPolicy, expected: str, why: str, find: Say
) -> None:
    found, lines = find("app:1", sources, pull=pull)

    assert found == expected
    assert lines == [f"{expected}: {why}"]


def test_an_engine_that_has_it_for_the_platform_comes_before_one_that_has_not(find: Say) -> None:
    arm = engine("later", 40, "app:1", platform=ARM)

    assert find("app:1", [HOLDS, arm], platform=ARM)[0] == "later:app:1"
    assert find("app:1", [HOLDS, arm], platform=AMD)[0] == "b:app:1"


def test_without_pulling_the_engine_that_has_another_platform_tells_which(find: Say) -> None:
    found, lines = find("app:1", [LACKS, HOLDS], platform=ARM, pull="never")

    assert found == "b:app:1"
    assert lines == ["b:app:1: the engine has it for another platform"]


@pytest.mark.parametrize(
    ("sources", "hint"),
    [
        ([LACKS, engine("f", 50, "apq:1")], "did you mean apq:1?"),
        ([LACKS, OFF], "asked: a"),
        ([OFF, SHUT], "the socket: permission denied; join the group"),
        ([OFF], "no engine can be reached; layerscope doctor says why"),
        ([REGISTRY], "no engine can be reached; layerscope doctor says why"),
    ],
)
def test_an_image_that_nobody_has_and_nobody_may_fetch_is_not_found(
    sources: list[Source], hint: str, find: Say
) -> None:
    with pytest.raises(ImageNotFound, match="app:1: no such image") as raised:
        find("app:1", sources, pull="never")

    assert raised.value.hint == hint


def test_without_a_registry_there_is_nobody_to_fetch_it(find: Say) -> None:
    with pytest.raises(ImageNotFound):
        find("app:1", [OFF])


@pytest.mark.parametrize("name", ["sha256:abcd", "sha256:" + "0" * 64, "0" * 64])
@pytest.mark.parametrize("pull", ["missing", "always"])
def test_an_id_is_never_fetched(name: str, pull: PullPolicy, find: Say) -> None:
    holder = engine("g", 60, name)

    with pytest.raises(ImageNotFound):
        find(name, [LACKS, REGISTRY], pull=pull)
    assert find(name, [LACKS, holder, REGISTRY], pull=pull) == (
        f"g:{name}",
        [f"g:{name}: the engine has it"],
    )


@pytest.mark.parametrize("name", ["./app", "../app.tar", "/srv/app", "~/app", "image.tar", "a.tar.zst", ""])
def test_what_looks_like_a_file_is_asked_of_no_engine(name: str, find: Say) -> None:
    with pytest.raises(ImageNotFound, match="no such file or folder"):
        find(name, [SHUT, REGISTRY])


def test_a_file_that_is_there_is_what_it_is(find: Say) -> None:
    assert find("there.tar", [SHUT, FILES, REGISTRY]) == ("files:there.tar", [])


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("b:app:1", "b:app:1"),
        ("b://app:1", "b:app:1"),
        ("files:x:1", "files:x:1"),
        ("files://x", "files://x"),
    ],
)
def test_a_scheme_is_taken_at_its_word(reference: str, expected: str, find: Say) -> None:
    assert find(reference, [HOLDS, FILES])[0] == expected


def test_an_unknown_scheme_lists_those_there_are(find: Say) -> None:
    with pytest.raises(UsageError) as raised:
        find("gopher://app", [HOLDS, FILES])

    assert raised.value.hint == "the schemes are b:, files:"


def test_docker_comes_first_then_podman_then_containerd() -> None:
    """The ranks of the real ones."""
    ranked = sorted((source.rank, name) for name, source in load("source").items() if source.has)

    assert [name for _, name in ranked] == ["docker", "podman", "containerd"]
