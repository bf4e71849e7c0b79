"""Lines of a .dockerignore."""

from __future__ import annotations

import pytest

from layerscope.dockerfile.ignore_file import joined, line_of, missing, shortened


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("tests", "tests"),
        ("a b/c", "a b/c"),
        ("#notes", "\\#notes"),
        ("!important", "\\!important"),
        ("a*[b]?\\", "a\\*\\[b\\]\\?\\\\"),
        (" lead", None),
        ("two\nlines", None),
        ("\udcff", None),
    ],
)
def test_a_line_means_the_path_and_nothing_else(path: str, line: str | None) -> None:
    assert line_of(path) == line


def test_what_lies_below_another_is_not_named_again() -> None:
    assert shortened(["tests/a", "tests", "tests2", "src/.git"]) == ["src/.git", "tests", "tests2"]


def test_what_is_of_no_use_anywhere_is_named_once() -> None:
    paths = [".DS_Store", "a/.DS_Store", "b/.DS_Store", "a/tests", "b/tests", "c/tests"]

    assert shortened(paths) == ["**/.DS_Store", "a/tests", "b/tests", "c/tests"]


def test_lines_that_are_there_are_not_added_again_nor_those_taken_back() -> None:
    existing = "# ours\n/tests/\n !docs\n./.git\n"

    assert missing(["tests", "docs", ".git", "new"], existing) == ["new"]


@pytest.mark.parametrize(("before", "after"), [("", "a\n"), ("x\n", "x\na\n"), ("x", "x\na\n")])
def test_lines_go_behind_those_that_are_there(before: str, after: str) -> None:
    assert joined(before, ["a"]) == after
