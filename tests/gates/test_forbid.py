"""``--forbid`` and ``--forbid-in-layers``: paths that must not be there."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerscope.gates.forbid import GATE
from layerscope.gates.forbid_in_layers import GATE as IN_LAYERS
from layerscope.inspection import Inspection
from tests.sources.images import file, inspected, layer, whiteout


def image(folder: Path) -> Inspection:
    """One key that can be seen, one that was deleted, a directory of them."""
    return inspected(
        folder,
        layer(file(b"app/a.pem", b"1"), file(b"app/gone.pem", b"2"), file(b"root/.ssh/id", b"3")),
        layer(whiteout(b"app/gone.pem")),
    )


@pytest.mark.parametrize(
    ("pattern", "measured", "because"),
    [
        ("*.pem", "1 path", "/app/a.pem"),
        ("/app/a.pem", "1 path", "/app/a.pem"),
        ("/app/gone.pem", "0 paths", ""),
        ("/root/.ssh/", "2 paths", "/root/.ssh and 1 more"),
        ("/root/.ssh", "1 path", "/root/.ssh"),
        (".ssh/", "2 paths", "/root/.ssh and 1 more"),
        ("/nowhere/", "0 paths", ""),
    ],
)
def test_the_final_image_must_not_have_them(
    pattern: str, measured: str, because: str, tmp_path: Path
) -> None:
    verdict = GATE.judge(image(tmp_path), GATE.parse(pattern))

    assert (verdict.subject, verdict.measured, verdict.because) == (pattern, measured, because)
    assert verdict.passed is (measured == "0 paths")


def test_deleted_ones_are_still_in_a_layer(tmp_path: Path) -> None:
    verdict = IN_LAYERS.judge(image(tmp_path), IN_LAYERS.parse("*gone.pem"))

    assert not verdict.passed
    assert verdict.because == "/app/gone.pem (layer 0)"


def test_what_no_layer_ever_had_is_not_there(tmp_path: Path) -> None:
    assert IN_LAYERS.judge(image(tmp_path), IN_LAYERS.parse("/app/other.pem")).passed


def test_a_hostile_name_is_harmless_in_the_verdict(tmp_path: Path) -> None:
    inspection = inspected(tmp_path, layer(file(b"esc\x1b[2J.pem", b"1")))

    assert GATE.judge(inspection, GATE.parse("*.pem")).because == r"/esc\x1b[2J.pem"


@pytest.mark.parametrize("pattern", ["", " ", "/", "//", "a\0b"])
def test_what_is_no_path_is_refused(pattern: str) -> None:
    for gate in (GATE, IN_LAYERS):
        with pytest.raises(ValueError, match="no path"):
            gate.parse(pattern)
