"""What holds for the suggestions of any image."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from layerscope.extensions import Rule
from layerscope.loading import load
from layerscope.model.entry import Entry
from layerscope.model.suggestion import Priority
from tests.rules.dsl import Case, case, step
from tests.union.dsl import file, hardlink, opaque, whiteout
from tests.union.strategies import Layers, any_stacks

RULES: dict[str, Rule] = load("rule")
STRUCTURE = {
    rule.id for rule in RULES.values() if rule.priority in (Priority.WASTE, Priority.WASTE_EXPLAINED)
}
INSTRUCTIONS = (
    "RUN apt-get install -y gcc",
    "RUN chown -R app:app /a && rm -rf /b",
    "RUN apt-get purge gcc",
    "RUN apt-get upgrade -y",
    "COPY . . # buildkit",
    "ADD https://example.com/a.tgz /a",
    "",
)

# Names that rules look for, so that they meet, and few of them, so that layers do.
NAMES = (
    *("var/lib/dpkg/status", "var/lib/apt/lists/a", "root/.cache/pip/a", "app/.git/a", "app/tests/a.pyc"),
    *("usr/share/doc/a", "app/node_modules/typescript/test/a.md", "tmp/core", "app/x.tar.gz", "a", "b"),
)
paths = st.sampled_from(NAMES)
entries: st.SearchStrategy[Entry] = st.one_of(
    st.builds(
        file,
        paths,
        st.sampled_from((b"", b"x" * 10, b"y" * 5000, b"z" * 5000)),
        mode=st.sampled_from((0o644, 0o755)),
        uid=st.integers(0, 1),
    ),
    st.builds(hardlink, paths, paths),
    st.builds(whiteout, paths),
    st.builds(opaque, st.sampled_from(("app", "var", "root"))),
)
likely_stacks: st.SearchStrategy[Layers] = st.lists(st.lists(entries, max_size=10), max_size=5)


def built(layers: Layers, instructions: list[str], base: int | None = None) -> Case:
    """An image of these layers; instructions that are missing are empty."""
    texts = [*instructions, *[""] * len(layers)]
    return case(
        *(step(text, *entries) for text, entries in zip(texts, layers, strict=False)),
        base=None if base is None else min(base, len(layers)),
    )


instructions = st.lists(st.sampled_from(INSTRUCTIONS), max_size=5)
bases = st.one_of(st.none(), st.integers(0, 3))


@given(st.one_of(any_stacks, likely_stacks), instructions, bases)
def test_every_wasted_byte_is_told_of_once(layers: Layers, texts: list[str], base: int | None) -> None:
    image = built(layers, texts, base)

    found = image.advice()

    told = sum(one.net_bytes for one in found if one.rule in STRUCTURE)
    assert told == image.analysis.totals.wasted_bytes


@given(st.one_of(any_stacks, likely_stacks), instructions, bases)
def test_no_byte_is_credited_twice(layers: Layers, texts: list[str], base: int | None) -> None:
    image = built(layers, texts, base)

    found = image.advice()

    net_bytes = sum(one.net_bytes for one in found)
    assert net_bytes <= image.analysis.totals.content_bytes
    assert all(one.net_bytes <= one.gross_bytes for one in found)


@given(likely_stacks, instructions)
def test_the_same_image_has_the_same_suggestions(layers: Layers, texts: list[str]) -> None:
    first, second = built(layers, texts).advice(), built(layers, texts).advice()

    assert first == second
    assert list(first) == sorted(first, key=lambda one: -one.net_bytes)


@given(likely_stacks, instructions)
def test_the_order_in_which_rules_are_loaded_does_not_matter(layers: Layers, texts: list[str]) -> None:
    image = built(layers, texts)

    assert image.advice() == image.advice(*reversed(RULES.values()))


@given(likely_stacks, instructions)
def test_each_rule_alone_counts_what_it_counts_among_all(layers: Layers, texts: list[str]) -> None:
    """Crediting takes from the net bytes only, and may take all of them."""
    image = built(layers, texts)
    alone = {(one.rule, one.title, one.gross_bytes) for rule in RULES.values() for one in image.advice(rule)}

    assert {(one.rule, one.title, one.gross_bytes) for one in image.advice()} <= alone
