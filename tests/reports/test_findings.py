"""``--sarif``, ``--gitlab``, ``--github``: the same findings for three readers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import msgspec
import pytest
from jsonschema import Draft202012Validator

from layerscope.extensions import Verdict
from layerscope.inspection import Inspection, inspect
from layerscope.model.names import shown
from layerscope.reports.findings import findings
from layerscope.reports.github import REPORT as GITHUB
from layerscope.reports.gitlab import REPORT as GITLAB
from layerscope.reports.sarif import REPORT as SARIF
from tests.reports.hostile import HOSTILE, hostile_image, hostile_verdicts, written
from tests.sources.samples import NAMES, SAMPLES

TEXT = {"type": "string", "minLength": 1}


def exactly(optional: dict[str, Any] | None = None, **required: Any) -> dict[str, Any]:
    """An object with these keys and no others."""
    properties = {**required, **(optional or {})}
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def several(items: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A list of such things."""
    return {"type": "array", "items": items, **more}


MESSAGE = exactly(text=TEXT)
LEVEL = {"enum": ["error", "warning", "note"]}
LOG = exactly(
    **{
        "$schema": {"type": "string", "pattern": r"^https://.*sarif-schema-2\.1\.0\.json$"},
        "version": {"const": "2.1.0"},
        "runs": several(
            exactly(
                tool=exactly(
                    driver=exactly(
                        name={"const": "layerscope"},
                        version=TEXT,
                        rules=several(
                            exactly(
                                id=TEXT,
                                name={"type": "string", "pattern": "^[A-Z][A-Za-z]+$"},
                                shortDescription=MESSAGE,
                                fullDescription=MESSAGE,
                                help=MESSAGE,
                                defaultConfiguration=exactly(level=LEVEL),
                            ),
                            uniqueItems=True,
                        ),
                    )
                ),
                invocations=several(exactly(executionSuccessful={"const": True}), minItems=1),
                originalUriBaseIds=exactly(IMAGE=exactly(description=MESSAGE)),
                columnKind={"const": "unicodeCodePoints"},
                results=several(
                    exactly(
                        ruleId=TEXT,
                        ruleIndex={"type": "integer", "minimum": 0},
                        level=LEVEL,
                        message=MESSAGE,
                        locations=several(
                            exactly(
                                physicalLocation=exactly(
                                    artifactLocation=exactly(
                                        uri={"type": "string", "pattern": r"^[!-~]+$"},
                                        uriBaseId={"const": "IMAGE"},
                                    ),
                                    region=exactly(startLine={"const": 1}),
                                ),
                                logicalLocations=several(
                                    exactly(name=TEXT, fullyQualifiedName=TEXT, kind={"const": "resource"}),
                                    minItems=1,
                                    maxItems=1,
                                ),
                            ),
                            minItems=1,
                            maxItems=1,
                        ),
                        partialFingerprints=exactly(**{"layerscopeFinding/v1": TEXT}),
                        properties=exactly(
                            {"instruction": TEXT, "rewrite": TEXT},
                            savedBytes={"type": "integer", "minimum": 0},
                        ),
                    )
                ),
                properties=exactly(image=TEXT),
            ),
            minItems=1,
            maxItems=1,
        ),
    }
)
"""SARIF 2.1.0 as far as we use it, in our own words; the published schema allows a good deal more."""


def log_of(inspection: Inspection, verdicts: list[Verdict]) -> dict[str, Any]:
    """The log, read back."""
    found: dict[str, Any] = json.loads(written(SARIF.id, inspection, verdicts))
    return found


def images(folder: Path) -> Iterator[Inspection]:
    """The hostile image, and the samples."""
    yield hostile_image(folder)
    for name in NAMES:
        yield inspect(str(SAMPLES / name))


def test_the_log_has_the_structure_of_sarif(tmp_path: Path) -> None:
    validator = Draft202012Validator(LOG)
    logs = [log_of(inspection, hostile_verdicts()) for inspection in images(tmp_path)]

    faults = [f"{error.json_path}: {error.message}" for log in logs for error in validator.iter_errors(log)]

    assert len(logs) > 3
    assert faults == []


def test_each_result_points_at_its_rule(tmp_path: Path) -> None:
    run = log_of(hostile_image(tmp_path), hostile_verdicts())["runs"][0]

    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == sorted(set(rules))
    assert [rules[one["ruleIndex"]] for one in run["results"]] == [one["ruleId"] for one in run["results"]]


