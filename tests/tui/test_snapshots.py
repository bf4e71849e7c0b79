"""What the screens look like: each picture was looked at before it was stored.

A picture is no specification: what keys do is tested elsewhere. These notice what else has changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from textual.pilot import Pilot

from layerscope.errors import ImageNotFound
from layerscope.inspection import Inspection, inspecting
from layerscope.tui.app import LayerscopeApp
from layerscope.tui.reading import Opener
from layerscope.tui.themes import LIGHT
from tests.tui.shell import SAMPLES, Story, act, until
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
    "help-80x24": Scene(("question_mark",), NARROW),
}


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
        await pilot.pause(0.3)
        return await _looks_so(pilot, name)

    assert act(LayerscopeApp(lambda: wasteful, theme=scene.theme), script, scene.size)


async def _looks_so(pilot: Pilot[Any], name: str) -> bool:
    """Tell whether the screen looks so, once what another thread reads is on it."""
    for _ in range(20):
        if same_picture(pilot, name):
            return True
        await pilot.pause(0.1)
    return False
