"""What is chosen in the explorer and kept, and what keys work on where a row is no path."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from layerscope.inspection import Inspection, inspecting
from layerscope.tui.app import LayerscopeApp
from layerscope.tui.settings import SettingsFile
from layerscope.tui.target import Target, target_of
from layerscope.tui.widgets.file_tree import FileTree
from tests.tui.looking import explorer, until_seen
from tests.tui.shell import SAMPLES, act


@pytest.fixture(scope="module")
def wasteful() -> Iterator[Inspection]:
    """Give the sample that has every kind of waste, with its contents."""
    with inspecting(str(SAMPLES / "wasteful.tar")) as inspection:
        yield inspection


def test_long_lines_stay_wrapped_in_the_next_preview(wasteful: Inspection) -> None:
    app = LayerscopeApp(lambda: wasteful)

    async def script(pilot: Pilot[int]) -> bool:
        await pilot.press("2", "p")
        await pilot.pause()
        await pilot.press("w", "escape", "p")
        await pilot.pause()
        preview = explorer(pilot)._preview  # type: ignore[arg-type] # noqa: SLF001
        assert preview is not None
        return preview.view.wrap

    assert act(app, script)
    assert app.settings.wrap


@pytest.mark.parametrize("gone", [False, True])
def test_the_next_extraction_goes_to_the_same_folder_while_there_is_one(
    wasteful: Inspection,
    tmp_path: Path,
    gone: bool,  # noqa: FBT001
) -> None:
    app = LayerscopeApp(lambda: wasteful)
    folder = tmp_path / "here"

    async def script(pilot: Pilot[int]) -> str:
        await pilot.press("4", "x")
        await pilot.pause()
        pilot.app.screen.query_one(Input).value = str(folder)
        await until_seen(pilot, ";")  # type: ignore[arg-type]
        await pilot.press("enter")
        await until_seen(pilot, "written to")  # type: ignore[arg-type]
        await pilot.press("escape")
        await pilot.pause()
        if gone:
            shutil.rmtree(folder)
        await pilot.press("x")
        await pilot.pause()
        return pilot.app.screen.query_one(Input).value

    proposed = act(app, script)

    assert app.settings.last_folder == str(folder)
    assert proposed == str(Path.cwd() if gone else folder)


def test_a_suggestion_stands_for_the_largest_of_its_paths(wasteful: Inspection) -> None:
    async def script(pilot: Pilot[int]) -> Target | None:
        await pilot.press("3")
        await pilot.pause()
        screen = explorer(pilot)  # type: ignore[arg-type]
        return target_of(screen.pane, screen.selection)

    target = act(LayerscopeApp(lambda: wasteful), script)

    first = wasteful.suggestions[0]
    assert target == Target(path=first.paths[0], layer=first.layers[0])


def test_the_columns_of_files_stay_as_they_were_chosen(wasteful: Inspection, tmp_path: Path) -> None:
    kept = SettingsFile(tmp_path / "explorer.json")

    async def title(pilot: Pilot[int], *keys: str) -> str:
        await pilot.press(*keys)
        await pilot.pause()
        files = pilot.app.screen.query_one(FileTree)
        return files.title(files.size.width) or ""

    async def chosen(pilot: Pilot[int]) -> tuple[str, str]:
        return await title(pilot, "1"), await title(pilot, "c")

    async def next_time(pilot: Pilot[int]) -> tuple[str, str]:
        return await title(pilot, "1"), await title(pilot, "c", "c")

    all_of_them, owners = act(LayerscopeApp(lambda: wasteful, settings=kept), chosen)
    owners_again, all_again = act(LayerscopeApp(lambda: wasteful, settings=kept), next_time)

    assert "wasted" in all_of_them
    assert "wasted" not in owners
    assert "owner" in owners
    assert (owners_again, all_again) == (owners, all_of_them)
