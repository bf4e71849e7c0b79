"""Any stack gives what a dictionary gives that follows the image-spec sentence by sentence."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import assume, given

from layerscope.model.entry import Entry, Kind
from layerscope.union.index import PathIndex
from layerscope.union.views import merged
from tests.union.dsl import (
    stack,
    waste_of,
)
from tests.union.naive import CircularError, NaiveStack
from tests.union.strategies import Layers, any_stacks, changesets_of, dense_layers, orderly, orderly_stacks

DENSE_STACKS = 4_000

Tree = dict[str, tuple[Entry | None, frozenset[str]]]


def tree_of(index: PathIndex) -> Tree:
    """Read the merged filesystem: what each path is, and which names share a file's inode."""
    rows = list(merged(index))
    groups: dict[str, set[str]] = {}
    for row in rows:
        groups.setdefault(row.link_of or row.path, set()).add(row.path)
    return {row.path: (row.entry, frozenset(groups[row.link_of or row.path])) for row in rows}


def naive_tree_of(naive: NaiveStack) -> Tree:
    """Read the same of the dictionary."""
    groups: dict[int, set[str]] = {}
    for path, standing in naive.tree.items():
        groups.setdefault(id(standing.inode), set()).add(path)
    return {
        path: (entry, frozenset(groups[id(standing.inode)] if is_file(entry) else {path}))
        for path, standing in naive.tree.items()
        for entry in (standing.inode.entry,)
    }


def is_file(entry: Entry | None) -> bool:
    """Tell whether the names of an inode are told: those of regular files are."""
    return entry is not None and entry.kind is Kind.FILE


def naive_of(layers: Layers) -> NaiveStack:
    """Apply the layers to a dictionary; circles are for tests of their own."""
    try:
        return NaiveStack(layers)
    except CircularError:
        assume(condition=False)
        raise


@given(orderly_stacks)
def test_an_orderly_stack_has_the_merged_filesystem_of_the_naive_model(layers: Layers) -> None:
    index = stack(*changesets_of(layers))

    assert tree_of(index) == naive_tree_of(naive_of(layers))


@given(orderly_stacks)
def test_an_orderly_stack_has_the_waste_of_the_naive_model(layers: Layers) -> None:
    index = stack(*changesets_of(layers))

    assert sorted(waste_of(index)) == sorted(naive_of(layers).waste())


@given(any_stacks)
def test_any_stack_has_the_merged_filesystem_of_the_naive_model(layers: Layers) -> None:
    """Also with repeated paths, symlinked parents and files that have something below them."""
    naive = naive_of(layers)

    index = stack(*changesets_of(layers))

    assert tree_of(index) == naive_tree_of(naive)


@given(any_stacks)
def test_any_stack_has_the_waste_of_the_naive_model(layers: Layers) -> None:
    """Also with repeated paths, symlinked parents and files that have something below them."""
    naive = naive_of(layers)

    index = stack(*changesets_of(layers))

    assert sorted(waste_of(index)) == sorted(naive.waste())


@pytest.mark.parametrize("kept", [orderly, list], ids=["orderly", "any"])
def test_many_dense_stacks_are_those_of_the_naive_model(kept: Callable[[Layers], Layers]) -> None:
    """Thousands of them, the same ones in every run; a failure names its layers."""
    compared = 0
    for seed in range(DENSE_STACKS):
        layers = kept(dense_layers(Random(seed)))
        try:
            naive = NaiveStack(layers)
        except CircularError:
            continue
        index = stack(*changesets_of(layers))
        compared += 1

        assert tree_of(index) == naive_tree_of(naive), layers
        assert sorted(waste_of(index)) == sorted(naive.waste()), layers

    assert compared > 0.7 * DENSE_STACKS
