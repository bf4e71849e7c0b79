"""Keys are changed in the config file, and what cannot be meant is refused with its line."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from textual.pilot import Pilot

from layerscope.errors import UsageError
from layerscope.tui import keys
from layerscope.tui.app import LayerscopeApp
from layerscope.tui.keys import actions, read_keys
from layerscope.tui.screens.explorer import Explorer
from layerscope.union.tree import Sort
from tests.tui.driving import WIDE
from tests.tui.shell import Story, act, until


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Give the place of the config file."""
    return tmp_path / "config.toml"


def refused(config: Path, text: str) -> UsageError:
    """Give the error that a config file makes."""
    config.write_text(text)
    with pytest.raises(UsageError) as raised:
        read_keys(config)
    return raised.value


def test_no_file_and_no_table_change_nothing(config: Path) -> None:
    before = read_keys(config)
    config.write_text("[other]\nkeys = 1\n")

    assert (before, read_keys(config)) == ({}, {})


@pytest.mark.parametrize(
    "text",
    [
        '[keys]\n"files.sort" = "f8, ?"\n',
        '[keys]\nfiles.sort = "f8,question_mark"\nexplorer.help = "f9"\nlayerscope.help = "f10"\n',
        '[keys.files]\nsort = "f8,question_mark"\n',
    ],
)
def test_an_action_is_named_in_each_way_that_toml_has(config: Path, text: str) -> None:
    config.write_text(text if "explorer.help" in text else text + '[keys.explorer]\nhelp = "f9"\n')

    assert read_keys(config)["files.sort"] == "f8,question_mark"


def test_the_new_key_does_it_and_the_old_one_no_more(config: Path) -> None:
    config.write_text('[keys]\nfiles.sort = "f8"\n')

    async def script(pilot: Pilot[int]) -> tuple[Sort, Sort]:
        await until(pilot, lambda: isinstance(pilot.app.screen, Explorer))
        screen = pilot.app.screen
        assert isinstance(screen, Explorer)
        await pilot.press("s")
        after_old = screen.selection.sort
        await pilot.press("f8")
        return after_old, screen.selection.sort

    app = LayerscopeApp(reference="lean", opener=Story(), keys=read_keys(config))

    assert act(app, script, WIDE) == (Sort.SIZE, Sort.NAME)


def test_an_action_that_all_lists_have_is_changed_in_all_of_them(config: Path) -> None:
    config.write_text('[keys]\nrow-list.down = "f8"\n')

    async def script(pilot: Pilot[int]) -> tuple[str, str]:
        await until(pilot, lambda: isinstance(pilot.app.screen, Explorer))
        screen = pilot.app.screen
        assert isinstance(screen, Explorer)
        first = screen.selection.path
        await pilot.press("f8")
        await pilot.pause()
        return first, screen.selection.path

    first, second = act(LayerscopeApp(reference="lean", opener=Story(), keys=read_keys(config)), script, WIDE)

    assert first != second


def test_an_unknown_action_is_refused_with_its_line_and_near_names(config: Path) -> None:
    error = refused(config, '# mine\n\n[keys]\nrow-list.up = "f7"\nfiles.sorts = "f8"\n')

    assert error.exit_code == 2
    assert error.message == f"{config}:5: files.sorts: no such action"
    assert "files.sort" in (error.hint or "")


@pytest.mark.parametrize("key", ["fn", "ctrl+nothing", "hyperdrive+a", "", "ab"])
def test_an_unknown_key_is_refused(config: Path, key: str) -> None:
    error = refused(config, f'[keys]\nfiles.sort = "f8,{key}"\n')

    assert error.message.startswith(f"{config}:2: files.sort: ")


@pytest.mark.parametrize(
    ("action", "key", "other"),
    [
        ("files.sort", "a", "files.changes"),
        ("explorer.filter", "q", "explorer.quit"),
        ("explorer.filter", "s", "files.sort"),
        ("file-tree.open", "j", "row-list.down"),
        ("file-tree.expand", "g", "row-list.first"),
        ("files.sort", "ctrl+o", "layerscope.other-images"),
    ],
)
def test_a_key_that_does_something_there_already_is_refused(
    config: Path, action: str, key: str, other: str
) -> None:
    error = refused(config, f'[keys]\n{action} = "{key}"\n')

    assert error.message == f"{config}:2: {action}: {key} is the key of {other} too"


def test_the_example_that_people_copy_is_taken(config: Path) -> None:
    example = (keys.__doc__ or "").partition("::\n")[2].partition("An action")[0]
    config.write_text(textwrap.dedent(example))

    assert read_keys(config) == {"explorer.filter": "f3", "row-list.down": "down,ctrl+n"}


def test_two_actions_may_change_places(config: Path) -> None:
    config.write_text('[keys]\nfiles.sort = "a"\nfiles.changes = "s"\n')

    assert read_keys(config) == {"files.sort": "a", "files.changes": "s"}


def test_what_is_never_seen_together_may_have_the_same_key(config: Path) -> None:
    """The waste's grouping, and a theme's choice."""
    config.write_text('[keys]\nwaste.group-by = "s"\nconfirm.yes = "s"\n')

    assert read_keys(config) == {"waste.group-by": "s", "confirm.yes": "s"}


@pytest.mark.parametrize(
    "text", ["[keys", 'keys = "a"', "[keys]\nfiles.sort = 3\n", "[keys]\nfiles.sort = ''\n"]
)
def test_a_file_that_is_not_understood_is_refused(config: Path, text: str) -> None:
    assert refused(config, text).message.startswith(str(config))


def test_bytes_that_are_no_text_are_refused(config: Path) -> None:
    config.write_bytes(b"\xff")

    with pytest.raises(UsageError):
        read_keys(config)


def test_every_binding_that_says_what_it_does_can_be_changed_by_one_name() -> None:
    found = actions()

    assert len({action.id for action in found}) == len(found)
    assert {"explorer.filter", "row-list.down", "files.sort", "picker.refresh", "loading.cancel"} <= {
        action.id for action in found
    }
    assert [action.id for action in found if not action.keys or not action.description] == []
