"""Layers side by side: what became of each, and why."""

from __future__ import annotations

import gzip
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerscope.comparison.comparing import Comparison
from layerscope.comparison.layer_entries import Effect
from layerscope.comparison.pairing import Cause, Status, pair_layers
from layerscope.comparison.subject import LayerFacts, Subject
from tests.comparison.images import Layered, archived, compared, reported, stacked, stored
from tests.oci.tar.raw import member
from tests.sources.images import layer, whiteout
from tests.union.dsl import layer as changeset

BASE = ("ADD file:0123456789abcdef in /", layer(member(b"bin/sh", b"#!")))
APT = ("RUN apt-get install tool", layer(member(b"usr/tool", b"t" * 100, mtime=1)))
APT_LATER = (APT[0], layer(member(b"usr/tool", b"t" * 100, mtime=2)))
APT_OWNED = (APT[0], layer(member(b"usr/tool", b"t" * 100, mtime=1, uid=7)))
COPY = ("COPY . /app", layer(member(b"app/main", b"one"), member(b"app/kept", b"k")))
COPY_NEW = (
    "COPY . /app",
    layer(member(b"app/main", b"three"), member(b"app/new", b"n"), member(b"app/kept", b"k")),
)
TEST = ("RUN make test", layer(member(b"app/result", b"ok")))


def became(comparison: Comparison) -> list[tuple[str, int | None, int | None, str | None]]:
    """Status, the two numbers, and the cause of each pair."""
    return [
        (
            pair.status.value,
            pair.old.number if pair.old else None,
            pair.new.number if pair.new else None,
            pair.cause.value if pair.cause else None,
        )
        for pair in comparison.pairs
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([BASE, APT], [BASE, APT], [("same", 0, 0, None), ("same", 1, 1, None)]),
        ([BASE, APT], [BASE, APT_LATER], [("same", 0, 0, None), ("rebuilt", 1, 1, "input")]),
        ([BASE, APT], [BASE, APT_OWNED], [("same", 0, 0, None), ("changed", 1, 1, "input")]),
        (
            [BASE, COPY, APT],
            [BASE, COPY_NEW, APT_LATER],
            [("same", 0, 0, None), ("changed", 1, 1, "input"), ("rebuilt", 2, 2, "below")],
        ),
        (
            [BASE, APT],
            [BASE, COPY, APT],
            [("same", 0, 0, None), ("new", None, 1, "instruction"), ("same", 1, 2, None)],
        ),
        (
            [BASE, TEST, APT],
            [BASE, APT],
            [("same", 0, 0, None), ("gone", 1, None, "instruction"), ("same", 2, 1, None)],
        ),
        (
            [BASE, ("RUN apt-get install one", APT[1]), COPY],
            [BASE, ("RUN apt-get install two", COPY_NEW[1]), TEST],
            [
                ("same", 0, 0, None),
                ("changed", 1, 1, "instruction"),
                ("gone", 2, None, "instruction"),
                ("new", None, 2, "instruction"),
            ],
        ),
        (
            [BASE, ("RUN useradd app", APT[1]), ("RUN make", COPY[1])],
            [BASE, ("RUN pip install flask", COPY_NEW[1]), ("RUN make", TEST[1])],
            [("same", 0, 0, None), ("changed", 1, 1, "instruction"), ("changed", 2, 2, "below")],
        ),
        (
            [BASE, ("RUN useradd app", APT[1])],
            [BASE, ("RUN pip install flask", COPY_NEW[1]), ("RUN make", TEST[1])],
            [
                ("same", 0, 0, None),
                ("gone", 1, None, "instruction"),
                ("new", None, 1, "instruction"),
                ("new", None, 2, "instruction"),
            ],
        ),
        ([], [BASE], [("new", None, 0, "instruction")]),
        ([BASE], [], [("gone", 0, None, "instruction")]),
    ],
)
def test_what_became_of_each_layer(
    old: Layered, new: Layered, expected: list[tuple[str, int | None, int | None, str | None]], tmp_path: Path
) -> None:
    found = became(Comparison(old=side(tmp_path, old, "old.tar"), new=side(tmp_path, new, "new.tar")))

    assert found == expected


def side(folder: Path, layers: Layered, name: str) -> Subject:
    """An image; one without layers is none that docker could save."""
    return archived(folder, layers, name) if layers else stacked()


def test_the_same_step_of_an_old_builder_is_known_by_its_words_not_by_its_checksum(tmp_path: Path) -> None:
    old = [("/bin/sh -c #(nop) COPY dir:11111111aaaa in /app ", COPY[1])]
    new = [("/bin/sh -c #(nop) COPY dir:22222222bbbb in /app ", COPY_NEW[1])]

    (pair,) = compared(tmp_path, old, new).pairs

    assert (pair.status, pair.cause) == (Status.CHANGED, Cause.INPUT)


def test_other_build_arguments_are_told_from_another_instruction(tmp_path: Path) -> None:
    old = [("RUN |1 VERSION=1 /bin/sh -c make # buildkit", APT[1])]
    new = [("RUN |1 VERSION=2 /bin/sh -c make # buildkit", COPY[1])]

    (pair,) = compared(tmp_path, old, new).pairs

    assert pair.cause is Cause.ARGUMENTS


def test_a_step_without_a_layer_in_front_may_be_the_cause(tmp_path: Path) -> None:
    history = [{"created_by": "ENV A=2", "empty_layer": True}, {"created_by": APT[0]}]

    (pair,) = compared(tmp_path, [APT], [APT_LATER], history=history).pairs

    assert (pair.status, pair.cause) == (Status.REBUILT, Cause.STEP)


