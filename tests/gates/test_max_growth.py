"""``--max-growth`` and ``--max-update``: what changed since another image."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerscope.comparison.comparing import Comparison
from layerscope.comparison.subject import subject_of
from layerscope.extensions import Gate, Verdict
from layerscope.gates.baseline import Against
from layerscope.gates.max_growth import GATE
from layerscope.gates.max_update import GATE as UPDATE
from tests.comparison.images import compared, shrunk
from tests.gates.spelling import NO_NUMBERS
from tests.oci.tar.raw import member
from tests.sources.images import WASTE_LAYERS, inspected, layer

TAR_BYTES = sum(map(len, WASTE_LAYERS))
BASE = ("ADD base /", layer(member(b"base", b"b" * 300)))
APP = ("COPY app /", layer(member(b"app", b"a" * 300)))
NEXT = ("COPY app /", layer(member(b"app", b"c" * 300)))
NEXT_BYTES = len(NEXT[1])
"""Half of all, since the other layer is as large."""


def grown(folder: Path, before: int, limit: str) -> Verdict:
    """The verdict on an image that took so many bytes before."""
    new = subject_of(inspected(folder, *WASTE_LAYERS))
    old = shrunk(new, tar_bytes=before)
    return GATE.judge(new.inspection, Against(Comparison(old=old, new=new), GATE.parse(limit)))


def updated(comparison: Comparison, limit: str) -> Verdict:
    """The verdict on what has to be pulled."""
    return UPDATE.judge(comparison.new.inspection, Against(comparison, UPDATE.parse(limit)))


@pytest.mark.parametrize(
    ("before", "limit", "passed"),
    [
        (TAR_BYTES, "0%", True),
        (TAR_BYTES, "0", True),
        (TAR_BYTES - 1, "0", False),
        (TAR_BYTES - 1, "0%", False),
        (TAR_BYTES - 10, "10", True),
        (TAR_BYTES - 11, "10", False),
        (TAR_BYTES // 2, "100%", True),
        (TAR_BYTES // 2 - 1, "100%", False),
        (TAR_BYTES * 2, "0", True),
        (TAR_BYTES // 4, "300%", True),
        (TAR_BYTES // 4 - 1, "300%", False),
        (0, "100%", True),
        (0, "99%", False),
    ],
)
def test_exactly_the_limit_passes_and_a_byte_more_fails(
    before: int, limit: str, tmp_path: Path, *, passed: bool
) -> None:
    assert grown(tmp_path, before, limit).passed is passed


def test_an_image_that_shrank_says_so(tmp_path: Path) -> None:
    verdict = grown(tmp_path, TAR_BYTES + 500, "1kB")

    assert (verdict.passed, verdict.measured, verdict.limit) == (True, "-500 B", "1.00 kB")
    assert verdict.because.endswith("image.tar")


@pytest.mark.parametrize(
    ("limit", "passed"),
    [
        (str(NEXT_BYTES), True),
        (str(NEXT_BYTES - 1), False),
        ("0", False),
        ("50%", True),
        ("49.999%", False),
        ("100%", True),
    ],
)
def test_what_has_to_be_pulled_may_be_the_limit_and_no_byte_more(
    limit: str, tmp_path: Path, *, passed: bool
) -> None:
    verdict = updated(compared(tmp_path, [BASE, APP], [BASE, NEXT]), limit)

    assert verdict.passed is passed


def test_an_update_that_pulls_nothing_passes_with_nothing(tmp_path: Path) -> None:
    comparison = compared(tmp_path, [BASE, APP], [BASE, APP])

    assert [updated(comparison, limit).passed for limit in ("0", "0%")] == [True, True]


def test_the_first_layer_that_has_to_be_pulled_is_named(tmp_path: Path) -> None:
    verdict = updated(compared(tmp_path, [BASE, APP], [BASE, NEXT]), "1")

    assert (verdict.gate, verdict.measured) == ("max-update", f"{NEXT_BYTES / 1000:.2f} kB")
    assert verdict.because.startswith("1 of 2 layers")
    assert verdict.because.endswith("from layer 1 on")


@pytest.mark.parametrize("gate", [GATE, UPDATE], ids=lambda gate: gate.id)
@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_is_no_limit_is_refused(gate: Gate, text: str) -> None:
    with pytest.raises(ValueError, match=r"no size|no share"):
        gate.parse(text)
