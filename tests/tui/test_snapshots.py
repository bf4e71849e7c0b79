"""What the screens look like: each picture was looked at before it was stored.

A picture is no specification: what keys do is tested elsewhere. These notice what else has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from textual.pilot import Pilot

from layerscope.errors import EngineUnreachable, ImageNotFound
from layerscope.extensions import Progress, Source
from layerscope.inspection import Inspection, inspecting
from layerscope.model.local_image import LocalImage
from layerscope.tui.app import LayerscopeApp
from layerscope.tui.screens.error import ErrorScreen
from layerscope.tui.themes import LIGHT
from layerscope.tui.widgets.layer_detail import LayerDetail
from tests.tui.shell import SAMPLES, Story, act, text_of, until
from tests.tui.snapshots import same_picture

WIDE, MIDDLE, NARROW = (160, 45), (120, 40), (80, 24)


class Scene(NamedTuple):
    """The keys that lead to a screen, and how large it is; in a filter line each sign is a key."""

    keys: tuple[str, ...]
    size: tuple[int, int]
    theme: str | None = None


SCENES = {
    "files-160x45": Scene(("right", "j", "right"), WIDE),
    "files-light-160x45": Scene(("right", "j", "right"), WIDE, LIGHT.name),
    "files-120x40": Scene(("E",), MIDDLE),
    "files-80x24": Scene(("right", "j"), NARROW),
    "changes-80x24": Scene(("a", "E"), NARROW),
    "filter-80x24": Scene(("slash", *"kind:removed"), NARROW),
    "layers-80x24": Scene(("0", "e"), NARROW),
    "waste-160x45": Scene(("2",), WIDE),
    "waste-by-layer-80x24": Scene(("2", "b", "b", "b"), NARROW),
    "suggestions-160x45": Scene(("3",), WIDE),
    "suggestions-80x24": Scene(("3",), NARROW),
    "duplicates-80x24": Scene(("5",), NARROW),
    "image-120x40": Scene(("7",), MIDDLE),
    "preview-80x24": Scene(("2", "p"), NARROW),
    "history-120x40": Scene(("2", "w"), MIDDLE),
    "diff-120x40": Scene(("2", "w", "enter"), MIDDLE),
    "extract-80x24": Scene(("x",), NARROW),
    "help-80x24": Scene(("question_mark",), NARROW),
}


@pytest.fixture(autouse=True)
def _always_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let neither the day nor the folder that one is in be on a picture."""
    monkeypatch.setattr(LayerDetail, "_age", lambda *_: "2 years ago")
    monkeypatch.setattr("layerscope.tui.widgets.image_list.age", lambda *_: "2 years")
    monkeypatch.setattr("layerscope.tui.screens.extract.Path.cwd", lambda: Path("/home/me"))


@pytest.fixture(scope="module")
def wasteful() -> Iterator[Inspection]:
    """Give the sample that has every kind of waste, under a name that is the same everywhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(SAMPLES)
        with inspecting("wasteful.tar") as inspection:
            yield inspection


@pytest.mark.parametrize("name", SCENES)
def test_a_screen_looks_as_it_did(wasteful: Inspection, name: str) -> None:
    scene = SCENES[name]

    async def script(pilot: Pilot[int]) -> bool:
        await pilot.press(*scene.keys)
        pilot.app.clear_notifications()  # they go by themselves, sooner or later
        await pilot.pause(0.3)
        return await _looks_so(pilot, name)

    assert act(LayerscopeApp(lambda: wasteful, theme=scene.theme), script, scene.size)


def test_an_error_looks_as_it_did() -> None:
    def fail(*_: object) -> None:
        raise ImageNotFound("my-ap: no engine has such an image", hint="did you mean my-app?")

    async def script(pilot: Pilot[int]) -> bool:
        await until(pilot, lambda: isinstance(pilot.app.screen, ErrorScreen))
        return await _looks_so(pilot, "error-80x24")

    assert act(LayerscopeApp(reference="my-ap", opener=Story(fail)), script, NARROW)


def test_loading_looks_as_it_did() -> None:
    """Two layers of three, at a time at which no rate is known."""
    story = Story()

    def tell(progress: Progress, notice: Callable[[str], None]) -> None:
        notice("docker:my-app: the engine has it")
        for name, bytes_read in (("ab", 30_000_000), ("cd", 12_000_000)):
            blob = "blobs/sha256/" + name * 32
            progress.begin(blob, 30_000_000)
            progress.advance(blob, bytes_read)
            if bytes_read == 30_000_000:
                progress.end(blob)
        story.stopped.wait()

    story.tell = tell

    async def script(pilot: Pilot[int]) -> bool:
        same = await _looks_so(pilot, "loading-80x24")
        story.stopped.set()
        return same

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("layerscope.tui.reading.Tracker._rate", lambda *_: None)
        assert act(LayerscopeApp(reference="my-app", opener=story), script, NARROW)


def test_the_picker_looks_as_it_did(monkeypatch: pytest.MonkeyPatch) -> None:
    images = [
        LocalImage(
            reference=f"docker:{name}",
            names=(name,),
            image_id="sha256:" + "1f" * 32,
            size_bytes=size_bytes,
            created_s=1_700_000_000,
        )
        for name, size_bytes in (("team/shop:2.0", 1_090_000_000), ("postgres:16", 432_000_000))
    ]

    def opened(*_: Any) -> Any:
        raise AssertionError("nothing is opened here")

    def unreachable() -> list[LocalImage]:
        raise EngineUnreachable("podman: no socket", hint="systemctl --user start podman.socket")

    sources = [
        Source(id="docker", help="", open=opened, images=lambda: images),
        Source(id="podman", help="", open=opened, images=unreachable),
    ]
    monkeypatch.setattr("layerscope.tui.screens.picker.engines", lambda: sources)

    async def script(pilot: Pilot[int]) -> bool:
        await until(pilot, lambda: "postgres" in text_of(pilot) and "no socket" in text_of(pilot))
        return await _looks_so(pilot, "picker-80x24")

    assert act(LayerscopeApp(opener=Story()), script, NARROW)


async def _looks_so(pilot: Pilot[Any], name: str) -> bool:
    """Tell whether the screen looks so, once what another thread reads is on it."""
    for _ in range(20):
        if same_picture(pilot, name):
            return True
        await pilot.pause(0.1)
    return False
