"""``--max-waste``: a share of the content, or bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerscope.cli.gating import DEFAULT_LIMITS
from layerscope.extensions import Verdict
from layerscope.gates.max_waste import GATE
from layerscope.inspection import inspect
from layerscope.model.quantity import Share
from tests.gates.spelling import NO_NUMBERS
from tests.oci.tar.raw import member
from tests.sources.images import WASTE_LAYERS, inspected, layer, steps, whiteout, without_layers


@pytest.mark.parametrize(
    ("text", "ratio"),
    [("10%", 0.1), ("10 %", 0.1), (" 0% ", 0.0), ("100%", 1.0), ("12.5%", 0.125), ("\u0661\u0660%", 0.1)],
)
def test_a_percentage_is_a_share_of_the_content(text: str, ratio: float) -> None:
    limit = GATE.parse(text)

    assert isinstance(limit, Share)
    assert limit == ratio


@pytest.mark.parametrize(
    ("text", "size_bytes"),
    [
        ("0", 0),
        ("1048576", 1_048_576),
        ("20MB", 20_000_000),
        ("20mb", 20_000_000),
        ("20 MB", 20_000_000),
        ("1.5GiB", 1_610_612_736),
        ("1k", 1_000),
        ("1KiB", 1_024),
        ("3B", 3),
    ],
)
def test_anything_else_is_bytes(text: str, size_bytes: int) -> None:
    limit = GATE.parse(text)

    assert not isinstance(limit, Share)
    assert limit == size_bytes


@pytest.mark.parametrize("text", [*NO_NUMBERS, "101%", "1e3%", "10MB%"])
def test_what_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no size|no share"):
        GATE.parse(text)


def test_the_default_is_a_tenth() -> None:
    assert GATE.parse(DEFAULT_LIMITS[GATE.id]) == 0.1


@pytest.mark.parametrize("limit", ["10%", "100", "100%", "1GB"])
def test_exactly_the_limit_passes(limit: str, tmp_path: Path) -> None:
    verdict = judge(tmp_path, limit)

    assert verdict.passed


@pytest.mark.parametrize("limit", ["9.99%", "99", "0%", "0"])
def test_just_over_the_limit_fails(limit: str, tmp_path: Path) -> None:
    verdict = judge(tmp_path, limit)

    assert not verdict.passed


def test_a_share_is_measured_in_percent_and_bytes_in_bytes(tmp_path: Path) -> None:
    share, size = judge(tmp_path, "5%"), judge(tmp_path, "1MB")

    assert (share.gate, share.measured, share.limit) == ("max-waste", "10.0 %", "5.0 %")
    assert (size.gate, size.measured, size.limit) == ("max-waste", "100 B", "1.00 MB")


def test_the_verdict_names_the_layer_that_causes_most(tmp_path: Path) -> None:
    inspection = inspected(tmp_path, *WASTE_LAYERS, history=steps("COPY . .", "RUN rm /gone"))

    assert GATE.judge(inspection, Share(0.05)).because == "layer 1 causes 100 B: RUN rm /gone"


def test_the_instruction_in_the_verdict_is_harmless(tmp_path: Path) -> None:
    history = steps("COPY . .", "RUN rm \x1b[2J\u202e /gone")

    because = GATE.judge(inspected(tmp_path, *WASTE_LAYERS, history=history), Share(0.0)).because

    assert because == r"layer 1 causes 100 B: RUN rm \x1b[2J\xe2\x80\xae /gone"


def test_without_waste_nobody_is_blamed(tmp_path: Path) -> None:
    verdict = GATE.judge(inspected(tmp_path, layer(member(b"a", b"1"))), Share(0.0))

    assert verdict.passed
    assert (verdict.measured, verdict.because) == ("0.0 %", "")


def test_an_image_of_nothing_but_waste_is_all_waste(tmp_path: Path) -> None:
    inspection = inspected(tmp_path, layer(member(b"a", b"1")), layer(whiteout(b"a")))

    assert GATE.judge(inspection, Share(0.999)).measured == "100.0 %"
    assert not GATE.judge(inspection, Share(0.999)).passed
    assert GATE.judge(inspection, Share(1.0)).passed


@pytest.mark.parametrize("limit", ["0%", "0", "10%"])
def test_an_empty_image_passes_and_measures_a_number(limit: str, tmp_path: Path) -> None:
    empty = inspect(str(without_layers(tmp_path)))

    verdict = GATE.judge(empty, GATE.parse(limit))

    assert verdict.passed
    assert verdict.measured in ("0.0 %", "0 B")


def judge(folder: Path, limit: str) -> Verdict:
    """Hold the image of which a tenth is wasted to a limit."""
    return GATE.judge(inspected(folder, *WASTE_LAYERS), GATE.parse(limit))
