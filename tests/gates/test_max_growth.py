"""``--max-growth`` against a report that ``--json`` wrote."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerscope.errors import UsageError
from layerscope.extensions import Verdict
from layerscope.gates.baseline import Against, Baseline, read_baseline
from layerscope.gates.max_growth import GATE
from layerscope.reports.json import REPORT
from tests.sources.images import WASTE_LAYERS, inspected, layer

TAR_BYTES = sum(map(len, WASTE_LAYERS))


def grown(folder: Path, before: int, limit: str) -> Verdict:
    """The verdict on an image that took so many bytes before."""
    baseline = Baseline(reference="app:1", tar_bytes=before, compressed_bytes=0, wasted_bytes=0)
    return GATE.judge(inspected(folder, *WASTE_LAYERS), Against(baseline, GATE.parse(limit)))


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
    assert verdict.because.endswith("since app:1")


def test_a_report_is_a_baseline(tmp_path: Path) -> None:
    inspection = inspected(tmp_path, *WASTE_LAYERS)
    path = tmp_path / "report.json"
    with path.open("wb") as stream:
        REPORT.write(inspection, [], stream)

    baseline = read_baseline(str(path))

    assert baseline.tar_bytes == TAR_BYTES
    assert baseline.wasted_bytes == 100
    assert not GATE.judge(
        inspected(tmp_path, *WASTE_LAYERS, layer(), name="new.tar"), Against(baseline, 1023)
    ).passed


@pytest.mark.parametrize("text", ["", "[]", "{}", "nonsense", '{"schema_version": 1}', "\xff"])
def test_what_is_no_report_is_refused_by_name(text: str, tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_bytes(text.encode("latin-1"))

    with pytest.raises(UsageError, match="no report of layerscope") as caught:
        read_baseline(str(path))

    assert str(path) in caught.value.message


def test_a_baseline_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        read_baseline(str(tmp_path / "none.json"))
