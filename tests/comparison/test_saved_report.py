"""A saved report in place of an image."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerscope.comparison.saved_report import is_report, read_report
from layerscope.comparison.subject import subject_of
from layerscope.errors import UsageError
from layerscope.inspection import inspect
from tests.comparison.images import reported
from tests.sources.samples import LEAN, SAMPLES, WASTEFUL


@pytest.mark.parametrize("name", ["lean.tar", "wasteful.tar", "odd.tar"])
def test_a_report_tells_what_the_image_tells_but_for_its_contents(name: str, tmp_path: Path) -> None:
    subject = subject_of(inspect(str(SAMPLES / name)))

    told = reported(subject, tmp_path / "report.json")

    fields = (
        "reference",
        "names",
        "digest",
        "image_id",
        "platform",
        "sums",
        "layers",
        "runtime",
        "base_layers",
    )
    assert {name: getattr(told, name) for name in fields} == {name: getattr(subject, name) for name in fields}
    assert told.directories == subject.directories
    assert told.packages == subject.packages
    assert (told.inspection, told.config_bytes) == (None, None)


def test_reports_and_images_are_told_apart_by_their_content(tmp_path: Path) -> None:
    report = reported(subject_of(inspect(str(LEAN))), tmp_path / "a.tar")
    (tmp_path / "image.json").write_bytes(WASTEFUL.read_bytes())

    assert report.reference == str(LEAN)
    told = {name: is_report(str(tmp_path / name)) for name in ("a.tar", "image.json", "none.json", "none")}
    assert told == {"a.tar": True, "image.json": False, "none.json": True, "none": False}
    assert not is_report(str(tmp_path))
    assert not is_report("app:1")
    assert not is_report("x\0y")


@pytest.mark.parametrize("text", ["", "[]", "{}", "{nonsense", '{"schema_version": 1}', "\xff", "{" * 5000])
def test_what_is_no_report_is_refused_by_name(text: str, tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_bytes(text.encode("latin-1"))

    with pytest.raises(UsageError, match="no report of layerscope") as caught:
        read_report(str(path))

    assert str(path) in caught.value.message


def test_a_report_of_another_schema_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    reported(subject_of(inspect(str(LEAN))), path)
    path.write_text(path.read_text().replace('"schema_version": 1', '"schema_version": 99'))

    with pytest.raises(UsageError, match="schema_version is 99"):
        read_report(str(path))


def test_a_report_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        read_report(str(tmp_path / "none.json"))
