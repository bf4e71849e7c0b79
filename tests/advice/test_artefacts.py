"""What a second stage copies: as few paths as can be, and nothing large that nobody needs."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from layerscope.advice.artefacts import brought_by, repositories_in, topmost
from layerscope.advice.visible_paths import VisiblePaths
from tests.union.dsl import directory, file, layer, stack, symlink


def paths_of(*entries: Any) -> VisiblePaths:
    """The merged filesystem of one layer."""
    return VisiblePaths(stack(layer(*entries)))


def large(path: str) -> Any:
    """A file that is said to be of 2 MB."""
    return msgspec.structs.replace(file(path), size_bytes=2_000_000, stored_bytes=2_000_000)


@pytest.mark.parametrize(
    ("entries", "needed", "copied"),
    [
        pytest.param(
            [file("opt/app/a"), file("opt/app/b")], "opt/app/a opt/app/b", "opt/app", id="all of a folder"
        ),
        pytest.param(
            [file("usr/local/bin/hello")], "usr/local/bin/hello", "usr/local/bin/hello", id="one file"
        ),
        pytest.param(
            [file("opt/app/lib/a"), file("opt/app/lib/b"), file("opt/app/c")],
            "opt/app/lib/a opt/app/lib/b opt/app/c",
            "opt/app",
            id="folders in folders",
        ),
        pytest.param([file("opt/a"), file("opt/b")], "opt/a", "opt/a", id="not what is not needed"),
        pytest.param(
            [
                file("app/a"),
                file("app/b"),
                file("app/.git/HEAD"),
                file("app/__pycache__/a.pyc"),
                directory("app/tmp"),
            ],
            "app/a app/b",
            "app",
            id="what may lie beside",
        ),
        pytest.param(
            [directory("app", mode=0o700), file("app/a")], "app/a", "app", id="a folder with a mode"
        ),
        pytest.param([directory("app", uid=7), file("app/a")], "app/a", "app", id="a folder with an owner"),
        pytest.param([symlink("bin/x", "../opt/x"), file("bin/y")], "bin/x", "bin/x", id="a link"),
    ],
)
def test_the_paths_are_as_few_as_can_be(entries: list[Any], needed: str, copied: str) -> None:
    assert topmost(paths_of(*entries), needed.split()) == copied.split()


def test_many_files_become_their_folder_where_little_else_is_in_it() -> None:
    needed = [f"usr/lib/app/{number}" for number in range(20)]
    paths = paths_of(*map(file, needed), file("usr/lib/app/other"))

    assert topmost(paths, needed) == ["usr/lib/app"]


def test_a_folder_with_much_that_nobody_needs_is_not_copied_for_a_shorter_list() -> None:
    needed = [f"usr/bin/{number}" for number in range(20)]
    paths = paths_of(*map(file, needed), large("usr/bin/compiler"))

    assert topmost(paths, needed) == sorted(needed)


def test_a_copy_brings_all_but_repositories() -> None:
    paths = paths_of(
        file("app/a"), file("app/__pycache__/a.pyc"), file("app/web/.git/HEAD"), file("app/.hg/x"), file("b")
    )

    brought = [node.path for node in brought_by(paths, ["app", "b"])]
    repositories = repositories_in(paths, ["app", "b"])

    assert sorted(brought) == ["app/__pycache__/a.pyc", "app/a", "b"]
    assert repositories == ["app/.hg", "app/web/.git"]
