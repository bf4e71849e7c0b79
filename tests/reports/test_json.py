"""``--json``: one document, described by a schema that leaves nothing open."""

from __future__ import annotations

import copy
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from layerscope.errors import LayerscopeError
from layerscope.gates.max_layers import GATE
from layerscope.inspection import Options, inspect
from layerscope.reports.data import SCHEMA_VERSION
from layerscope.reports.json import REPORT
from tests.conftest import PROJECT
from tests.oci.tar.raw import member
from tests.reports.validation import Report, faults, schema, written
from tests.sources.images import inspected, layer, steps, whiteout, without_layers
from tests.sources.samples import NAMES, SAMPLES

LARGEST_ARCHIVE_BYTES = 800_000
# Their keys are the image's, not ours.
FREE = {"$.image.config", "$.image.annotations", "$.image.os_release"}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """A report with at least one item in each of its lists."""
    inspection = inspected(
        tmp_path_factory.mktemp("small"),
        layer(member(b"etc/os-release", b"ID=x\n"), member(b"/twin", b"same"), member(b"mode", b"m")),
        layer(member(b"twin2", b"same"), member(b"twin3", b"same"), member(b"mode", b"m", mode=0o600)),
        layer(whiteout(b"twin2")),
        options=Options(base_layers=1, verify=True),
        history=[*steps("ADD . /"), nothing("ENV a=b"), *steps("RUN a", "RUN b"), nothing("CMD x")],
        created="2024-01-01T00:00:00Z",
        author="somebody",
    )
    return written(inspection, [GATE.judge(inspection, 2)])


def nothing(created_by: str) -> dict[str, Any]:
    """A step that made no layer."""
    return {"created_by": created_by, "empty_layer": True}


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(schema())

    assert schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema()["properties"]["schema_version"]["const"] == SCHEMA_VERSION


def test_every_object_of_the_schema_names_all_its_keys() -> None:
    objects = [part for part in parts_of(schema()) if "properties" in part]

    assert len(objects) > 8
    assert [part for part in objects if part["additionalProperties"] is not False] == []
    assert [part for part in objects if sorted(part["required"]) != sorted(part["properties"])] == []


def test_every_value_of_the_schema_is_described() -> None:
    values = [value for part in parts_of(schema()) for value in part.get("properties", {}).values()]

    assert [value for value in values if not value.get("description", "").endswith(".")] == []


def test_every_definition_of_the_schema_is_used() -> None:
    text = json.dumps(schema())

    assert [name for name in schema()["$defs"] if f'"#/$defs/{name}"' not in text] == []


def parts_of(value: Any) -> Iterator[dict[str, Any]]:
    """Every object inside a schema, itself first."""
    todo = [value]
    while todo:
        part = todo.pop()
        if isinstance(part, dict):
            yield part
            todo.extend(part.values())
        elif isinstance(part, list):
            todo.extend(part)


