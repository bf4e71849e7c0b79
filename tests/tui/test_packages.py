"""The view of packages: what each key does, and what it looks like."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot

from layerscope.inspection import Inspection, inspect
from layerscope.tui.panes.packages import PackagesPane
from layerscope.tui.screens.explorer import PANES
from layerscope.tui.widgets.path_table import PathTable
from tests.packages.test_dpkg import listed, stanza, status
from tests.probes.test_jars import jar, pom
from tests.sources.images import file, layer, saved
from tests.tui.driving import NARROW, WIDE, lines_of, play
from tests.tui.looking import explorer, text_of
from tests.tui.snapshots import same_picture

KEY = str(PANES.index(PackagesPane) + 1)
JAR = jar(pom("org.x", "app", "1.0") | {"BOOT-INF/lib/guava-30.1-jre.jar": "x"})
LAYERS = (
    layer(
        status(stanza("libssl3", "3.0"), stanza("bash", "5.2")),
        listed("libssl3", "/usr/lib/libssl.so", "/usr/share/doc/libssl3"),
        listed("bash", "/bin/bash"),
        file(b"var/lib/apt/extended_states", b"Package: libssl3\nArchitecture: amd64\nAuto-Installed: 1\n\n"),
        file(b"usr/lib/libssl.so", b"s" * 6000),
        file(b"usr/share/doc/libssl3", b"d" * 3000),
        file(b"bin/bash", b"b" * 2000),
        file(b"data\x1b[31m", b"u" * 5000),
    ),
    layer(file(b"opt/app.jar", JAR)),
)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inspection]:
    """Give an image with packages of two kinds."""
    folder = tmp_path_factory.mktemp("packages")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)  # so that the image is called the same wherever it is
        yield inspect(saved(folder, *LAYERS).name)


def pressed(
    image: Inspection, *keys: str, size: tuple[int, int] = WIDE, plain: bool = False
) -> tuple[list[str], str]:
    """Press keys in the view; gives the table's lines and the whole screen."""

    async def script(pilot: Pilot[None]) -> tuple[list[str], str]:
        await pilot.press(KEY)
        await pilot.pause()
        for key in keys:
            await pilot.press(key)
            await pilot.pause()
        return lines_of(pilot, pilot.app.screen.query_one(f"#{PackagesPane.NAME} PathTable")), text_of(pilot)

    found: tuple[list[str], str] = play(image, script, size, ascii_only=plain)
    return found


def names(lines: list[str]) -> list[str]:
    """The last column of each row."""
    return [line.rpartition("  ")[2] for line in lines[1:] if line.strip()]


def test_packages_stand_by_their_bytes_and_so_does_what_none_owns(image: Inspection) -> None:
    lines, screen = pressed(image)

    assert names(lines) == ["libssl3 3.0", "(in no package)", "bash 5.2", "org.x:app 1.0"]
    assert "9.00 kB" in lines[1]
    assert "dpkg needed" in lines[1]
    assert "* dpkg asked" in lines[3]
    assert "libssl3 3.0: 9.00 kB in 2 files, needed by others; layer 0" in screen


def test_enter_shows_the_files_and_backspace_leads_back(image: Inspection) -> None:
    inside, screen = pressed(image, "enter")
    back, _ = pressed(image, "j", "j", "enter", "backspace")

    assert names(inside) == ["/usr/lib/libssl.so", "/usr/share/doc/libssl3"]
    assert "/usr/lib/libssl.so: 6.00 kB, of libssl3 3.0" in screen
    assert "Back" in screen.splitlines()[-1]
    assert names(back) == ["libssl3 3.0", "(in no package)", "bash 5.2", "org.x:app 1.0"]


def test_the_modules_of_a_package_follow_its_files(image: Inspection) -> None:
    inside, _ = pressed(image, "G", "enter")

    assert names(inside) == ["/opt/app.jar", "guava 30.1-jre"]


def test_where_the_bytes_are_that_no_package_owns(image: Inspection) -> None:
    """A name with control characters is shown harmless."""
    inside, screen = pressed(image, "j", "enter")

    assert "/data\\x1b[31m" in names(inside)
    assert "\x1b" not in screen


def test_entering_a_file_goes_to_it_in_the_tree(image: Inspection) -> None:
    async def script(pilot: Pilot[None]) -> tuple[str, str | None]:
        for key in (KEY, "enter", "enter"):
            await pilot.press(key)
            await pilot.pause()
        return explorer(pilot).pane.NAME, explorer(pilot).selection.path

    assert play(image, script) == ("files", "usr/lib/libssl.so")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("ssl", ["libssl3 3.0"]),
        ("asked", ["bash 5.2"]),
        ("jar", ["org.x:app 1.0"]),
        ("DPKG 5.2", ["bash 5.2"]),
        ("none", []),
    ],
)
def test_words_filter(image: Inspection, text: str, left: list[str]) -> None:
    keys = ("space" if sign == " " else sign for sign in text)

    lines, screen = pressed(image, "slash", *keys)

    assert (names(lines) if left else []) == left
    assert f"{len(left)} of 4" in screen


def test_what_led_to_a_package_does_not_filter_its_files(image: Inspection) -> None:
    inside, _ = pressed(image, "slash", *"libssl3", "enter", "enter")

    assert names(inside) == ["/usr/lib/libssl.so", "/usr/share/doc/libssl3"]


def test_an_image_without_packages_says_so(tmp_path: Path) -> None:
    image = inspect(str(saved(tmp_path, layer(file(b"a", b"a")))))

    lines, _ = pressed(image)

    assert "nothing is installed by a package manager" in "\n".join(lines)


def test_the_table_has_a_path_to_look_at(image: Inspection) -> None:
    """So that preview and history have something to be of: what tells of the package."""

    async def script(pilot: Pilot[None]) -> str:
        await pilot.press(KEY)
        await pilot.pause()
        item = explorer(pilot).pane.query_one(PathTable).current
        assert item is not None
        return item.path

    assert play(image, script) == "var/lib/dpkg/status"


@pytest.mark.parametrize(
    ("name", "keys", "size", "plain"),
    [
        ("packages-160x45", (), WIDE, False),
        ("packages-80x24", (), NARROW, False),
        ("packages-inside-80x24", ("enter",), NARROW, False),
        ("packages-ascii-80x24", (), NARROW, True),
    ],
)
def test_it_looks_as_it_did(
    image: Inspection, name: str, keys: tuple[str, ...], size: tuple[int, int], *, plain: bool
) -> None:
    async def script(pilot: Pilot[None]) -> bool:
        for key in (KEY, *keys):
            await pilot.press(key)
            await pilot.pause()
        return same_picture(pilot, name)

    assert play(image, script, size, ascii_only=plain)
