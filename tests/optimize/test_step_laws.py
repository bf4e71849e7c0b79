"""Dropping, linking equal files and normalising, whatever the stack: nothing else changes."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layerscope.model.entry import Kind
from layerscope.optimize.sameness import Allowed, filesystem_differences
from layerscope.optimize.steps import Steps
from layerscope.spool import TEMP_VARIABLE
from layerscope.union.apply import build_index
from layerscope.union.views import merged
from tests.optimize.stacks import Optimized, tar_of
from tests.optimize.test_laws import optimized, without_broken_links
from tests.union.strategies import PATHS, Layers, any_stacks, dense_layers

JOINING = [
    Steps(),
    Steps(prune=True),
    Steps(squash_own=True),
    Steps(flatten=True),
    Steps(prune=True, include_base=True),
]
PATTERNS = ("/a", "/a/", "/a/b", "b", "/*/a", "/**/b/a", "/b/a/", "?")
LATEST_NS = 0


@pytest.fixture(autouse=True)
def temp(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder for temporary data."""
    folder: Path = tmp_path_factory.mktemp("temp")
    monkeypatch.setenv(TEMP_VARIABLE, str(folder))


def with_steps(steps: Steps, **more: object) -> Steps:
    """The same and more."""
    return type(steps)(**{name: getattr(steps, name) for name in steps.__struct_fields__} | more)


def seen(result: Optimized, dropped: str) -> list[str]:
    """What is not as it was before, save what a plain comparison of paths takes for dropped."""
    gone = {
        row.path
        for row in merged(result.index_before)
        if any(row.path == one.path or row.path.startswith(f"{one.path}/") for one in result.work.removed)
    }
    assert gone == set(result.work.allowed.dropped), dropped
    return [
        str(one)
        for one in filesystem_differences(result.index_before, result.index, Allowed(dropped=frozenset(gone)))
    ]


@pytest.mark.parametrize("steps", JOINING, ids=str)
@given(layers=any_stacks, pattern=st.sampled_from(PATTERNS))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_dropped_is_gone_and_nothing_else(steps: Steps, layers: Layers, pattern: str) -> None:
    result = optimized(layers, with_steps(steps, drop=(pattern,)))

    assert seen(result, pattern) == []


@pytest.mark.parametrize("seed", range(100))
def test_dropping_from_dense_stacks_leaves_the_rest_at_every_seam(seed: int) -> None:
    """With a base or without one, whatever else is done."""
    random = Random(seed)
    layers = dense_layers(random)
    own = random.randint(0, len(layers) - 1)
    pattern = random.choice(PATTERNS)

    for steps in JOINING:
        result = optimized(layers, with_steps(steps, drop=(pattern,)), own)
        assert seen(result, pattern) == [], (steps, own, pattern)


@pytest.mark.parametrize("seed", range(60))
def test_no_own_layer_ships_what_was_dropped(seed: int) -> None:
    """Looked for by the names in the tars themselves."""
    random = Random(seed)
    layers = dense_layers(random)
    own = random.randint(0, len(layers) - 1)

    result = optimized(layers, Steps(drop=("/a/",)), own)

    if not any(entry.kind in (Kind.SYMLINK, Kind.HARDLINK) for entries in layers for entry in entries):
        for tar in result.tars[own:]:
            with tarfile.open(fileobj=io.BytesIO(tar)) as opened:
                names = [name for name in opened.getnames() if name == "a" or name.startswith("a/")]
                assert names == []


@pytest.mark.parametrize("seed", range(60))
def test_dropping_twice_is_dropping_once(seed: int) -> None:
    random = Random(seed)
    layers = dense_layers(random)
    own = random.randint(0, len(layers) - 1)
    steps = Steps(drop=(random.choice(PATTERNS),))

    once = optimized(layers, steps, own)
    again = Optimized(once.tars, steps, own)

    assert again.tars == once.tars


