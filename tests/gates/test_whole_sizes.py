"""``--max-own-waste``, ``--max-compressed-size``, ``--max-layer-size``: figures of the whole image."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from layerscope.errors import UsageError
from layerscope.extensions import Gate
from layerscope.gates.max_compressed_size import GATE as COMPRESSED
from layerscope.gates.max_layer_size import GATE as LAYER_SIZE
from layerscope.gates.max_own_waste import GATE as OWN_WASTE
from layerscope.inspection import Options, inspect
from layerscope.model.quantity import Share
from tests.gates.spelling import NO_NUMBERS
from tests.oci.build import built, layout
from tests.sources.images import (
    WASTE_LAYERS,
    file,
    inspected,
    layer,
    packed,
    steps,
    whiteout,
    without_layers,
)


@pytest.mark.parametrize(
    ("limit", "passed"), [("30%", True), ("29.9%", False), ("30", True), ("29", False), ("100%", True)]
)
def test_own_waste_is_a_share_of_own_content(limit: str, tmp_path: Path, *, passed: bool) -> None:
    """The base wastes all it has, which is not counted; of 100 own bytes 30 are wasted."""
    inspection = inspected(
        tmp_path,
        layer(file(b"base", b"b" * 5000)),
        layer(file(b"keep", b"k" * 70), file(b"gone", b"g" * 30)),
        layer(whiteout(b"gone"), whiteout(b"base")),
        options=Options(base_layers=1),
    )

    assert OWN_WASTE.judge(inspection, OWN_WASTE.parse(limit)).passed is passed


def test_own_waste_wants_to_know_where_the_base_ends(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        OWN_WASTE.judge(inspected(tmp_path, *WASTE_LAYERS), Share(0.5))

    assert "--base-layers" in (caught.value.hint or "")


def test_own_waste_of_no_own_layers_is_none(tmp_path: Path) -> None:
    inspection = inspected(tmp_path, *WASTE_LAYERS, options=Options(base_layers=2))

    assert OWN_WASTE.judge(inspection, Share(0.0)).passed


@pytest.mark.parametrize(("spare", "passed"), [(0, True), (-1, False)])
def test_the_compressed_size_is_that_of_the_blobs(spare: int, tmp_path: Path, *, passed: bool) -> None:
    stored = [gzip.compress(tar) for tar in WASTE_LAYERS]
    image = packed(tmp_path / "image.tar", layout(built(*WASTE_LAYERS), stored=stored))

    verdict = COMPRESSED.judge(inspect(str(image)), sum(map(len, stored)) + spare)

    assert verdict.passed is passed


@pytest.mark.parametrize(("spare", "passed"), [(0, True), (-1, False)])
def test_the_largest_layer_counts_and_is_named(spare: int, tmp_path: Path, *, passed: bool) -> None:
    inspection = inspected(tmp_path, *WASTE_LAYERS, history=steps("COPY . .", "RUN rm /gone"))

    verdict = LAYER_SIZE.judge(inspection, len(WASTE_LAYERS[0]) + spare)

    assert verdict.passed is passed
    assert verdict.because == "layer 0: COPY . ."


def test_a_secret_in_an_instruction_is_not_repeated(tmp_path: Path) -> None:
    inspection = inspected(tmp_path, layer(file(b"a", b"1")), history=steps("RUN TOKEN=s3cr3tvalue make"))

    assert "s3cr3tvalue" not in LAYER_SIZE.judge(inspection, 0).because


@pytest.mark.parametrize("gate", [COMPRESSED, LAYER_SIZE], ids=lambda gate: gate.id)
def test_an_empty_image_passes(gate: Gate, tmp_path: Path) -> None:
    verdict = gate.judge(inspect(str(without_layers(tmp_path))), 0)

    assert (verdict.passed, verdict.measured) == (True, "0 B")


@pytest.mark.parametrize("gate", [COMPRESSED, LAYER_SIZE, OWN_WASTE], ids=lambda gate: gate.id)
@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_is_no_size_is_refused(gate: Gate, text: str) -> None:
    with pytest.raises(ValueError, match=r"no size|no share"):
        gate.parse(text)
