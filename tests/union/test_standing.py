"""What is told of all paths at once, against what each path says of itself."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from layerscope.union.index import is_directory
from layerscope.union.standing import Standing
from layerscope.union.tree import Tree
from tests.union.dsl import stack
from tests.union.strategies import Layers, any_stacks, changesets_of


@given(any_stacks.filter(bool), st.lists(st.integers(0, 3), min_size=1, max_size=6))
def test_steps_up_and_down_tell_what_the_paths_tell(layers: Layers, walk: list[int]) -> None:
    """Whatever layers were asked for before."""
    nodes = Tree(stack(*changesets_of(layers)), []).nodes
    standing = Standing(nodes)
    for step in walk:
        layer = min(step, len(layers) - 1)
        visible = [(place, node.at(layer)) for place, node in enumerate(nodes) if place]
        there = [(place, version) for place, version in visible if version is not None]

        told = standing.at(layer)

        sizes, versions = standing.sizes_at(layer), standing.versions_at(layer)
        directories = standing.directories_at(layer)
        assert list(told) == [place for place, _ in there]
        for place, version in there:
            assert versions[place] is version
            assert (place in directories) is is_directory(version)
            if not is_directory(version):
                assert version.source is not None
                assert sizes[place] == version.source.stored_bytes
