"""``--max-size``: what the uncompressed layers take."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from layerscope.gates.max_size import GATE
from layerscope.inspection import inspect
from tests.gates.spelling import NO_NUMBERS
from tests.oci.build import built, layout
from tests.sources.images import WASTE_LAYERS, inspected, packed, without_layers

TAR_BYTES = sum(map(len, WASTE_LAYERS))


@pytest.mark.parametrize(
    ("text", "size_bytes"),
    [
        ("0", 0),
        ("500MB", 500_000_000),
        ("500 MB", 500_000_000),
        ("1.5GiB", 1_610_612_736),
        ("1048576", 1_048_576),
        ("2t", 2_000_000_000_000),
        ("1PiB", 1 << 50),
        ("0.5kB", 500),
        ("9" * 15, 10**15 - 1),
        ("\u0662\u0660MB", 20_000_000),
    ],
)
def test_sizes_in_si_and_binary_units(text: str, size_bytes: int) -> None:
    assert GATE.parse(text) == size_bytes


@pytest.mark.parametrize("text", [*NO_NUMBERS, "10%", "1.5.5MB", "1e9", "1EB"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no size"):
        GATE.parse(text)


@pytest.mark.parametrize(("spare", "passed"), [(0, True), (1, True), (-1, False)])
def test_exactly_the_limit_passes_and_a_byte_more_fails(spare: int, tmp_path: Path, *, passed: bool) -> None:
    verdict = GATE.judge(inspected(tmp_path, *WASTE_LAYERS), TAR_BYTES + spare)

    assert verdict.passed is passed


def test_compressed_layers_count_uncompressed(tmp_path: Path) -> None:
    stored = [gzip.compress(tar) for tar in WASTE_LAYERS]
    image = packed(tmp_path / "image.tar", layout(built(*WASTE_LAYERS), stored=stored))

    inspection = inspect(str(image))

    assert sum(map(len, stored)) < TAR_BYTES
    assert GATE.judge(inspection, TAR_BYTES).passed
    assert not GATE.judge(inspection, TAR_BYTES - 1).passed


def test_the_verdict_reads_in_si_units(tmp_path: Path) -> None:
    verdict = GATE.judge(inspected(tmp_path, *WASTE_LAYERS), 1_500_000_000)

    assert (verdict.gate, verdict.limit) == ("max-size", "1.50 GB")
    assert verdict.measured == f"{TAR_BYTES / 1000:.2f} kB"


def test_an_empty_image_has_no_size(tmp_path: Path) -> None:
    verdict = GATE.judge(inspect(str(without_layers(tmp_path))), 0)

    assert verdict.passed
    assert verdict.measured == "0 B"
