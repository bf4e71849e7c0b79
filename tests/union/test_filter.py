"""The line that filters: what each word means, what it says of words that mean nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerscope.errors import UsageError
from layerscope.union.filter import parse_filter
from layerscope.union.finder import Finder
from layerscope.union.marks import Marks
from layerscope.union.tree import Tree, View
from layerscope.union.waste import find_waste
from tests.union.dsl import device, directory, file, hardlink, layer, stack, symlink, whiteout
from tests.union.strategies import Layers, any_stacks, changesets_of

OF_PATHS: dict[str, Callable[[str], bool]] = {
    "a": lambda path: "a" in path,
    "b/a": lambda path: "b/a" in path,
    "a/": lambda path: "a/" in path,
    "/a": lambda path: path.startswith("a"),
    "/a/b": lambda path: path.startswith("a/b"),
    "/a/": lambda path: "a" in path,
    "*a": lambda path: path.endswith("a"),
    "*a*": lambda path: "a" in path,
    "-b": lambda path: "b" not in path,
    "-/b": lambda path: not path.startswith("b"),
    "a -/a/b": lambda path: "a" in path and not path.startswith("a/b"),
}
"""Filter lines, and what they mean for a path."""

INDEX = stack(
    layer(
        directory("usr"),
        directory("usr/lib"),
        file("usr/lib/libc.so", b"c" * 2000),
        file("usr/lib/Python.py", b"p" * 10, uid=1000, gid=1000),
        file("usr/su", b"s", mode=0o4755),
        file("tmp/big", b"t" * 5000),
        symlink("lib", "usr/lib"),
        hardlink("libc", "usr/lib/libc.so"),
        device("null"),
    ),
    layer(
        file("usr/lib/libc.so", b"C" * 3000),
        file("usr/lib/Python.py", b"p" * 10),
        whiteout("tmp/big"),
        file("new.so", b"n"),
    ),
)
TREE = Tree(INDEX, find_waste(INDEX)[0])
LAST = View(first=1, last=1)


def found(text: str, view: View = LAST) -> list[str]:
    """Give the paths that a filter lets through."""
    return [TREE.nodes[place].path for place in Finder(TREE).find(parse_filter(text), view)]


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("python", ["usr/lib/Python.py"]),
        ("lib so", ["usr/lib/libc.so"]),
        ("*.so", ["new.so", "usr/lib/libc.so"]),
        ("usr/*.so", ["usr/lib/libc.so"]),
        ("/USR/lib", ["usr/lib", "usr/lib/Python.py", "usr/lib/libc.so"]),
        (r"/lib[c.]+so$/", ["usr/lib/libc.so"]),
        (r"/^n.* *s/", ["new.so"]),
        ("-usr -lib", ["new.so", "null", "tmp", "tmp/big"]),
        ("size>=3000 kind:file", ["tmp/big", "usr/lib/libc.so"]),
        ("size>2.5kB -kind:dir", ["tmp/big", "usr/lib/libc.so"]),
        ("size=1 ext:so", ["new.so"]),
        ("waste>1kB kind:file", ["tmp/big"]),
        ("kind:added", ["new.so"]),
        ("kind:modified", ["usr/lib/libc.so"]),
        ("kind:metadata", ["usr/lib/Python.py"]),
        ("kind:removed", ["tmp/big"]),
        ("kind:link", ["lib"]),
        ("kind:device", ["null"]),
        ("kind:setuid", ["usr/su"]),
        ("layer:1 kind:file", ["new.so", "usr/lib/Python.py", "usr/lib/libc.so"]),
        ("layer:0-1 ext:py", ["usr/lib/Python.py"]),
        ("owner:0 ext:py", ["usr/lib/Python.py"]),
        ("count>2 kind:dir", ["usr"]),
        ("nothing like it", []),
    ],
)
def test_words_pick_paths(text: str, paths: list[str]) -> None:
    """As of the last layer, with what it removed."""
    assert found(text) == paths


@given(any_stacks.filter(bool), st.sampled_from(sorted(OF_PATHS)), st.booleans())
def test_text_is_looked_for_in_whole_paths(layers: Layers, text: str, aggregated: bool) -> None:  # noqa: FBT001
    """Though only names are searched."""
    index = stack(*changesets_of(layers))
    tree = Tree(index, find_waste(index)[0])
    view = View(first=0, last=len(layers) - 1, aggregated=aggregated)
    seen = tree.positions(view) if aggregated else tree.touched_by(view)

    places = Finder(tree).find(parse_filter(text), view)

    paths = [tree.nodes[place].path for place in seen]
    assert [tree.nodes[place].path for place in places] == [path for path in paths if OF_PATHS[text](path)]


def test_what_a_range_of_layers_did_is_what_they_did_together() -> None:
    """What the first of them added and the second removed was neither there before nor after."""
    both = View(first=0, last=1)

    assert found("kind:added kind:file", both) == [
        "libc", "new.so", "usr/lib/Python.py", "usr/lib/libc.so", "usr/su",
    ]  # fmt: skip
    assert found("kind:removed", both) == found("kind:modified", both) == []


def test_paths_are_looked_for_in_the_view() -> None:
    """As of layer 0 there is another owner; among the changes there is less."""
    assert found("owner:1000:1000", View(first=0, last=0)) == ["usr/lib/Python.py"]
    assert found("owner:1000") == []
    assert found("lib", View(first=1, last=1, aggregated=False)) == ["usr/lib/Python.py", "usr/lib/libc.so"]


def test_a_hidden_path_is_dead_weight_in_its_layer() -> None:
    assert found("kind:hidden kind:file", View(first=0, last=0)) == [
        "tmp/big",
        "usr/lib/Python.py",
        "usr/lib/libc.so",
    ]


def test_typing_on_gives_what_typing_at_once_gives() -> None:
    """The finder remembers what it found for a shorter word."""
    finder = Finder(TREE)

    for text in ("l", "li", "lib", "libc", "lib", "python", "p"):
        assert list(finder.find(parse_filter(text), LAST)) == list(
            Finder(TREE).find(parse_filter(text), LAST)
        )


@pytest.mark.parametrize(
    "text",
    ["size>many", "size>", "kind:odd", "layer:x", "layer:", "owner:root", "/(/", "count>1MB", "waste<x"],
)
def test_a_word_that_means_nothing_is_named(text: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_filter(f"fine {text}")

    assert text in raised.value.message
    assert raised.value.hint


@pytest.mark.parametrize("text", ["", "   ", "-", "/", "!", "[", "*", "\\", "/a", "kind:", "://", "a" * 5000])
def test_no_line_breaks_the_filter(text: str) -> None:
    """What is half typed is text, or an error in words."""
    try:
        terms = parse_filter(text)
    except UsageError:
        return

    assert isinstance(Finder(TREE).find(terms, LAST), Marks)
