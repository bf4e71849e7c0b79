"""Where a path leads that somebody names."""

from __future__ import annotations

import pytest

from layerscope.union.places import find_place, follow, near_paths
from tests.union.dsl import file, layer, stack, symlink, whiteout

INDEX = stack(
    layer(
        file("usr/bin/tool", b"1"),
        symlink("bin", "usr/bin"),
        symlink("abs", "/usr/bin"),
        symlink("up", "../../usr"),
        symlink("usr/bin/alias", "tool"),
        symlink("loop", "loop"),
        file("gone/f", b"2"),
    ),
    layer(whiteout("bin"), file("bin/other", b"3"), whiteout("gone"), whiteout("usr/bin/alias")),
    layer(file("late", b"4")),
)


@pytest.mark.parametrize(
    ("path", "last", "expected"),
    [
        ("bin/tool", False, "usr/bin/tool"),
        ("/bin//./tool", False, "usr/bin/tool"),
        ("abs/tool", False, "usr/bin/tool"),
        ("up/bin/tool", False, "usr/bin/tool"),
        ("bin", False, "bin"),
        ("bin/", False, "usr/bin"),
        ("bin", True, "usr/bin"),
        ("bin/alias", False, "usr/bin/alias"),
        ("bin/alias", True, "usr/bin/tool"),
        ("bin/../..", False, ""),
        ("../..", False, ""),
        ("loop/x", False, "loop/x"),
        ("loop", True, "loop"),
        ("nowhere/../late", False, "late"),
    ],
)
def test_symlinks_are_followed_inside_the_root(path: str, last: bool, expected: str) -> None:  # noqa: FBT001
    assert follow(INDEX, path, 0, last=last) == expected


@pytest.mark.parametrize(
    ("path", "layer", "expected"),
    [
        ("bin/tool", None, (0, "usr/bin/tool")),
        ("bin/other", None, (2, "bin/other")),
        ("usr/bin/tool", None, (2, "usr/bin/tool")),
        ("gone/f", None, (0, "gone/f")),
        ("gone/f", 0, (0, "gone/f")),
        ("gone/f", 1, None),
        ("late", 1, None),
        ("late", 2, (2, "late")),
        ("/", None, (2, "")),
        ("nowhere", None, None),
    ],
)
def test_a_path_is_found_as_of_the_last_layer_that_had_it(
    path: str, layer: int | None, expected: tuple[int, str] | None
) -> None:
    found = find_place(INDEX, path, layer)

    assert (found and (found.layer, found.node.path)) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/usr/bin/tol", ["usr/bin/tool"]),
        ("toool", []),
        ("/opt/tool", ["usr/bin/tool"]),
        ("/gone/ff", ["gone/f"]),
        ("/urs/bin", ["usr/bin"]),
        ("/urs", ["usr"]),
        ("/", []),
    ],
)
def test_near_paths(path: str, expected: list[str]) -> None:
    assert near_paths(INDEX, path)[:1] == expected