@pytest.mark.parametrize("base", [None, 0, 1])
@pytest.mark.parametrize("verify", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_the_report_of_every_sample_is_as_the_schema_says(
    name: str, base: int | None, *, verify: bool
) -> None:
    inspection = inspect(str(SAMPLES / name), Options(base_layers=base, verify=verify))

    assert faults(written(inspection, [GATE.judge(inspection, 3)])) == []


def test_the_report_of_an_empty_image_is_as_the_schema_says(tmp_path: Path) -> None:
    report = written(inspect(str(without_layers(tmp_path))))

    assert faults(report) == []
    assert (report["totals"]["efficiency_ratio"], report["totals"]["wasted_ratio"]) == (1, 0)


def test_the_report_of_real_archives_is_as_the_schema_says(shared_dir: Path) -> None:
    """Small ones of every tool; those that hold several images, or none, have no report."""
    archives = [
        path
        for path in sorted((shared_dir / "images" / "archives").iterdir())
        if path.stat().st_size <= LARGEST_ARCHIVE_BYTES
    ]
    found: dict[str, list[str]] = {}
    for path in archives:
        try:
            inspection = inspect(str(path))
        except LayerscopeError:
            continue
        found[path.name] = faults(written(inspection))

    assert len(found) > len(archives) // 2
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_the_small_report_has_something_everywhere(small: Report) -> None:
    assert faults(small) == []
    lists = ("layers", "waste", "duplicates", "directories", "diagnostics", "gates")
    assert [name for name in lists if not small[name]] == []
    assert small["layers"][1]["empty_steps"]
    assert small["image"]["trailing_steps"]
    assert small["image"]["os_release"] == {"ID": "x"}


def test_a_report_with_a_key_too_few_is_none(small: Report) -> None:
    for place, found in objects_of(small):
        for key in found:
            damaged = copy.deepcopy(small)
            del at(damaged, place)[key]
            assert faults(damaged), f"{place} without {key}"


def test_a_report_with_a_key_too_many_is_none(small: Report) -> None:
    for place, _ in objects_of(small):
        damaged = copy.deepcopy(small)
        at(damaged, place)["surprise"] = 1
        assert faults(damaged), place


def test_a_report_with_a_value_of_another_type_is_none(small: Report) -> None:
    for place, found in objects_of(small):
        for key, value in found.items():
            damaged = copy.deepcopy(small)
            at(damaged, place)[key] = "ten" if isinstance(value, int | float) else 1.5
            assert faults(damaged), f"{place}.{key}"


@pytest.mark.parametrize(
    ("place", "key", "value"),
    [
        ((), "schema_version", 2),
        (("totals",), "content_bytes", -1),
        (("totals",), "content_bytes", 1.5),
        (("totals",), "efficiency_ratio", 1.01),
        (("totals", "wasted_by_cause"), "deleted", None),
        (("waste", 0), "cause", "lost"),
        (("waste", 0), "differs", ["size"]),
        (("waste", 0), "size_bytes", 0),
        (("waste", 0), "path", "two\nlines"),
        (("waste", 0), "path", "back\\slash"),
        (("waste", 0), "path", "escape\x1b"),
        (("waste", 0), "path", "left\u202eright"),
        (("layers", 0), "digest", "sha256:00"),
        (("layers", 0), "verified", "yes"),
        (("layers", 0), "compression", "lz4"),
        (("layers", 0), "number", -1),
        (("duplicates", 0), "files", []),
        (("diagnostics", 0), "count", 0),
    ],
)
def test_a_value_that_cannot_be_is_none(
    place: tuple[str | int, ...], key: str, value: object, small: Report
) -> None:
    damaged = copy.deepcopy(small)
    at(damaged, place)[key] = value

    assert faults(damaged)


def objects_of(report: Report) -> Iterator[tuple[tuple[str | int, ...], Report]]:
    """The objects whose keys are ours, each with its place; of a list, the first."""
    todo: list[tuple[tuple[str | int, ...], Any]] = [((), report)]
    while todo:
        place, value = todo.pop()
        if "$" + "".join(f".{step}" for step in place) in FREE:
            continue
        if isinstance(value, dict):
            yield place, value
            todo += [((*place, key), inner) for key, inner in value.items()]
        elif isinstance(value, list):
            todo += [((*place, number), inner) for number, inner in enumerate(value[:1])]


def at(report: Report, place: tuple[str | int, ...]) -> Report:
    """What stands at a place of a report."""
    value: Any = report
    for step in place:
        value = value[step]
    found: Report = value
    return found


def test_the_document_is_text_that_ends_with_a_line(tmp_path: Path) -> None:
    stream = io.BytesIO()

    REPORT.write(inspect(str(without_layers(tmp_path))), [], stream)

    assert stream.getvalue().decode().startswith('{\n  "schema_version": 1,\n')
    assert stream.getvalue().endswith(b"}\n")


def test_the_schema_is_in_the_wheel() -> None:
    hatchling = pytest.importorskip("hatchling.builders.wheel", reason="no hatchling")

    builder = hatchling.WheelBuilder(str(PROJECT))
    inside = {file.distribution_path for file in builder.recurse_included_files()}

    assert "layerscope/reports/report.schema.json" in inside
    assert "layerscope/reports/json.py" in inside
