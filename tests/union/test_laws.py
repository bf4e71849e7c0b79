"""What holds for any stack of layers, however odd its entries are."""

from __future__ import annotations

from itertools import pairwise
from random import Random

from hypothesis import assume, given
from hypothesis import strategies as st

from layerscope.model.entry import Entry, Kind
from layerscope.union.compare import Change
from layerscope.union.directories import directory_totals
from layerscope.union.index import PathIndex, walk
from layerscope.union.views import Touched, changes, history, merged
from tests.union.dsl import layer, opaque, stack, visible_bytes, waste_of, whiteout
from tests.union.strategies import (
    MARKERS,
    PATHS,
    PSEUDO_LINKS,
    Layers,
    any_stacks,
    changesets_of,
    orderly_stacks,
    paths,
)


def tree_of(index: PathIndex) -> list[tuple[str, Entry | None, str | None]]:
    """Read the merged filesystem without the numbers of layers."""
    return [(row.path, row.entry, row.link_of) for row in merged(index)]


@given(orderly_stacks, st.randoms(use_true_random=False))
def test_the_order_of_entries_inside_a_layer_never_matters(layers: Layers, random: Random) -> None:
    """Where no path is repeated and no parent is a symlink."""
    shuffled = [random.sample(entries, len(entries)) for entries in layers]

    index, other = stack(*changesets_of(layers)), stack(*changesets_of(shuffled))

    assert list(merged(other)) == list(merged(index))
    assert sorted(waste_of(other)) == sorted(waste_of(index))


@given(any_stacks, st.integers(0, 5))
def test_an_empty_changeset_is_the_identity(layers: Layers, position: int) -> None:
    """Wherever it lies in the stack."""
    place = min(position, len(layers))

    index = stack(*changesets_of(layers))
    padded = stack(*changesets_of([*layers[:place], [], *layers[place:]]))

    assume(layers)
    assert tree_of(padded) == tree_of(index)
    assert waste_of(padded) == [
        (path, cause, shipped + (shipped >= place), hidden + (hidden >= place), size_bytes)
        for path, cause, shipped, hidden, size_bytes in waste_of(index)
    ]


@given(orderly_stacks)
def test_applying_a_changeset_twice_equals_once(layers: Layers) -> None:
    """Where its hard links name files of its own."""
    assume(layers)
    own = {entry.path for entry in layers[-1] if entry.kind in (Kind.FILE, Kind.SYMLINK, Kind.FIFO)}
    last = layer(*(e for e in layers[-1] if e.kind is not Kind.HARDLINK or e.link_target in own))
    lower = changesets_of(layers[:-1])

    assert tree_of(stack(*lower, last, last)) == tree_of(stack(*lower, last))


@given(orderly_stacks, st.data())
def test_an_opaque_whiteout_equals_explicit_whiteouts_of_the_lower_children(
    layers: Layers, data: st.DataObject
) -> None:
    assume(layers)
    *lower, last = layers
    upper = [entry for entry in last if entry.kind not in MARKERS]
    solid = [entry.path for entry in upper if entry.kind is not Kind.DIRECTORY]
    below = {row.path: row for row in merged(stack(*changesets_of(lower)))}
    directories = [
        path
        for path, row in below.items()
        if (row.entry is None or row.entry.kind is Kind.DIRECTORY)
        and not any(path == other or path.startswith(f"{other}/") for other in solid)
    ]
    assume(directories)
    marked = data.draw(st.sampled_from(directories))
    children = [path for path in below if path and path.rpartition("/")[0] == marked]

    at_once = stack(*changesets_of([*lower, [opaque(marked), *upper]]))
    one_by_one = stack(*changesets_of([*lower, [*map(whiteout, children), *upper]]))

    assert list(merged(at_once)) == list(merged(one_by_one))
    assert waste_of(at_once) == waste_of(one_by_one)


@given(any_stacks)
def test_content_is_what_can_be_seen_and_what_is_wasted(layers: Layers) -> None:
    """Every file with content is one or the other, and waste is never nothing."""
    changesets = changesets_of(layers)

    index = stack(*changesets)

    waste = waste_of(index)
    seen = [row for row in merged(index) if row.link_of is None and row.entry]
    shipped = [entry for entries in layers for entry in entries if entry.stored_bytes]
    wasted_bytes = sum(size_bytes for *_, size_bytes in waste)
    content_bytes = sum(changeset.content_bytes for changeset in changesets)
    assert content_bytes == visible_bytes(index) + wasted_bytes
    assert visible_bytes(index) == sum(row.entry.stored_bytes for row in seen if row.entry)
    assert len(shipped) == len(waste) + sum(1 for row in seen if row.entry and row.entry.stored_bytes)
    assert all(size_bytes > 0 for *_, size_bytes in waste)
    assert all(0 <= by <= hidden < len(layers) for _, _, by, hidden, _ in waste)


