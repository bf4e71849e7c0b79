"""Whatever is joined or dropped, whatever the stack: the merged filesystem stays the same."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerscope.advice.squashing import saved_by
from layerscope.model.entry import Kind
from layerscope.optimize.sameness import filesystem_differences
from layerscope.optimize.steps import Range, Steps
from layerscope.union.apply import build_index
from layerscope.union.waste import find_waste
from tests.optimize.stacks import Optimized, tar_of
from tests.union.strategies import Layers, any_stacks, changesets_of, dense_layers

EVERY_WAY = [
    Steps(prune=True),
    Steps(squash_own=True),
    Steps(flatten=True),
    Steps(prune=True, squash_own=True),
    Steps(prune=True, include_base=True),
]


def without_broken_links(layers: Layers) -> Layers:
    """Leave out hard links that name nothing: no engine unpacks them, and we refuse them."""
    while True:
        broken = {
            id(version.entry)
            for node in build_index(changesets_of(layers)).nodes
            for version in node.versions
            if version.entry is not None and version.entry.kind is Kind.HARDLINK and version.inode is None
        }
        if not broken:
            return layers
        layers = [[entry for entry in entries if id(entry) not in broken] for entries in layers]


def optimized(layers: Layers, steps: Steps, own: int = 0) -> Optimized:
    """Write the layers as real tars, optimise them and read them again."""
    return Optimized([tar_of(entries) for entries in without_broken_links(layers)], steps, own)


def differences(result: Optimized) -> list[str]:
    """What is not the same as before."""
    return [str(one) for one in filesystem_differences(result.index_before, result.index)]


@pytest.mark.parametrize("steps", EVERY_WAY, ids=str)
@given(layers=any_stacks, base=st.integers(0, 2))
def test_any_stack_makes_the_same_filesystem(steps: Steps, layers: Layers, base: int) -> None:
    result = optimized(layers, steps, min(base, len(layers)))

    assert differences(result) == []


@pytest.mark.parametrize("seed", range(300))
def test_dense_stacks_make_the_same_filesystem(seed: int) -> None:
    random = Random(seed)
    layers = dense_layers(random)
    own = random.randint(0, len(layers))

    for steps in EVERY_WAY:
        assert differences(optimized(layers, steps, own)) == [], (steps, own)


def links_across_layers(result: Optimized) -> bool:
    """Whether a hard link leads to a file of another layer; it may have to become a file, and takes room."""
    return any(
        version.inode is not None and version.inode.layer != version.layer
        for node in result.index_before.nodes
        for version in node.versions
    )


@pytest.mark.parametrize("seed", range(100))
def test_any_range_makes_the_same_filesystem_and_saves_what_is_wasted_in_it(seed: int) -> None:
    """As the analysis counts it: shipped and made useless by layers of the range."""
    random = Random(seed)
    layers = [*dense_layers(random), [], []]
    first = random.randint(0, len(layers) - 2)
    last = random.randint(first + 1, len(layers) - 1)

    result = optimized(layers, Steps(squash=(Range(first, last),)))

    assert differences(result) == []
    if not links_across_layers(result):
        assert result.saved_bytes == saved_by(find_waste(result.index_before)[0], first, last)


@pytest.mark.parametrize("seed", range(100))
def test_pruning_saves_the_waste_that_own_layers_ship(seed: int) -> None:
    random = Random(seed)
    layers = dense_layers(random)
    own = random.randint(0, len(layers))

    result = optimized(layers, Steps(prune=True), own)

    waste = find_waste(result.index_before)[0]
    if not links_across_layers(result):
        assert result.saved_bytes == sum(one.size_bytes for one in waste if one.shipped_by >= own)


@pytest.mark.parametrize("seed", range(100))
def test_what_was_planned_is_what_is_written(seed: int) -> None:
    random = Random(seed)
    layers = dense_layers(random)

    for steps in EVERY_WAY:
        result = optimized(layers, steps)
        written = [changeset.content_bytes for changeset in result.changesets_after]
        assert [layer.content_bytes for layer in result.plan.layers] == written, steps


@pytest.mark.parametrize("seed", range(100))
def test_joining_in_two_steps_is_joining_in_one(seed: int) -> None:
    """The same filesystem at the end of the range, so that anything may come above it."""
    layers = [*dense_layers(Random(seed)), [], []]
    both = Range(0, 2)

    lower = optimized(layers, Steps(squash=(Range(0, 1),)))
    then = Optimized(lower.tars, Steps(squash=(Range(0, 1),)))
    upper = optimized(layers, Steps(squash=(Range(1, 2),)))
    or_then = Optimized(upper.tars, Steps(squash=(Range(0, 1),)))

    once = optimized(layers, Steps(squash=(both,)))
    for twice in (then, or_then):
        assert list(filesystem_differences(twice.index, once.index)) == []


@pytest.mark.parametrize("seed", range(100))
def test_a_second_run_changes_nothing(seed: int) -> None:
    random = Random(seed)
    layers = dense_layers(random)
    own = random.randint(0, len(layers))

    for steps in EVERY_WAY:
        once = optimized(layers, steps, own)
        again = Optimized(once.tars, steps, min(own, len(once.tars)))
        assert again.tars == once.tars, steps


@pytest.mark.parametrize("steps", EVERY_WAY, ids=str)
@given(layers=any_stacks, base=st.integers(0, 2))
def test_a_second_run_changes_nothing_of_any_stack(steps: Steps, layers: Layers, base: int) -> None:
    own = min(base, len(layers))
    once = optimized(layers, steps, own)

    again = Optimized(once.tars, steps, min(own, len(once.tars)))

    assert again.tars == once.tars
