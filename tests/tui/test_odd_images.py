"""Images that nobody would make, and some that everybody has: nothing crashes, runs over or gets through."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from layerscope.content import Cancelled
from layerscope.inspection import Inspection, inspecting
from layerscope.model.people import percent, size
from layerscope.tui.screens.explorer import PANES, Explorer
from layerscope.tui.widgets.file_tree import FileTree
from layerscope.tui.widgets.layer_list import LayerList
from layerscope.tui.widgets.row_list import RowList
from tests.oci.build import built, docker_archive
from tests.sources.images import file, layer, packed, saved, steps, whiteout, without_layers
from tests.tui.driving import NARROW, WIDE, play, screen_lines
from tests.tui.looking import explorer

VIEWS = [str(number) for number in range(1, len(PANES) + 1)]
TINY = (20, 6)
NAMES = (
    b"n" * 255,
    b"latin-\xe9\xff",
    b"two\nlines\r\ttabs",
    b"\x1b[2J\x1b]0;owned\x07red",
    b"\xc2\x9b31mc1",
    "safe\u202egpj.exe\u2066".encode(),
    "漢字の長い名前".encode() * 6,
    "e\u0301\u0301 a\u200bb 👩‍👩‍👧 ✈️ ﷽".encode(),
    b"back\\slash [bold]markup[/] $(id)",
    b" blanks ",
)
TEXT = b"seven\x1b\n"
ENDING = {"q", "ctrl+q", "ctrl+c", "ctrl+p", "ctrl+o"}
"""Keys that end the program, and the palette, which has commands of the whole program."""


class Odd(NamedTuple):
    """How to write an image, and what is in it: bytes that one sees, bytes that are wasted."""

    write: Callable[[Path], Path]
    visible_bytes: int
    wasted_bytes: int


def _incomplete(folder: Path) -> Path:
    files = docker_archive(built(*(layer(file(b"f%d" % number, b"12345")) for number in range(3))))
    missing = [name for name in files if name.endswith("/layer.tar")][1]
    return packed(folder / "incomplete.tar", {name: files[name] for name in files if name != missing})


def _hostile(folder: Path) -> Path:
    evil = "\x1b[2J\u202e\x9b31m\nx"
    config = {"Env": [f"A{evil}=b{evil}"], "Labels": {evil: evil}, "Cmd": [evil], "User": evil}
    more: dict[str, Any] = {"author": evil, "created": evil, "variant": evil, "config": config}
    history = [{"created_by": f"RUN {evil}", "created": evil, "comment": evil}]
    return saved(folder, layer(file(b"a", TEXT)), history=history, os=f"linux{evil}", **more)


def _many(folder: Path) -> Path:
    layers = (layer(file(b"same", b"%010d" % number)) for number in range(127))
    return saved(folder, *layers, history=steps(*("RUN " + "step " * number for number in range(127))))


def _named(folder: Path) -> Path:
    files = [file(b"d/" + name, TEXT) for name in NAMES]
    return saved(folder, layer(*files), layer(whiteout(b"d/" + NAMES[3]), file(b"d/" + NAMES[1], b"other")))


ODD = {
    "no layers": Odd(without_layers, 0, 0),
    "one layer": Odd(lambda folder: saved(folder, layer(file(b"only", b"o" * 1000))), 1000, 0),
    "127 layers": Odd(_many, 10, 1260),
    "no history": Odd(lambda folder: saved(folder, *_shadowed(), history=None), 3, 5),
    "names": Odd(_named, 7 * 8 + 5, 14),
    "deep": Odd(lambda folder: saved(folder, layer(file(b"d/" * 400 + b"bottom", b"12345"))), 5, 0),
    "20,000 files": Odd(
        lambda folder: saved(folder, layer(*(file(b"all/%05d" % n, b"x" * (n % 2)) for n in range(20_000)))),
        10_000,
        0,
    ),
    "no bytes": Odd(
        lambda folder: saved(folder, layer(file(b"a"), file(b"b/c")), layer(whiteout(b"a"))), 0, 0
    ),
    "incomplete": Odd(_incomplete, 10, 0),
    "hostile config": Odd(_hostile, 7, 0),
}


def _shadowed() -> tuple[bytes, bytes]:
    return layer(file(b"a", b"lower")), layer(file(b"a", b"top"))


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Inspection]]:
    """Give a function that opens one of the odd images, once."""
    opened = []

    @cache
    def get(name: str) -> Inspection:
        context = inspecting(str(ODD[name].write(tmp_path_factory.mktemp("odd"))))
        opened.append(context)
        return context.__enter__()

    yield get
    for context in opened:
        context.__exit__(None, None, None)


@pytest.fixture(autouse=True)
def _nothing_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no key write a file."""

    def refuse(*_: object) -> NoReturn:
        raise Cancelled

    monkeypatch.setattr("layerscope.tui.screens.extract.extract", refuse)


def faults(pilot: Pilot[None]) -> list[str]:
    """Tell what is wrong with the screen: characters that act, lines or rows that are too wide."""
    width = pilot.app.size.width
    lines = screen_lines(pilot)
    found = [
        f"{char!r} in {line!r}"
        for line in lines
        for char in line
        if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")
    ]
    found += [f"{cell_len(line)} columns: {line!r}" for line in lines if cell_len(line) != width]
    for rows in pilot.app.screen.query(RowList):
        room = rows.scrollable_content_region.width
        top = int(rows.scroll_offset.y)
        shown = range(top, min(rows.row_count(), top + rows.size.height)) if room >= 38 else ()
        texts = ("".join(part for part, _ in rows.parts(index, room)) for index in shown)
        found += [f"{rows} of {room} columns: {text!r}" for text in texts if cell_len(text) > room]
    return found