@given(any_stacks)
def test_the_view_as_of_a_layer_is_the_stack_cut_after_it(layers: Layers) -> None:
    """Whatever the layers above it do, hard links to it among it."""
    changesets = changesets_of(layers)
    index = stack(*changesets)

    for number in range(len(layers)):
        cut = stack(*changesets[: number + 1])

        assert list(merged(index, number)) == list(merged(cut))


@given(any_stacks, st.integers(0, 4), st.integers(0, 4))
def test_the_changes_of_layers_lead_from_the_tree_below_them_to_theirs(
    layers: Layers, first: int, last: int
) -> None:
    """One layer's, or a range's taken together."""
    assume(first <= last < len(layers))
    index = stack(*changesets_of(layers))
    tree = {row.path: row.entry for row in merged(index, first - 1)}

    for row in changes(index, first, last):
        assert (row.before is not None) == (row.path in tree)
        assert row.change is kind_of_change(row)
        if row.after is None:
            del tree[row.path]
        else:
            tree[row.path] = row.after.source

    assert tree == {row.path: row.entry for row in merged(index, last)}


def kind_of_change(row: Touched) -> Change:
    """Tell what a row should be called from what stands before and after it."""
    if row.before is None:
        return Change.ADDED
    if row.after is None:
        return Change.DELETED
    same = content_of(row.before.source) == content_of(row.after.source)
    return Change.METADATA_ONLY if same else Change.MODIFIED


def content_of(entry: Entry | None) -> tuple[object, ...]:
    """Read what is not metadata: type, content, link text or device number."""
    if entry is None or entry.kind is Kind.DIRECTORY:
        return (Kind.DIRECTORY,)
    if entry.kind is Kind.HARDLINK:
        return (Kind.HARDLINK,)
    return entry.kind, entry.content_hash, entry.size_bytes, entry.link_target


@given(any_stacks)
def test_the_history_of_a_path_agrees_with_every_view(layers: Layers) -> None:
    """The last event up to a layer tells what stands there; a layer's last one, what it did."""
    index = stack(*changesets_of(layers))
    touched = [{row.path: row for row in changes(index, k)} for k in range(len(layers))]

    for path in all_paths(layers):
        node, events = index.find(path), history(index, path)

        assert (node is None) == (not events)
        assert all(earlier.layer <= later.layer for earlier, later in pairwise(events))
        for number in range(len(layers)):
            past = [event for event in events if event.layer <= number]
            seen = past[-1].version if past else None
            assert seen is (node.at(number) if node else None)
            row = touched[number].get(path)
            if row is not None:
                assert (past[-1].layer, past[-1].change) == (number, row.change)
                assert past[-1].differs == row.differs


@given(any_stacks)
def test_every_path_is_found_and_walked_once(layers: Layers) -> None:
    """The visible, the hidden, and none besides."""
    index = stack(*changesets_of(layers))

    walked = list(walk(index.root))
    known = [node for node in index.nodes if node.path not in PSEUDO_LINKS]
    assert sorted(map(id, walked)) == sorted(map(id, known))
    assert all(index.find(node.path) is node for node in walked)
    absent = set(all_paths(layers)) - {node.path for node in walked}
    assert [path for path in absent if index.find(path)] == []


@given(any_stacks)
def test_a_merged_filesystem_is_a_tree(layers: Layers) -> None:
    """Sorted part by part, no path twice, every parent a directory, every link to a row of it."""
    rows = list(merged(stack(*changesets_of(layers))))

    by_path = {row.path: row for row in rows}
    assert len(by_path) == len(rows)
    assert [row.path for row in rows] == sorted(by_path, key=lambda path: path.split("/"))
    for row in rows:
        parent = by_path[row.path.rpartition("/")[0]].entry
        assert parent is None or parent.kind is Kind.DIRECTORY
        if row.link_of is not None:
            home = by_path[row.link_of]
            assert home.link_of is None
            assert home.entry is row.entry


@given(any_stacks, paths)
def test_the_view_below_a_directory_is_that_part_of_the_whole(layers: Layers, below: str) -> None:
    index = stack(*changesets_of(layers))

    part = list(merged(index, below=below))

    whole = [row for row in merged(index) if f"{row.path}/".startswith(f"{below}/")]
    assert part == whole


@given(orderly_stacks)
def test_the_totals_of_the_root_are_the_visible_bytes_and_files_of_each_layer(layers: Layers) -> None:
    """A hard link group counts once by its bytes, and as many files as it has names."""
    changesets = changesets_of(layers)
    totals = directory_totals(stack(*changesets))[""]

    for number in range(len(layers)):
        cut = stack(*changesets[: number + 1])

        files = [row for row in merged(cut) if row.entry and row.entry.kind is not Kind.DIRECTORY]
        assert totals.at(number).size_bytes == visible_bytes(cut)
        assert totals.at(number).file_count == len(files)


def all_paths(layers: Layers) -> list[str]:
    """List every path that could have come to be, and some that did not."""
    written = {entry.path for entries in layers for entry in entries}
    return sorted({"", "nowhere", *PATHS, *written} - set(PSEUDO_LINKS))
