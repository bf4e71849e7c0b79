"""The facts of an image: its digests, what its bytes are called."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from layerscope.inspection import inspecting
from layerscope.tui.panes.image import ImagePane
from tests.sources.images import file, layer, saved
from tests.tui.driving import lines_of, play

LAYERS = (layer(file(b"conf", b"same", uid=1)), layer(file(b"conf", b"same", uid=2)))


def facts(archive: Path) -> list[str]:
    """Give the lines of the view, blanks as one."""

    async def script(pilot: Pilot[None]) -> list[str]:
        await pilot.press("7")
        await pilot.pause()
        return lines_of(pilot, pilot.app.screen.query_one(ImagePane))

    with inspecting(str(archive)) as inspection:
        lines: Any = play(inspection, script, (200, 60))
    return [" ".join(line.split()) for line in lines]


def test_each_layer_is_told_by_its_diff_id(tmp_path: Path) -> None:
    lines = facts(saved(tmp_path, *LAYERS))

    for number, blob in enumerate(LAYERS):
        assert f"layer {number} diff ID sha256:{hashlib.sha256(blob).hexdigest()}" in lines


def test_bytes_are_called_here_as_they_are_everywhere_in_the_explorer(tmp_path: Path) -> None:
    lines = facts(saved(tmp_path, *LAYERS))

    assert "copied up 4 B" in lines
    assert not any("metadata only" in line for line in lines)
