"""History matched to layers, whatever it tells (LAYER_CASES 84, checklist 27)."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerscope.model.image import HistoryEntry, Image
from layerscope.oci.assemble import match_history
from tests.oci.build import BASE, MIDDLE, TOP, Json, as_tar, built, docker_archive, layout, open_tar

LAYERS = (BASE, MIDDLE, TOP)


def step(text: str) -> Json:
    """A step that made a layer."""
    return {"created_by": text}


def empty(text: str) -> Json:
    """A step that made none."""
    return {"created_by": text, "empty_layer": True}


def image_with(history: list[Json] | None, folder: Path) -> Image:
    """An image of three layers with this history, the same from both formats."""
    image = built(*LAYERS, history=history)
    found = [open_tar(as_tar(files), folder).image for files in (docker_archive(image), layout(image))]
    assert steps_of(found[0]) == steps_of(found[1])
    return found[0]


def steps_of(image: Image) -> list[tuple[list[str], str | None]]:
    """The empty steps before each layer and the layer's own, and the trailing ones at the end."""
    found: list[tuple[list[str], str | None]] = [
        ([one.created_by for one in layer.empty_steps], layer.history.created_by if layer.history else None)
        for layer in image.layers
    ]
    return [*found, ([one.created_by for one in image.trailing_steps], None)]


def test_empty_steps_stand_before_the_layer_that_follows_them(tmp_path: Path) -> None:
    history = [step("a"), empty("e1"), empty("e2"), step("b"), step("c"), empty("e3")]

    image = image_with(history, tmp_path)

    assert steps_of(image) == [([], "a"), (["e1", "e2"], "b"), ([], "c"), (["e3"], None)]
    assert image.complete
    assert image.diagnostics == ()


@pytest.mark.parametrize("history", [None, []])
def test_an_absent_history_gives_no_steps(history: list[Json] | None, tmp_path: Path) -> None:
    image = image_with(history, tmp_path)

    assert steps_of(image) == [([], None)] * 4
    assert image.complete
    assert image.diagnostics == ()


def test_a_history_that_is_too_short_belongs_to_the_upper_layers(tmp_path: Path) -> None:
    """A base without history is what tools leave that append layers."""
    image = image_with([empty("e"), step("b"), step("c")], tmp_path)

    assert steps_of(image) == [([], None), (["e"], "b"), ([], "c"), ([], None)]
    assert [remark.code for remark in image.diagnostics] == ["history"]


def test_a_history_that_is_too_long_is_matched_from_the_start_and_loses_nothing(tmp_path: Path) -> None:
    image = image_with([step("a"), empty("e"), step("b"), step("c"), step("d"), empty("f")], tmp_path)

    assert steps_of(image) == [([], "a"), (["e"], "b"), ([], "c"), (["d", "f"], None)]


def test_a_history_of_empty_steps_only_is_kept(tmp_path: Path) -> None:
    image = image_with([empty("e1"), empty("e2")], tmp_path)

    found = steps_of(image)

    assert [own for _, own in found] == [None] * 4
    assert [text for before, _ in found for text in before] == ["e1", "e2"]


def test_every_step_of_any_history_is_kept_exactly_once() -> None:
    """All histories of up to seven steps over up to four layers."""
    for layers in range(5):
        for length in range(8):
            for bits in range(1 << length):
                history = tuple(
                    HistoryEntry(created_by=str(number), empty_layer=bool(bits >> number & 1))
                    for number in range(length)
                )
                own, before, trailing = match_history(history, layers)

                kept = [one for number in range(layers) for one in (*before[number], own[number]) if one]
                assert [*kept, *trailing] == list(history)
                assert len(own) == len(before) == layers
                assert not any(one.empty_layer for one in own if one)


def test_odd_values_in_a_history_are_read(tmp_path: Path) -> None:
    history: list[Json] = [
        {"created": None, "created_by": None, "author": "a", "comment": "buildkit.dockerfile.v0"},
        {"created": "2020-01-01T00:00:00Z", "created_by": "|1 TOKEN=x /bin/sh -c make # buildkit"},
        {"created_by": "cmd /S /C powershell", "empty_layer": None, "unknown": [1]},
    ]

    first, second, third = (layer.history for layer in image_with(history, tmp_path).layers)

    assert first == HistoryEntry(author="a", comment="buildkit.dockerfile.v0")
    assert second is not None
    assert second.created_by == "|1 TOKEN=x /bin/sh -c make # buildkit"
    assert third == HistoryEntry(created_by="cmd /S /C powershell")
