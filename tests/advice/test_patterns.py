"""Patterns of paths: what they mean, and that one walk for all finds what each alone would."""

from __future__ import annotations

import re
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerscope.advice.matching import Walk
from layerscope.advice.patterns import Patterns
from layerscope.union.waste import find_waste
from tests.union.dsl import file, layer, stack
from tests.union.strategies import Layers, any_stacks, changesets_of

NAMES = ("a", "b", "c.x", "d.x")
PATHS = ["/".join(parts) for depth in (1, 2, 3, 4) for parts in product(NAMES[:3], repeat=depth)]


def roots(pattern: str, *paths: str) -> list[str]:
    """What a pattern names among these files and the folders that they are in."""
    index = stack(layer(*(file(path, b"x") for path in paths)))
    (found,) = Walk(Patterns([(pattern, 0)]), [frozenset()]).run(index)
    return [match.root for match in found]


@pytest.mark.parametrize(
    ("pattern", "path", "root"),
    [
        ("/var/log/", "var/log/a/b", "var/log"),
        ("/var/log/", "srv/var/log/a", None),
        (".cache/pip/", "root/.cache/pip/a", "root/.cache/pip"),
        (".cache/pip/", ".cache/pip/a", ".cache/pip"),
        (".cache/pip/", "root/.cache/x/pip/a", None),
        ("core", "srv/core", "srv/core"),
        ("core", "srv/core/a", None),
        ("core/", "srv/core", None),
        ("*.pyc", "a/b.pyc", "a/b.pyc"),
        ("*.pyc", "a/pyc", None),
        ("*.js.map", "a/b.js.map", "a/b.js.map"),
        ("*.js.map", "a/b.css.map", None),
        ("hs_*.log", "hs_1.log", "hs_1.log"),
        ("hs_*.log", "xhs_1.log", None),
        ("ab*b.x", "ab.x", None),
        ("/usr/lib/python*/test/", "usr/lib/python3.1/test/a", "usr/lib/python3.1/test"),
        ("/usr/*/x", "usr/a/b/x", None),
        ("m/**/t/", "m/t/a", "m/t"),
        ("m/**/t/", "m/1/2/3/t/a", "m/1/2/3/t"),
        ("m/**/t/", "1/2/t/a", None),
        ("m/**/*.md", "m/1/a.md", "m/1/a.md"),
        ("*.dSYM/", "a/b.dSYM/c/d", "a/b.dSYM"),
    ],
)
def test_what_a_pattern_names(pattern: str, path: str, root: str | None) -> None:
    assert roots(pattern, path) == ([] if root is None else [root])


def test_a_match_within_a_match_is_one() -> None:
    """Otherwise its bytes would be counted twice."""
    assert roots("t/", "t/a/t/b", "x/t/c") == ["t", "x/t"]


@pytest.mark.parametrize("pattern", ["a*b", "*", "*x/"])
def test_what_may_stand_anywhere_begins_with_a_name_or_a_suffix(pattern: str) -> None:
    with pytest.raises(ValueError, match="anywhere"):
        Patterns([(pattern, 0)])


def as_regex(pattern: str) -> re.Pattern[str]:
    """The pattern in other terms: of whole paths of files, from the root on."""
    text = "" if pattern.startswith("/") else "(?:.*/)?"
    for part in pattern.strip("/").split("/"):
        text += "(?:[^/]+/)*" if part == "**" else re.escape(part).replace(r"\*", "[^/]*") + "/"
    return re.compile(text + ".+" if pattern.endswith("/") else text[:-1])


parts = st.sampled_from((*NAMES, "*.x"))
patterns = st.builds(
    lambda start, first, rest, end: start + "/".join([first, *rest]) + end,
    st.sampled_from(("", "/")),
    parts,
    st.lists(st.one_of(parts, st.sampled_from(("*", "**", "c*"))), max_size=2).filter(
        lambda rest: not rest or rest[-1] != "**"
    ),
    st.sampled_from(("", "/")),
)


@given(st.lists(patterns, min_size=1, max_size=5), st.sets(st.sampled_from(PATHS), max_size=12))
def test_one_walk_finds_what_each_pattern_says(wanted: list[str], paths: set[str]) -> None:
    plain = {path for path in paths if not any(other.startswith(f"{path}/") for other in paths)}
    index = stack(layer(*(file(path, b"x") for path in sorted(plain))))

    found = Walk(Patterns((p, n) for n, p in enumerate(wanted)), [frozenset()] * len(wanted)).run(index)

    for pattern, matches in zip(wanted, found, strict=True):
        expected = {path for path in plain if as_regex(pattern).fullmatch(path)}
        assert {item.path for match in matches for item in match.items} == expected
        assert sum(len(match.items) for match in matches) == len(expected)


@given(any_stacks)
def test_whatever_the_stack_the_whole_of_it_is_all_its_bytes(layers: Layers) -> None:
    """``**`` over all of it: what is visible once, what is hidden once, and nothing else."""
    index = stack(*changesets_of(layers))
    waste, visible_bytes = find_waste(index)

    (found,) = Walk(Patterns([("/**/*", 0)]), [frozenset()]).run(index)

    assert sum(item.size_bytes for match in found for item in match.items) == visible_bytes
    hidden_bytes = sum(sum(match.hidden.values()) for match in found)
    assert hidden_bytes == sum(
        one.size_bytes for one in waste if one.path and not one.path.startswith(".wh.")
    )
