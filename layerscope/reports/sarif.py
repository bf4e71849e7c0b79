"""``--sarif``: the findings as SARIF 2.1.0, for code scanning.

Where the Dockerfile is known, a finding stands at its lines. Otherwise an image has no lines of source: a
finding's logical location is the layer and the path (``layer:3/usr/share``). Since readers such as GitHub's
take no result without a file, the path inside the image stands for one, its first line for a place in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

from layerscope.extensions import Report, Verdict

if TYPE_CHECKING:  # every run reads this file, not every one an image
    from layerscope.inspection import Inspection
    from layerscope.reports.findings import Finding

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_BASE = "IMAGE"


def sarif(found: Sequence[Finding], reference: str) -> dict[str, Any]:
    """The log as plain data (SARIF 2.1.0, section 3.13)."""
    import layerscope

    rules: dict[str, Finding] = {}
    for one in found:
        rules.setdefault(one.rule, one)
    places = {rule: place for place, rule in enumerate(sorted(rules))}
    driver = {
        "name": "layerscope",
        "version": layerscope.__version__,
        "rules": [_rule(rules[rule]) for rule in places],
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": True}],
        "originalUriBaseIds": {_BASE: {"description": {"text": f"The root of the image {reference}."}}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, places[one.rule], reference) for one in found],
        "properties": {"image": reference},
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(finding: Finding) -> dict[str, Any]:
    words = finding.rule.replace("/", "-").split("-")
    return {
        "id": finding.rule,
        "name": "".join(word.capitalize() for word in words),
        "shortDescription": {"text": finding.title},
        "fullDescription": {"text": finding.help},
        "help": {"text": finding.help},
        "defaultConfiguration": {"level": finding.severity},
    }


def _result(finding: Finding, place: int, reference: str) -> dict[str, Any]:
    message = f"{finding.message}. {finding.fix}" if finding.fix else finding.message
    properties: dict[str, Any] = {"savedBytes": finding.saved_bytes}
    if finding.instruction is not None:
        properties["instruction"] = finding.instruction
    if finding.rewrite is not None:
        properties["rewrite"] = finding.rewrite
    return {
        "ruleId": finding.rule,
        "ruleIndex": place,
        "level": finding.severity,
        "message": {"text": message},
        "locations": [_location(finding, reference)],
        "partialFingerprints": {"layerscopeFinding/v1": finding.fingerprint},
        "properties": properties,
    }


def _location(finding: Finding, reference: str) -> dict[str, Any]:
    from urllib.parse import quote

    path = finding.paths[0] if finding.paths else reference.rpartition("/")[2] or "image"
    physical: dict[str, Any] = {
        "artifactLocation": {"uri": quote(path), "uriBaseId": _BASE},
        "region": {"startLine": 1},
    }
    if finding.file is not None and finding.lines is not None:
        first, last = finding.lines
        physical = {
            "artifactLocation": {"uri": quote(finding.file)},
            "region": {"startLine": first, "endLine": last},
        }
    logical = {
        "name": finding.paths[0].rpartition("/")[2] if finding.paths else finding.location,
        "fullyQualifiedName": finding.location,
        "kind": "resource",
    }
    return {"physicalLocation": physical, "logicalLocations": [logical]}


def _write(inspection: Inspection, verdicts: Sequence[Verdict], stream: BinaryIO) -> None:
    import msgspec

    from layerscope.model.names import shown
    from layerscope.reports.findings import findings

    log = sarif(findings(inspection, verdicts), shown(inspection.image.reference))
    stream.write(msgspec.json.format(msgspec.json.encode(log), indent=2) + b"\n")


REPORT = Report(id="sarif", help="Write gates and suggestions as SARIF 2.1.0.", write=_write)
