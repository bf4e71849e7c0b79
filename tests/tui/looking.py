"""What tests of treemap, preview, history and extraction share: an image with contents, and where one is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from layerscope.inspection import Inspection, inspecting
from layerscope.tui.screens.explorer import Explorer
from layerscope.tui.widgets.file_tree import FileTree
from sample_images.elf_binary import executable
from tests.sources.images import file, layer, saved, steps, whiteout
from tests.tui.driving import screen_lines

PATIENCE_S = 20
SCRIPT = b"#!/usr/bin/env python3\n" + b"".join(b"print('line %d')\n" % number for number in range(2, 5001))
NEW_CONF = b"one\ntwo and a half\nthree\n"
OLD_CONF = b"one\ntwo\nthree\n"
HOSTILE = b"\x1b]0;owned\x07\x1b[31mred\x1b[2J\nsecond\xe2\x80\xae line\n"
LAYERS = (
    layer(
        file(b"etc/conf", OLD_CONF),
        file(b"bin/run", SCRIPT, mode=0o755),
        file(b"bin/tool", executable("tool", 900, "libc.so.6")),
        file(b"secret", b"the key\n"),
        file(b"odd", HOSTILE),
    ),
    layer(file(b"etc/conf", NEW_CONF, uid=7), whiteout(b"secret")),
    layer(file(b"etc/conf", NEW_CONF, uid=8), file(b"data.bin", bytes(range(256)) * 8)),
)
HISTORY = steps("COPY . /", "RUN edit", "RUN chown 8 /etc/conf")


@contextmanager
def opened(folder: Path, *layers: bytes) -> Iterator[Inspection]:
    """Open an image with contents."""
    more: dict[str, Any] = {} if layers else {"history": HISTORY}
    with inspecting(str(saved(folder, *(layers or LAYERS), **more))) as inspection:
        yield inspection


def explorer(pilot: Pilot[None]) -> Explorer:
    """Give the explorer, wherever it is among the screens."""
    return next(screen for screen in pilot.app.screen_stack if isinstance(screen, Explorer))


async def at_path(pilot: Pilot[None], path: str, layer: int = 2) -> None:
    """Put the cursor of the tree on a path, as of a layer."""
    found = explorer(pilot)
    found.select(first=layer, last=layer)
    await pilot.pause()
    found.query_one(FileTree).go_to(path)
    await pilot.pause()


async def until(pilot: Pilot[None], happened: Callable[[], object]) -> None:
    """Wait for what another thread does."""
    end = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < end, "\n".join(screen_lines(pilot))
        await pilot.pause(0.02)
    await pilot.pause()


def text_of(pilot: Pilot[None]) -> str:
    """Give the whole screen as text."""
    return "\n".join(line.rstrip() for line in screen_lines(pilot))


async def until_seen(pilot: Pilot[None], text: str) -> None:
    """Wait until a text is on the screen."""
    await until(pilot, lambda: text in text_of(pilot))
