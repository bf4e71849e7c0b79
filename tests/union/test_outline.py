"""A view of the tree, line by line, against the same made the slow way."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from layerscope.union.filter import parse_filter
from layerscope.union.finder import Finder
from layerscope.union.index import PathIndex
from layerscope.union.marks import Marks
from layerscope.union.outline import Outline
from layerscope.union.tree import Row, Sort, Tree, View
from layerscope.union.views import changes, merged
from layerscope.union.waste import find_waste
from tests.union.dsl import directory, file, layer, stack, whiteout
from tests.union.strategies import Layers, any_stacks, changesets_of

views = st.builds(
    View,
    first=st.integers(0, 3),
    last=st.integers(0, 3),
    aggregated=st.booleans(),
    sort=st.sampled_from(Sort),
)
words = st.sampled_from(
    ("", "a", "b", "b/a", "size>1", "kind:changed", "kind:dir", "-a", "layer:1", "waste>0")
)


def tree_of(index: PathIndex) -> Tree:
    """Make the tree of a stack."""
    return Tree(index, find_waste(index)[0])


def lines(outline: Outline) -> list[Row]:
    """Ask for every line, the last first."""
    return [outline.row(index) for index in reversed(range(len(outline)))][::-1]


def slowly(tree: Tree, outline: Outline) -> list[Row]:
    """Make the same lines by walking down from the root."""
    found: list[Row] = []
    todo = list(reversed(tree.rows(outline.view)))
    while todo:
        row = todo.pop()
        found.append(row)
        if outline.is_open(row.position):
            todo += reversed(tree.rows(outline.view, row.position, row.depth + 1))
    return found


def fitted(view: View, layers: Layers) -> View:
    """Make a view of layers that there are."""
    last = min(view.last, len(layers) - 1)
    return View(first=min(view.first, last), last=last, aggregated=view.aggregated, sort=view.sort)


@given(any_stacks.filter(bool), views, words, st.booleans(), st.randoms(use_true_random=False))
def test_lines_are_those_of_a_walk(
    layers: Layers,
    view: View,
    text: str,
    everything: bool,  # noqa: FBT001
    random: Random,
) -> None:
    """Whatever is open, closed, filtered and sorted."""
    tree = tree_of(stack(*changesets_of(layers)))
    view = fitted(view, layers)
    outline = Outline(tree, view)
    if text:
        matches = Finder(tree).find(parse_filter(text), view)
        view = View(
            first=view.first, last=view.last, aggregated=view.aggregated, sort=view.sort, matches=matches
        )
        outline.show(view)
    if everything:
        outline.open_all()
    for position in random.sample(range(1, len(tree.nodes)), min(3, len(tree.nodes) - 1)):
        outline.toggle(position)

    found = lines(outline)

    assert found == slowly(tree, outline)
    assert [outline.index(row.position) for row in found] == list(range(len(found)))


@given(any_stacks.filter(bool), views)
def test_everything_open_is_the_merged_filesystem_and_what_was_removed(layers: Layers, view: View) -> None:
    """Aggregated; where a directory was replaced, what was in it is not listed below the file."""
    index = stack(*changesets_of(layers))
    view = fitted(view, layers)
    tree = tree_of(index)
    outline = Outline(tree, View(first=view.last, last=view.last, sort=Sort.NAME))

    outline.open_all()

    shown = [tree.nodes[row.position].path for row in lines(outline) if row.change != "deleted"]
    assert sorted(shown) == sorted(row.path for row in merged(index, view.last) if row.path)


@given(any_stacks.filter(bool), views)
def test_changes_are_those_of_the_layers(layers: Layers, view: View) -> None:
    """Each path that they touched, with what they did to it."""
    index = stack(*changesets_of(layers))
    view = fitted(view, layers)
    view = View(first=view.first, last=view.last, aggregated=False)
    tree = tree_of(index)
    outline = Outline(tree, view)

    outline.open_all()

    shown = {tree.nodes[row.position].path: row.change for row in lines(outline)}
    for touched in changes(index, view.first, view.last):
        if touched.path:
            assert shown[touched.path] is touched.change


@given(any_stacks.filter(bool), views)
def test_a_directory_is_as_large_as_what_is_in_it(layers: Layers, view: View) -> None:
    """As of any layer; names of a hard link group stand for its bytes once."""
    index = stack(*changesets_of(layers))
    view = fitted(view, layers)
    tree = tree_of(index)
    files = [row for row in merged(index, view.last) if row.entry is not None and row.link_of is None]

    shown = tree.shown(View(first=view.last, last=view.last), 0)

    assert shown is not None
    assert tree.size_bytes(View(first=view.last, last=view.last), 0, shown) == sum(
        row.entry.stored_bytes for row in files if row.entry is not None
    )


@given(any_stacks.filter(bool))
def test_what_layers_ship_and_waste_adds_up(layers: Layers) -> None:
    """Over all layers it is what the records say, but for what AUFS left, which has no path."""
    changesets = changesets_of(layers)
    index = stack(*changesets)
    tree = tree_of(index)

    found = [tree.layer(number) for number in range(len(layers))]

    known = [record for record in find_waste(index)[0] if tree.position(record.path) is not None]
    assert sum(item.wasted_bytes for item in found) == sum(record.size_bytes for record in known)


def test_a_directory_that_became_a_file_shows_what_it_held_among_the_changes() -> None:
    """Otherwise nobody could walk to it."""
    tree = tree_of(stack(layer(directory("d"), file("d/f", b"x")), layer(whiteout("d"), file("d", b"y"))))
    outline = Outline(tree, View(first=1, last=1, aggregated=False))

    outline.open_all()

    assert [(row.name, row.depth, row.is_directory) for row in lines(outline)] == [
        ("d", 0, True),
        ("f", 1, False),
    ]


def test_a_view_that_changes_keeps_what_is_open() -> None:
    """Only a filter opens everything, and its end closes it again."""
    tree = tree_of(stack(layer(file("a/b/c", b"x"))))
    outline = Outline(tree, View(first=0, last=0))
    outline.reveal(3)

    counts = [len(outline)]
    outline.show(View(first=0, last=0, sort=Sort.NAME))
    counts.append(len(outline))
    outline.show(View(first=0, last=0, matches=Marks.of(4, [2])))
    counts.append(len(outline))
    outline.show(View(first=0, last=0))
    counts.append(len(outline))

    assert counts == [3, 3, 2, 1]
