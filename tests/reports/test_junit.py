"""``--junit``: each gate a test case."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import msgspec

from layerscope.extensions import Verdict
from layerscope.inspection import Inspection
from layerscope.reports.junit import REPORT
from tests.reports.hostile import HOSTILE, hostile_image, hostile_verdicts, written


def document(inspection: Inspection, verdicts: list[Verdict]) -> Element:
    """The report, parsed."""
    return fromstring(written(REPORT.id, inspection, verdicts))  # noqa: S314 - our own


def test_gates_are_test_cases(tmp_path: Path) -> None:
    root = document(hostile_image(tmp_path), hostile_verdicts())

    cases = root.findall("./testsuite/testcase")
    assert [case.get("name") for case in cases] == [
        "max-waste",
        "max-dir /</b>\\x1b[2J|`x`",
        "no-root",
    ]
    assert [[part.tag for part in case] for case in cases] == [["system-out"], ["failure"], ["system-out"]]
    failure = cases[1][0]
    assert failure.get("message") == "2.00 kB, the limit is 1.00 kB"
    assert failure.text == '2.00 kB, the limit is 1.00 kB; <i>"x"</i> & @someone, 10%'
    assert (cases[2][0].text or "").startswith("warning: root")


def test_the_counts_are_those_of_the_cases(tmp_path: Path) -> None:
    root = document(hostile_image(tmp_path), hostile_verdicts())

    for element in (root, root[0]):
        assert (element.get("tests"), element.get("failures"), element.get("errors")) == ("3", "1", "0")


def test_any_reference_makes_a_document(tmp_path: Path) -> None:
    inspection = hostile_image(tmp_path)
    for name in HOSTILE:
        image = msgspec.structs.replace(inspection.image, reference=name)
        renamed = msgspec.structs.replace(inspection, image=image)

        root = document(renamed, [])

        assert root[0].get("name")
        assert root.get("tests") == "0"
