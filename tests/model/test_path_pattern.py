"""Patterns of paths, as people write them in a limit."""

from __future__ import annotations

import pytest

from layerscope.model.path_pattern import parse_pattern


@pytest.mark.parametrize(
    ("pattern", "paths"),
    [
        ("*.so", ["a.so", "lib/a.so", "usr/lib/.so"]),
        ("core", ["core", "a/core"]),
        ("/core", ["core"]),
        ("/usr/*/x", ["usr/lib/x"]),
        ("/usr/**/x", ["usr/x", "usr/lib/x", "usr/lib/y/x"]),
        ("/usr/**", ["usr/lib", "usr/lib/a"]),
        ("usr/lib", ["usr/lib"]),
        ("/usr/", ["usr", "usr/lib", "usr/lib/a"]),
        ("cache/", ["cache", "a/cache", "a/cache/b"]),
        ("a?c", ["abc", "x/a.c"]),
        ("[a].+", ["[a].+"]),
        ("*", ["a", "b/a\nc"]),
    ],
)
def test_what_a_pattern_means(pattern: str, paths: list[str]) -> None:
    assert [path for path in paths if not parse_pattern(pattern).matches(path)] == []


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*.so", "a.so/b"),
        ("*.so", "a.so.1"),
        ("core", "score"),
        ("/core", "a/core"),
        ("/usr/*/x", "usr/lib/y/x"),
        ("/usr/", "usrlocal"),
        ("usr/lib", "a/usr/lib"),
        ("a?c", "a/c"),
        ("/usr", "usr/lib"),
        ("[a].+", "a.+"),
    ],
)
def test_what_a_pattern_does_not_mean(pattern: str, path: str) -> None:
    assert not parse_pattern(pattern).matches(path)
