"""``--max-dir``, ``--max-file``, ``--max-files``: parts of the final image."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerscope.extensions import Gate
from layerscope.gates.max_dir import GATE as MAX_DIR
from layerscope.gates.max_file import GATE as MAX_FILE
from layerscope.gates.max_files import GATE as MAX_FILES
from layerscope.inspection import Inspection, inspect
from tests.oci.tar.raw import member
from tests.sources.images import file, inspected, layer, whiteout, without_layers


def image(folder: Path) -> Inspection:
    """Libraries of 60 and 40 bytes, one of which has two names; one of 900 bytes that is gone."""
    return inspected(
        folder,
        layer(
            file(b"lib/a.so", b"a" * 60),
            file(b"lib/sub/b.so", b"b" * 40),
            member(b"lib/again.so", typeflag=b"1", link=b"lib/a.so"),
            file(b"lib/gone.so", b"g" * 900),
            member(b"l", typeflag=b"2", link=b"lib"),
        ),
        layer(whiteout(b"lib/gone.so")),
    )


@pytest.mark.parametrize(
    ("gate", "limit", "passed"),
    [
        (MAX_DIR, "/lib=100", True),
        (MAX_DIR, "/lib=99", False),
        (MAX_DIR, "lib/=100", True),
        (MAX_DIR, "/lib/sub=40", True),
        (MAX_DIR, "/lib/sub=39", False),
        (MAX_DIR, "/=99", False),
        (MAX_DIR, "/l=99", False),
        (MAX_DIR, "/lib/sub/b.so=39", False),
        (MAX_DIR, "/lib/sub/b.so=40", True),
        (MAX_FILE, "*.so=60", True),
        (MAX_FILE, "*.so=59", False),
        (MAX_FILE, "/lib/sub/*=40", True),
        (MAX_FILE, "/lib/sub/*=39", False),
        (MAX_FILE, "*.py=0", True),
        (MAX_FILES, "*.so=100", True),
        (MAX_FILES, "*.so=99", False),
        (MAX_FILES, "/lib/=99B", False),
        (MAX_FILES, "*.py=0", True),
    ],
)
def test_exactly_the_limit_passes_and_a_byte_more_fails(
    gate: Gate, limit: str, tmp_path: Path, *, passed: bool
) -> None:
    verdict = gate.judge(image(tmp_path), gate.parse(limit))

    assert (verdict.gate, verdict.subject) == (gate.id, limit.rpartition("=")[0])
    assert verdict.passed is passed


def test_a_directory_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    verdict = MAX_DIR.judge(image(tmp_path), MAX_DIR.parse("/libb=1MB"))

    assert (verdict.passed, verdict.measured, verdict.because) == (True, "0 B", "not in the image")


def test_the_files_above_the_limit_are_named(tmp_path: Path) -> None:
    inspection = image(tmp_path)

    assert MAX_FILE.judge(inspection, MAX_FILE.parse("*.so=39")).because == "/lib/a.so and 1 more"
    assert MAX_FILE.judge(inspection, MAX_FILE.parse("*.so=59")).because == "/lib/a.so"
    assert MAX_FILES.judge(inspection, MAX_FILES.parse("*.so=1")).because == "/lib/a.so and 1 more"


@pytest.mark.parametrize("gate", [MAX_DIR, MAX_FILE, MAX_FILES], ids=lambda gate: gate.id)
def test_an_image_without_layers_passes(gate: Gate, tmp_path: Path) -> None:
    assert gate.judge(inspect(str(without_layers(tmp_path))), gate.parse("/a=0")).passed


@pytest.mark.parametrize("gate", [MAX_DIR, MAX_FILE, MAX_FILES], ids=lambda gate: gate.id)
@pytest.mark.parametrize("text", ["", "/usr", "/usr=", "=5MB", " =5MB", "/usr=10%", "/usr=-1", "50MB"])
def test_what_is_no_limit_is_refused(gate: Gate, text: str) -> None:
    with pytest.raises(ValueError, match=r"is no (limit|size)"):
        gate.parse(text)


def test_a_name_may_have_an_equals_sign(tmp_path: Path) -> None:
    inspection = inspected(tmp_path, layer(file(b"a=b/c", b"123")))

    assert not MAX_DIR.judge(inspection, MAX_DIR.parse("/a=b=2")).passed
