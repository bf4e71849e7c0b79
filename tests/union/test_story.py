"""What is told of one path adds up to what the whole image wastes and ships."""

from __future__ import annotations

from hypothesis import assume, given

from layerscope.model.image import Image, ImageConfig, Layer
from layerscope.union.analysis import Analysis, analyze
from layerscope.union.compare import Change
from layerscope.union.index import Hidden
from layerscope.union.story import Step, Story, story_of
from tests.union.dsl import directory, file, hardlink, layer, opaque, symlink, whiteout
from tests.union.strategies import Layers, changesets_of, orderly_stacks


def analysed(layers: Layers) -> Analysis:
    """An image with these layers; each content has its own place, as in a real layer."""
    changesets = changesets_of(layers)
    placed = []
    for changeset in changesets:
        entries = [
            type(entry)(
                **{name: getattr(entry, name) for name in entry.__struct_fields__} | {"offset": number}
            )
            for number, entry in enumerate(changeset.entries, 1)
        ]
        placed.append(layer(*entries))
    image = Image(
        reference="test",
        config=ImageConfig(),
        layers=tuple(Layer(number=number, blob=str(number)) for number in range(len(placed))),
    )
    return analyze(image, placed)


def story(layers: Layers, path: str) -> Story:
    """The story of a path."""
    analysis = analysed(layers)
    node = analysis.index.find(path)
    assert node is not None
    return story_of(analysis, node)


def steps(layers: Layers, path: str) -> list[tuple[int, Change, Hidden | None, int, int, int]]:
    """Layer, change, how it was hidden, bytes shipped, wasted and caused."""

    def plain(step: Step) -> tuple[int, Change, Hidden | None, int, int, int]:
        bytes_of = (step.shipped_bytes, step.wasted_bytes, step.caused_bytes)
        return (step.layer, step.change, step.how, *bytes_of)

    return [plain(step) for step in story(layers, path).steps]


@given(orderly_stacks)
def test_the_root_has_all_waste_and_all_content(layers: Layers) -> None:
    assume(layers)
    analysis = analysed(layers)

    told = story_of(analysis, analysis.index.root)

    assert told.wasted_bytes == analysis.totals.wasted_bytes
    assert sum(row.shipped_bytes for row in told.below) == analysis.totals.content_bytes
    assert sum(row.caused_bytes for row in told.below) == analysis.totals.wasted_bytes


@given(orderly_stacks)
def test_each_layer_ships_and_causes_what_the_accounts_say(layers: Layers) -> None:
    assume(layers)
    analysis = analysed(layers)

    rows = {row.layer: row for row in story_of(analysis, analysis.index.root).below}

    for accounts in analysis.layers:
        row = rows.get(accounts.number)
        found = (row.shipped_bytes, row.wasted_bytes, row.caused_bytes) if row else (0, 0, 0)
        assert found == (
            accounts.content_bytes,
            accounts.waste_shipped_bytes,
            accounts.waste_caused_bytes,
        )


def test_what_an_opaque_whiteout_hides() -> None:
    found = steps([[file("d/f", b"xyz")], [opaque("d")]], "d/f")

    assert found == [(0, Change.ADDED, None, 3, 3, 0), (1, Change.DELETED, Hidden.OPAQUE, 0, 0, 3)]


def test_what_goes_with_its_directory() -> None:
    found = steps([[file("d/f", b"xyz")], [whiteout("d")]], "d/f")

    assert found[1] == (1, Change.DELETED, Hidden.PARENT, 0, 0, 3)


def test_what_comes_and_goes_within_a_layer() -> None:
    found = steps([[file("d/f", b"xyz"), file("d", b"now a file")]], "d/f")

    assert found == [(0, Change.ADDED, None, 3, 3, 0), (0, Change.DELETED, Hidden.PARENT, 0, 0, 3)]


def test_the_bytes_of_a_hard_link_stand_where_its_content_is() -> None:
    layers: Layers = [[file("a", b"xyz"), hardlink("b", "a")], [whiteout("a")], [whiteout("b")]]

    assert steps(layers, "a") == [
        (0, Change.ADDED, None, 3, 3, 0),
        (1, Change.DELETED, Hidden.WHITEOUT, 0, 0, 0),
    ]
    assert steps(layers, "b") == [
        (0, Change.ADDED, None, 0, 0, 0),
        (2, Change.DELETED, Hidden.WHITEOUT, 0, 0, 3),
    ]


def test_bytes_of_which_two_names_go_together_are_caused_once() -> None:
    told = story([[file("a", b"xyz"), hardlink("b", "a")], [whiteout("a"), whiteout("b")]], "")

    assert [(row.removed, row.caused_bytes) for row in told.below] == [(0, 0), (2, 3)]


def test_a_directory_that_became_a_symlink() -> None:
    told = story([[directory("d"), file("d/f", b"xyz")], [symlink("d", "e")]], "d")

    assert [(step.change, [found.what for found in step.differences]) for step in told.steps] == [
        (Change.ADDED, []),
        (Change.MODIFIED, ["type"]),
    ]
    assert [(row.layer, row.added, row.removed, row.wasted_bytes) for row in told.below] == [
        (0, 1, 0, 3),
        (1, 0, 1, 0),
    ]


def test_times_that_differ_by_less_than_a_second_are_told_in_full() -> None:
    import msgspec

    old = file("a", b"x", mtime=1)
    new = msgspec.structs.replace(old, mtime_ns=old.mtime_ns + 5)

    (difference,) = story([[old], [new]], "a").steps[1].differences

    assert (difference.before, difference.after) == (
        "1970-01-01 00:00:01.000000000",
        "1970-01-01 00:00:01.000000005",
    )


def test_a_time_beyond_the_calendar_is_told_in_seconds() -> None:
    (difference,) = story([[file("a", b"x")], [file("a", b"x", mtime=1 << 40)]], "a").steps[1].differences

    assert (difference.before, difference.after) == ("1970-01-01 00:00:00", f"{1 << 40} s")
