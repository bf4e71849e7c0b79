"""What is seen of a path, and what each key of the preview does."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from layerscope.inspection import Inspection, inspect
from layerscope.tui.widgets.content_view import ContentView
from layerscope.tui.widgets.file_tree import FileTree
from layerscope.tui.widgets.preview import NO_CONTENT, Preview
from tests.oci.build import built, layout
from tests.sources.images import file, layer, packed, whiteout
from tests.tui.driving import NARROW, WIDE, play
from tests.tui.looking import LAYERS, at_path, explorer, opened, text_of, until, until_seen


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inspection]:
    """Give an image with contents."""
    with opened(tmp_path_factory.mktemp("preview")) as inspection:
        yield inspection


def view(pilot: Pilot[None]) -> ContentView:
    """Give what shows the content."""
    return pilot.app.screen.query_one(ContentView)


def looking(
    inspection: Inspection,
    path: str,
    *keys: str,
    seen: str,
    layer: int = 2,
    size: tuple[int, int] = WIDE,
    **how: bool,
) -> str:
    """Preview a path, press keys, wait for a text; gives the screen."""

    async def script(pilot: Pilot[None]) -> str:
        await at_path(pilot, path, layer)
        await pilot.press("p")
        await until(pilot, lambda: view(pilot).rows.row_count)
        for key in keys:
            await pilot.press(key)
        await until_seen(pilot, seen)
        return text_of(pilot)

    text: Any = play(inspection, script, size, **how)
    return str(text)


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_text_has_numbered_lines(image: Inspection, size: tuple[int, int]) -> None:
    text = looking(image, "etc/conf", seen="two and a half", size=size)

    assert "1  one" in text
    assert "3  three" in text
    assert "lines 1 to 3 of 3" in text


def test_an_older_layer_shows_the_older_content(image: Inspection) -> None:
    text = looking(image, "etc/conf", seen="2  two", layer=0)

    assert "and a half" not in text
    assert "will be gone with layer 1" in text


def test_the_preview_follows_the_layer(image: Inspection) -> None:
    text = looking(image, "etc/conf", "comma", "comma", seen="from layer 0")

    assert "and a half" not in text


def test_a_deleted_file_can_be_seen(image: Inspection) -> None:
    assert "gone with layer 1" in looking(image, "secret", seen="the key", layer=1)


@pytest.mark.parametrize(
    ("path", "seen"),
    [
        ("bin/tool", "libc.so.6"),
        ("bin/tool", "/lib64/ld-linux-x86-64.so.2"),
        ("bin/run", "Python script"),
        ("data.bin", "00000010  10 11 12"),
        ("bin", "shipped there by"),
    ],
)
def test_contents_are_recognised(image: Inspection, path: str, seen: str) -> None:
    looking(image, path, seen=seen)


def test_hexadecimal_has_offsets_and_letters(image: Inspection) -> None:
    text = looking(image, "data.bin", seen="000000f0")

    assert "00000040  40 41 42 43 44 45 46 47  48 49 4a 4b 4c 4d 4e 4f  @ABCDEFGHIJKLMNO" in text


def test_t_looks_at_the_bytes(image: Inspection) -> None:
    looking(image, "etc/conf", "t", seen="00000000  6f 6e 65 0a")


@pytest.mark.parametrize("ascii_only", [False, True])
def test_hostile_content_writes_no_control_character(image: Inspection, ascii_only: bool) -> None:  # noqa: FBT001
    text = looking(image, "odd", seen="second", ascii_only=ascii_only)

    assert "[31mred" in text
    assert not [char for char in text if (ord(char) < 32 and char != "\n") or char in "\x7f\x9b\u202e"]


@pytest.mark.parametrize(
    ("keys", "seen"),
    [
        (["G"], "5000  print('line 5000')"),
        (["G", "g"], "1  #!/usr/bin/env"),
        (["pagedown"], "45  print("),
        (["slash", *"LINE 4321", "enter"], "4321  print('line 4321')"),
        (["slash", *"line 4321", "enter", "n"], "4321  print('line 4321')"),
        (["slash", *"line 43", "enter", "n", "n"], "line 431"),
        (["slash", *"line 43", "enter", "N"], "line 4399"),
        (["slash", *"no such text", "enter"], "not found"),
        (["slash", *"0x6c696e652034393939", "enter"], "4999  print"),
    ],
    ids=" ".join,
)
def test_keys_walk_and_search(image: Inspection, keys: list[str], seen: str) -> None:
    keys = ["space" if key == " " else key for key in keys]

    looking(image, "bin/run", *keys, seen=seen)


def test_escape_gives_the_view_back(image: Inspection) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await at_path(pilot, "etc/conf")
        await pilot.press("enter")
        await until_seen(pilot, "two and a half")
        await pilot.press("escape")
        await pilot.pause()

        tree = explorer(pilot).query_one(FileTree)
        assert not explorer(pilot).query(Preview)
        assert tree.has_focus
        assert tree.current is not None
        assert tree.current.name == "conf"
        assert tree.region.height > 1

    play(image, script)


@pytest.mark.parametrize("pane", ["2", "4"])
def test_other_views_preview_their_rows_too(image: Inspection, pane: str) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await pilot.press(pane)
        await pilot.pause()
        await pilot.press("p")
        await until(pilot, lambda: pilot.app.screen.query(Preview) and view(pilot).rows.row_count)

    play(image, script)


def test_between_two_versions_the_earlier_one_is_seen(tmp_path: Path) -> None:
    layers = (layer(file(b"f", b"before")), layer(whiteout(b"f")), layer(file(b"f", b"after")))
    with opened(tmp_path, *layers) as inspection:
        looking(inspection, "f", seen="1  before", layer=1)


def test_text_in_utf_16_is_read_and_searched(tmp_path: Path) -> None:
    """In its letters, not in its bytes."""
    content = "\ufeff" + "".join(f"line {number}\r\n" for number in range(200)) + "der Schlüssel\r\n"
    with opened(tmp_path, layer(file(b"a.txt", content.encode("utf-16-le")))) as inspection:
        keys = ("slash", *"Schl", "enter")
        text = looking(inspection, "a.txt", *keys, seen="201  der Schlüssel", layer=0)

    assert "UTF-16 text" in text


def test_a_compressed_tar_archive_is_listed(tmp_path: Path) -> None:
    packed_layer = gzip.compress(layer(file(b"inside/it", b"x" * 2000)))
    with opened(tmp_path, layer(file(b"a.tgz", packed_layer))) as inspection:
        text = looking(inspection, "a.tgz", seen="inside/it", layer=0)

    assert "1 member, 2.00 kB unpacked" in text


def test_w_wraps_long_lines(tmp_path: Path) -> None:
    with opened(tmp_path, layer(file(b"long", b"x" * 300 + b"END"))) as inspection:
        looking(inspection, "long", "w", seen="END", layer=0, size=NARROW)


def test_a_long_line_that_is_cut_has_a_sign(tmp_path: Path) -> None:
    with opened(tmp_path, layer(file(b"long", b"x" * 300 + b"END"))) as inspection:
        text = looking(inspection, "long", seen="x>", layer=0, size=NARROW)

        assert "END" not in text
        looking(inspection, "long", *["right"] * 35, seen="END", layer=0, size=NARROW)


def test_without_contents_it_says_so(tmp_path: Path) -> None:
    with opened(tmp_path) as inspection:
        reference = inspection.image.reference
    looking(inspect(reference), "etc/conf", seen=NO_CONTENT[:30])


def compressed(folder: Path) -> str:
    """An image whose layers are stored as gzip."""
    stored = [gzip.compress(data, mtime=0) for data in LAYERS]
    return str(packed(folder / "gzip.tar", layout(built(*LAYERS), stored=stored)))


def test_escape_stops_waiting_for_a_layer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread that unpacks it never comes to the file."""
    from layerscope.content import Content, unpacking
    from layerscope.inspection import inspecting

    held = threading.Event()
    blocks = unpacking.Unpacking._blocks  # noqa: SLF001

    def slow(self: unpacking.Unpacking, stored: Any) -> Any:
        held.wait(20)
        yield from blocks(self, stored)

    monkeypatch.setattr(unpacking.Unpacking, "_blocks", slow)

    async def script(pilot: Pilot[None]) -> None:
        await at_path(pilot, "etc/conf")
        await pilot.press("p")
        await until_seen(pilot, "unpacking layer 2")
        await pilot.press("escape")
        await pilot.pause()

        assert not explorer(pilot).query(Preview)

    with inspecting(compressed(tmp_path)) as inspection:
        assert isinstance(inspection.content, Content)
        try:
            play(inspection, script)
        finally:
            held.set()