def test_the_entries_that_differ_are_listed_the_largest_first(tmp_path: Path) -> None:
    old = ("RUN x", layer(member(b"gone", b"g" * 9), member(b"same", b"s"), whiteout(b"hidden")))
    new = ("RUN x", layer(member(b"came", b"c" * 5), member(b"same", b"s", mtime=9), whiteout(b"other")))

    (pair,) = compared(tmp_path, [old], [new]).pairs

    assert pair.difference is not None
    assert pair.difference.effect is Effect.FILES
    assert [(one.path, one.change, one.size_bytes, one.marker) for one in pair.difference.changes] == [
        ("gone", "removed", 9, False),
        ("came", "added", 5, False),
        ("hidden", "removed", 0, True),
        ("other", "added", 0, True),
    ]


def test_another_owner_is_metadata_and_another_time_is_nothing(tmp_path: Path) -> None:
    effects = [
        pair.difference.effect if pair.difference else None
        for new in (APT_OWNED, APT_LATER)
        for pair in compared(tmp_path, [APT], [new]).pairs
    ]

    assert effects == [Effect.METADATA, Effect.TIMES]


def test_the_same_tar_in_another_blob_is_recompressed(tmp_path: Path) -> None:
    fast, small = (gzip.compress(APT[1], level, mtime=0) for level in (1, 9))
    old, new = (
        stored(tmp_path, [APT], [blob], f"{len(blob)}-{number}.tar")
        for number, blob in enumerate((fast, small))
    )

    (pair,) = pair_layers(old, new)

    assert fast != small
    assert (pair.status, pair.cause) == (Status.RECOMPRESSED, None)


def test_what_docker_saved_is_held_against_a_registrys_by_diff_ids(tmp_path: Path) -> None:
    blobs = [gzip.compress(tar, mtime=0) for _, tar in (BASE, APT)]
    old = archived(tmp_path, [BASE, APT], "docker.tar")
    new = stored(tmp_path, [BASE, APT], blobs, "registry.tar")

    assert [pair.status for pair in pair_layers(old, new)] == [Status.SAME, Status.SAME]


def test_of_a_report_nobody_knows_whether_a_layer_was_only_rebuilt(tmp_path: Path) -> None:
    comparison = compared(tmp_path, [BASE, APT], [BASE, APT_LATER])

    pairs = pair_layers(reported(comparison.old, tmp_path / "old.json"), comparison.new)

    assert [(pair.status, pair.difference) for pair in pairs] == [(Status.SAME, None), (Status.CHANGED, None)]


@pytest.mark.parametrize(
    ("old", "new", "blamed"),
    [
        ([BASE, COPY, APT], [BASE, COPY_NEW, APT_LATER], (1, 1)),
        ([BASE, TEST, APT], [BASE, APT_LATER], (1, None)),
        ([BASE, TEST, APT], [BASE, COPY, APT_LATER], (None, 1)),
        ([BASE, APT], [BASE, APT], None),
        ([BASE, APT], [BASE], None),
    ],
)
def test_the_lowest_layer_with_a_reason_of_its_own_is_to_blame(
    old: Layered, new: Layered, blamed: tuple[int | None, int | None] | None, tmp_path: Path
) -> None:
    pair = compared(tmp_path, old, new).to_blame

    numbers = (pair.old and pair.old.number, pair.new and pair.new.number) if pair else None
    assert numbers == blamed


texts = st.sampled_from(["", "RUN a", "RUN a b", "RUN c", "COPY x /", "COPY y /"])
identities = st.sampled_from([None, "sha256:1", "sha256:2", "sha256:3"])


@given(st.lists(st.tuples(texts, identities), max_size=6), st.lists(st.tuples(texts, identities), max_size=6))
def test_every_layer_stands_in_one_pair_and_in_order(
    old: list[tuple[str, str | None]], new: list[tuple[str, str | None]]
) -> None:
    sides = [stacked(*[changeset()] * len(layers)) for layers in (old, new)]
    known = [tuple(facts(number, *one) for number, one in enumerate(layers)) for layers in (old, new)]

    pairs = pair_layers(*(replace(*both) for both in zip(sides, known, strict=True)))

    assert [pair.old.number for pair in pairs if pair.old] == list(range(len(old)))
    assert [pair.new.number for pair in pairs if pair.new] == list(range(len(new)))
    assert all((pair.status is Status.SAME) == identical(pair.old, pair.new) for pair in pairs)


def test_more_layers_than_any_engine_takes_are_paired_by_their_place() -> None:
    counts = (3_000, 2_000)
    many = [tuple(facts(number, "RUN a", None) for number in range(count)) for count in counts]

    pairs = pair_layers(*(unread(layers) for layers in many))

    assert [(pair.old is None, pair.new is None) for pair in pairs] == [
        *[(False, False)] * 2_000,
        *[(False, True)] * 1_000,
    ]


def unread(layers: tuple[LayerFacts, ...]) -> Subject:
    """An image of which a report tells."""
    return msgspec.structs.replace(stacked(), layers=layers, inspection=None)


def replace(subject: Subject, layers: tuple[LayerFacts, ...]) -> Subject:
    """The same image as if that were known of its layers."""
    return msgspec.structs.replace(subject, layers=layers)


def identical(old: LayerFacts | None, new: LayerFacts | None) -> bool:
    """Whether both are the same tar, as far as anybody knows."""
    return old is not None and new is not None and old.diff_id == new.diff_id is not None


def facts(number: int, instruction: str, diff_id: str | None) -> LayerFacts:
    """A layer of which nothing else is known."""
    return LayerFacts(
        number=number,
        digest=None,
        diff_id=diff_id,
        compression="none",
        entries=0,
        content_bytes=0,
        tar_bytes=0,
        compressed_bytes=0,
        instruction=instruction or None,
        created_by=instruction or None,
        base=None,
    )