@pytest.mark.parametrize("steps", JOINING, ids=str)
@given(layers=any_stacks)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_equal_files_of_a_layer_share_their_content_and_look_the_same(steps: Steps, layers: Layers) -> None:
    result = optimized(layers, with_steps(steps, dedupe=True))

    allowed = Allowed(linked=True)
    assert list(filesystem_differences(result.index_before, result.index, allowed)) == []
    if any(entry.kind is Kind.AUFS for entries in layers for entry in entries):
        return  # what AUFS left is copied as it is
    for changeset in result.changesets_after:
        looks = [
            (entry.content_hash, entry.mode, entry.uid, entry.gid, entry.mtime_ns)
            for entry in changeset.entries
            if entry.kind is Kind.FILE and entry.stored_bytes
        ]
        repeated = {path for path in PATHS if [entry.path for entry in changeset.entries].count(path) > 1}
        assert repeated or len(looks) == len(set(looks))


@pytest.mark.parametrize("seed", range(60))
def test_linking_twice_is_linking_once(seed: int) -> None:
    steps = Steps(dedupe=True)

    once = optimized(dense_layers(Random(seed)), steps)
    again = Optimized(once.tars, steps)

    assert again.tars == once.tars


@pytest.mark.parametrize("steps", JOINING, ids=str)
@given(layers=any_stacks)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_normalising_changes_times_and_nothing_else(steps: Steps, layers: Layers) -> None:
    result = optimized(layers, with_steps(steps, latest_s=0))

    allowed = Allowed(latest_ns=LATEST_NS)
    assert list(filesystem_differences(result.index_before, result.index, allowed)) == []
    assert {entry.mtime_ns for changeset in result.changesets_after for entry in changeset.entries} <= {0}


@pytest.mark.parametrize("seed", range(60))
def test_normalising_twice_is_normalising_once(seed: int) -> None:
    layers = dense_layers(Random(seed))

    for joining in JOINING:
        for steps in (with_steps(joining, latest_s=0), with_steps(joining, latest_s=0, dedupe=True)):
            once = optimized(layers, steps)
            again = Optimized(once.tars, steps)
            assert again.tars == once.tars, steps


@pytest.mark.parametrize("seed", range(60))
def test_the_order_of_a_layers_entries_leaves_no_trace_in_a_normalised_one(seed: int) -> None:
    """Where it means nothing: no path twice, nothing below what is no directory, no links."""
    random = Random(seed)
    plain = [
        [entry for entry in entries if entry.kind in (Kind.FILE, Kind.WHITEOUT, Kind.FIFO)]
        for entries in without_broken_links(dense_layers(random))
    ]
    once = [
        list({entry.path: entry for entry in entries if "/" not in entry.path}.values()) for entries in plain
    ]
    shuffled = [random.sample(entries, len(entries)) for entries in once]

    results = [
        Optimized([tar_of(entries) for entries in stack], Steps(latest_s=0)) for stack in (once, shuffled)
    ]

    assert results[0].tars == results[1].tars


@pytest.mark.parametrize("seed", range(60))
def test_all_steps_at_once_keep_the_rest(seed: int) -> None:
    random = Random(seed)
    layers = dense_layers(random)
    own = random.randint(0, len(layers) - 1)

    for joining in JOINING:
        steps = with_steps(joining, drop=("/a/b",), dedupe=True, latest_s=0)
        result = optimized(layers, steps, own)
        allowed = Allowed(dropped=result.work.allowed.dropped, linked=True, latest_ns=0)
        assert list(filesystem_differences(result.index_before, result.index, allowed)) == [], steps
        written = [changeset.content_bytes for changeset in result.changesets_after]
        assert [layer.content_bytes for layer in result.plan.layers] == written


def test_the_index_that_the_proof_takes_is_the_original() -> None:
    """What is dropped is taken out of an index of its own."""
    tars = [tar_of(entries) for entries in without_broken_links(dense_layers(Random(3)))]

    result = Optimized(tars, Steps(drop=("/**",)))

    assert build_index(result.changesets).nodes == result.index_before.nodes
    assert [row.path for row in merged(result.index)] == [""]
