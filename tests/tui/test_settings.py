"""What was chosen is there the next time, and a broken file harms nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from layerscope.errors import UsageError
from layerscope.tui.app import LayerscopeApp
from layerscope.tui.screens.explorer import Explorer
from layerscope.tui.settings import FOLDER_VARIABLE, Settings, SettingsFile, config_path, settings_file
from layerscope.tui.themes import OURS, in_order
from layerscope.union.tree import Sort
from tests.tui.driving import WIDE
from tests.tui.shell import LEAN, Story, act, text_of, until


@pytest.fixture
def kept(tmp_path: Path) -> SettingsFile:
    """Give a file that is not there yet, in a folder that is not either."""
    return SettingsFile(tmp_path / "state" / "explorer.json")


def test_what_is_written_is_read_again(kept: SettingsFile) -> None:
    settings = Settings(theme="nord", sort=Sort.WASTE, aggregated=False, wrap=True, last_folder="/tmp/é")  # noqa: S108

    kept.write(settings)

    assert kept.read() == (settings, None)
    assert [path.name for path in kept.path.parent.iterdir()] == ["explorer.json"]


def test_no_file_is_no_remark(kept: SettingsFile) -> None:
    assert kept.read() == (Settings(), None)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"sort": "colour"}', b'{"theme": 3}', b"\xff"])
def test_a_file_that_cannot_be_used_is_ignored_with_a_remark(kept: SettingsFile, content: bytes) -> None:
    kept.path.parent.mkdir()
    kept.path.write_bytes(content)

    settings, remark = kept.read()

    assert settings == Settings()
    assert remark is not None
    assert str(kept.path) in remark


def test_a_later_version_s_settings_are_no_error(kept: SettingsFile) -> None:
    kept.path.parent.mkdir()
    kept.path.write_text('{"theme": "nord", "not yet": 1}')

    assert kept.read() == (Settings(theme="nord"), None)


def test_a_file_that_cannot_be_written_leaves_the_old_one(kept: SettingsFile, tmp_path: Path) -> None:
    kept.path.parent.mkdir()
    kept.path.mkdir()

    with pytest.raises(OSError, match="directory"):
        kept.write(Settings())

    assert [path.name for path in (tmp_path / "state").iterdir()] == ["explorer.json"]


def test_the_variable_moves_both_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))

    assert {settings_file().path.parent, config_path().parent} == {tmp_path}


def test_an_archive_that_is_opened_again_is_the_first_of_the_recent_ones_once() -> None:
    settings = Settings(recent=("/a", "/b"))

    assert settings.opened("/b").recent == ("/b", "/a")


def test_an_archive_whose_name_is_not_utf8_is_not_remembered(kept: SettingsFile) -> None:
    settings = Settings(recent=("/a",)).opened("/b\udcff")

    kept.write(settings)

    assert kept.read()[0].recent == ("/a",)


def test_the_order_chosen_in_one_run_is_that_of_the_next(kept: SettingsFile) -> None:
    async def choose(pilot: Pilot[int]) -> None:
        await until(pilot, lambda: isinstance(pilot.app.screen, Explorer))
        await pilot.press("s", "a", "q")

    async def look(pilot: Pilot[int]) -> tuple[Sort, bool]:
        await until(pilot, lambda: isinstance(pilot.app.screen, Explorer))
        screen = pilot.app.screen
        assert isinstance(screen, Explorer)
        return screen.selection.sort, screen.selection.aggregated

    act(LayerscopeApp(reference=str(LEAN), opener=Story(), settings=kept), choose, WIDE)
    found = act(LayerscopeApp(reference=str(LEAN), opener=Story(), settings=kept), look, WIDE)

    assert found == (Sort.NAME, False)
    assert kept.read()[0].recent == (str(LEAN),)


def test_a_theme_is_seen_while_the_cursor_is_on_it_and_kept_with_enter(kept: SettingsFile) -> None:
    async def script(pilot: Pilot[int]) -> tuple[str, str]:
        await until(pilot, lambda: isinstance(pilot.app.screen, Explorer))
        before = pilot.app.theme
        pilot.app.search_themes()
        await pilot.pause()
        await pilot.press("down")
        await pilot.pause()
        seen = pilot.app.theme
        await pilot.press("enter")
        await pilot.pause()
        return before, seen

    before, seen = act(LayerscopeApp(reference=str(LEAN), opener=Story(), settings=kept), script, WIDE)

    assert (before, seen) == (OURS[0].name, OURS[1].name)
    assert kept.read()[0].theme == OURS[1].name


def test_escape_gives_the_old_theme_back_and_keeps_nothing(kept: SettingsFile) -> None:
    async def script(pilot: Pilot[int]) -> str:
        await until(pilot, lambda: isinstance(pilot.app.screen, Explorer))
        pilot.app.search_themes()
        await pilot.pause()
        await pilot.press("j", "j", "escape")
        await pilot.pause()
        return pilot.app.theme

    theme = act(LayerscopeApp(reference="lean", opener=Story(), settings=kept), script, WIDE)

    assert theme == OURS[0].name
    assert kept.read()[0].theme is None


def test_a_theme_that_was_asked_for_wins_over_the_one_that_was_kept(kept: SettingsFile) -> None:
    kept.write(Settings(theme="nord"))

    themes = [LayerscopeApp(settings=kept, theme=asked).theme for asked in (None, "gruvbox")]

    assert themes == ["nord", "gruvbox"]


def test_a_kept_theme_that_is_gone_is_not_missed(kept: SettingsFile) -> None:
    kept.write(Settings(theme="of-a-later-version"))

    assert LayerscopeApp(settings=kept).theme == OURS[0].name


def test_an_unknown_theme_is_wrong_usage_and_the_themes_are_named() -> None:
    with pytest.raises(UsageError, match="no such theme") as raised:
        LayerscopeApp(theme="beige")

    assert raised.value.hint is not None
    assert "layerscope-contrast-dark" in raised.value.hint


def test_our_themes_come_first() -> None:
    assert in_order(["zebra", OURS[3].name, "ant"]) == [*(theme.name for theme in OURS), "ant", "zebra"]


def test_a_broken_file_is_told_on_the_screen(kept: SettingsFile) -> None:
    kept.path.parent.mkdir()
    kept.path.write_text("{")

    async def script(pilot: Pilot[int]) -> str:
        await until(pilot, lambda: "ignored" in text_of(pilot))
        return text_of(pilot)

    text = act(LayerscopeApp(reference="lean", opener=Story(), settings=kept), script, WIDE)

    assert "explorer.json" in text.replace("\n", "")