async def back(pilot: Pilot[None]) -> None:
    """Return to the view, wherever a key has led."""
    for _ in range(4):
        if pilot.app.screen is explorer(pilot) and not pilot.app.query("Preview, FilterLine.open"):
            return
        await pilot.press("escape")
        await pilot.pause()


def keys_here(pilot: Pilot[None]) -> list[str]:
    """Give a key for everything that can be done."""
    actions = {
        (active.node, active.binding.action): key
        for key, active in pilot.app.screen.active_bindings.items()
        if key not in ENDING and not key.isdigit()
    }
    return list(actions.values())


@pytest.mark.parametrize(
    ("name", "area"),
    [*((name, WIDE) for name in ODD), *((name, NARROW) for name in ("names", "deep"))],
)
def test_every_view_of_it_is_whole_and_harmless(
    images: Callable[[str], Inspection], name: str, area: tuple[int, int]
) -> None:
    """Also when the tree is all open and of changes only."""

    async def script(pilot: Pilot[None]) -> list[str]:
        found = []
        for key in ["E", "G", "a", *VIEWS, "0", "e", "G"]:
            await pilot.press(key)
            await pilot.pause()
            found += [f"after {key}: {fault}" for fault in faults(pilot)]
        return found

    assert play(images(name), script, area) == []


@pytest.mark.parametrize("name", ODD)
def test_what_it_says_are_the_bytes_that_are_in_it(images: Callable[[str], Inspection], name: str) -> None:
    """In the line on top, and summed up in the tree and the list of layers."""
    odd = ODD[name]

    async def script(pilot: Pilot[None]) -> tuple[str, int, list[str]]:
        tree, layers = pilot.app.screen.query_one(FileTree), pilot.app.screen.query_one(LayerList)
        rows = (tree._outline.row(index) for index in range(tree.row_count()))  # noqa: SLF001
        texts = ["".join(part for part, _ in layers.parts(n, 60)) for n in range(layers.row_count())]
        return screen_lines(pilot)[0], sum(row.size_bytes for row in rows if not row.depth), texts

    headline, in_tree, layers = play(images(name), script)

    content = odd.visible_bytes + odd.wasted_bytes
    wasted = f"{size(odd.wasted_bytes)} wasted, {percent(odd.wasted_bytes / content if content else 0)}"
    assert f" {size(content)} " in headline
    assert wasted in headline
    assert in_tree == odd.visible_bytes
    for number, text in enumerate(text for text in layers if text[4:5].isdigit()):
        assert size(images(name).analysis.layers[number].content_bytes) in text


@pytest.mark.parametrize("name", ["names"])
def test_every_key_can_be_pressed_in_every_view(images: Callable[[str], Inspection], name: str) -> None:
    async def script(pilot: Pilot[None]) -> list[str]:
        found = []
        for view in ["0", *VIEWS]:
            await pilot.press(view)
            for key in keys_here(pilot):
                await pilot.press(key)
                found += [f"{view}, {key}: {fault}" for fault in faults(pilot)]
                await back(pilot)
        return found

    assert play(images(name), script, (100, 30)) == []


@pytest.mark.parametrize("name", ["no layers", "names"])
def test_a_terminal_may_be_as_small_as_it_likes(images: Callable[[str], Inspection], name: str) -> None:
    async def script(pilot: Pilot[None]) -> list[str]:
        found = []
        for columns, lines in [TINY, (1, 1), (300, 6)]:
            await pilot.resize_terminal(columns, lines)
            for key in [
                "2",
                "3",
                "6",
                "7",
                "0",
                "1",
                "slash",
                "a",
                "escape",
                "p",
                "escape",
                "w",
                "escape",
                "x",
            ]:
                await pilot.press(key)
                found += [f"{columns}x{lines}, {key}: {fault}" for fault in faults(pilot)]
            await back(pilot)
        return found

    assert play(images(name), script) == []


@pytest.mark.parametrize(("name", "seed"), [("names", 1), ("names", 2), ("incomplete", 3)])
def test_any_keys_in_any_order_do_no_harm(images: Callable[[str], Inspection], name: str, seed: int) -> None:
    """Typed text too, and a terminal that changes its size."""
    chance = random.Random(seed)
    sizes = [WIDE, NARROW, TINY, (200, 60)]

    async def script(pilot: Pilot[None]) -> list[str]:
        found, pressed = [], []
        for _ in range(100):
            if chance.random() < 0.05:
                await pilot.resize_terminal(*chance.choice(sizes))
            typed = [*"ak:>1*/[", "space", "escape", "enter", "backspace"]
            key = chance.choice(keys_here(pilot) if chance.random() < 0.8 else typed)
            pressed.append(key)
            await pilot.press(key)
            found += [f"after {' '.join(pressed[-12:])}: {fault}" for fault in faults(pilot)]
        assert any(isinstance(screen, Explorer) for screen in pilot.app.screen_stack)
        return found

    assert play(images(name), script) == []