def test_a_place_is_the_layer_and_the_path(tmp_path: Path) -> None:
    run = log_of(hostile_image(tmp_path), [])["runs"][0]

    uris = [
        unquote(one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]) for one in run["results"]
    ]
    places = [one["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] for one in run["results"]]
    assert {f"kept/{shown(name)}" for name in HOSTILE[1:]} - set(uris) == set()
    assert {f"layer:{n % 3}/kept/{shown(name)}" for n, name in enumerate(HOSTILE) if n} - set(places) == set()


@pytest.mark.parametrize("report", [SARIF, GITLAB, GITHUB], ids=lambda report: report.id)
def test_gates_that_passed_are_no_findings(report: Any, tmp_path: Path) -> None:
    text = written(report.id, hostile_image(tmp_path), hostile_verdicts()).decode()

    assert "gate/max-dir" in text
    assert "gate/no-root" in text
    assert "gate/max-waste" not in text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"instruction": "ADD 01234567… /"}, {"instruction": "ADD 89abcdef… /"}),
        (
            {"instruction": f"COPY --from=x@sha256:{'a' * 64} / /"},
            {"instruction": f"COPY --from=x@sha256:{'b' * 64} / /"},
        ),
        ({"instruction": "RUN a  && b"}, {"instruction": "RUN a && b"}),
        ({"net_bytes": 5, "title": "5 B"}, {"net_bytes": 6, "title": "6 B"}),
        ({"layers": (0,)}, {"layers": (2,)}),
    ],
)
def test_a_fingerprint_survives_a_rebuild(
    before: dict[str, Any], after: dict[str, Any], tmp_path: Path
) -> None:
    """Other sizes, other digests, other layers below: the same finding."""
    inspection = hostile_image(tmp_path)
    first = inspection.suggestions[1]
    found = []
    for changes in (before, after):
        inspection.__dict__["suggestions"] = (msgspec.structs.replace(first, **changes),)
        found += [one.fingerprint for one in findings(inspection, [])]

    assert found[0] == found[1]


def test_a_finding_stands_at_the_layer_that_is_to_be_changed(tmp_path: Path) -> None:
    inspection = hostile_image(tmp_path)
    first = msgspec.structs.replace(inspection.suggestions[1], layers=(0, 2), blamed_layer=2)
    other = msgspec.structs.replace(first, blamed_layer=None)
    inspection.__dict__["suggestions"] = (first, other)

    assert [one.layer for one in findings(inspection, [])] == [2, 0]


def test_two_findings_never_share_a_fingerprint(tmp_path: Path) -> None:
    inspection = hostile_image(tmp_path)
    inspection.__dict__["suggestions"] *= 2

    found = [one.fingerprint for one in findings(inspection, [*hostile_verdicts(), *hostile_verdicts()])]

    assert len(found) == len(set(found)) == 2 * len(HOSTILE) + 4


def test_findings_of_another_path_or_instruction_differ(tmp_path: Path) -> None:
    inspection = hostile_image(tmp_path)
    first = inspection.suggestions[1]
    changed = [
        first,
        msgspec.structs.replace(first, paths=("other",)),
        msgspec.structs.replace(first, instruction="RUN other"),
        msgspec.structs.replace(first, rule="apt-lists"),
    ]
    inspection.__dict__["suggestions"] = tuple(changed)

    found = {one.fingerprint.partition(":")[0] for one in findings(inspection, [])}

    assert len(found) == len(changed)


def test_annotations_are_one_line_each_and_say_all_that_there_is_to_do(tmp_path: Path) -> None:
    inspection = hostile_image(tmp_path)

    lines = written(GITHUB.id, inspection, hostile_verdicts()).decode().split("\n")

    matches = [re.fullmatch(r"::(error|warning|notice) title=([^:,]*)::(.*)", line) for line in lines[:-1]]
    assert lines[-1] == ""
    assert all(matches)
    messages = [undone(match[3]) for match in matches if match]
    for one in findings(inspection, hostile_verdicts()):
        assert any(one.message in message and one.fix in message for message in messages)


def undone(data: str) -> str:
    """A message as GitHub reads it."""
    return data.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")


def test_no_more_annotations_than_are_shown(tmp_path: Path) -> None:
    inspection = hostile_image(tmp_path)
    inspection.__dict__["suggestions"] *= 9

    text = written(GITHUB.id, inspection, []).decode()

    assert [text.count(f"::{command} title=") for command in ("error", "warning", "notice")] == [10, 10, 10]


def test_code_quality_has_what_gitlab_wants(tmp_path: Path) -> None:
    wanted = several(
        exactly(
            description=TEXT,
            check_name=TEXT,
            fingerprint=TEXT,
            severity={"enum": ["info", "minor", "major", "critical", "blocker"]},
            location=exactly(path=TEXT, lines=exactly(begin={"const": 1})),
        )
    )

    report = json.loads(written(GITLAB.id, hostile_image(tmp_path), hostile_verdicts()))

    assert [error.message for error in Draft202012Validator(wanted).iter_errors(report)] == []
    assert len({one["fingerprint"] for one in report}) == len(report) == len(HOSTILE) + 2
    assert {one["severity"] for one in report} == {"critical", "minor", "info"}
