"""What each report says of the cost of a pull."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from layerscope.inspection import Options, inspect
from layerscope.reports.paint import Paint
from layerscope.reports.terminal import Page, summary
from tests.cli.looking import Run
from tests.oci.build import built, layout
from tests.oci.tar.raw import member
from tests.reports.hostile import written
from tests.reports.page import page_of
from tests.sources.images import inspected, layer, packed, without_layers

CONTENT_BYTES = 25_000_000


@pytest.fixture(scope="module")
def compressed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An image of one layer that was worth compressing, as a registry would have it."""
    tar = layer(member(b"zeros", bytes(CONTENT_BYTES)))
    files = layout(built(tar), stored=[gzip.compress(tar, 6, mtime=0)])
    return packed(tmp_path_factory.mktemp("compressed") / "image.tar", files)


def pull_line(lines: list[str]) -> str:
    return next(line for line in lines if line.startswith("Pull"))


def test_the_summary_says_what_comes_and_how_long_that_takes(tmp_path: Path) -> None:
    """25 MB and 1 kB of tar: 10 MB with gzip, 1.6 s at 50 Mbit/s, 0.8 s at 100; 125 ms to inflate."""
    inspection = inspected(tmp_path, layer(member(b"zeros", bytes(CONTENT_BYTES))))

    lines = summary(inspection, Page(80, Paint(enabled=False)))

    line = pull_line(lines)
    assert line == "Pull 1.7 s at 50 · 0.9 s at 100 · 0.2 s at 1000 Mbit/s"
    made_of = lines[lines.index(line) + 1]
    assert made_of == "  about 10.0 MB if pushed with gzip · inflating 0.1 s (200 MB/s, usual)"


def test_the_summary_measures_what_it_inflates(compressed: Path) -> None:
    inspection = inspect(str(compressed))

    lines = summary(inspection, Page(80, Paint(enabled=False)))

    line = pull_line(lines)
    assert "if pushed" not in line
    assert "/s, measured)" in lines[lines.index(line) + 1]


def test_reports_are_the_same_each_time_unless_they_are_to_tell_what_was_measured(
    compressed: Path, look: Run
) -> None:
    usual, measured = (
        json.loads(look(compressed, "--json", "-", *more).out)["pull"] for more in ([], ["--measured"])
    )

    tar_bytes = usual["unpacked_bytes"]
    assert (usual["measured"], measured["measured"]) == (False, True)
    assert usual["unpack_s"] == pytest.approx(tar_bytes / 200_000_000, abs=1e-6)
    assert measured["unpack_s"] > 0
    assert usual["transfer_bytes"] == measured["transfer_bytes"] < CONTENT_BYTES / 100


@pytest.mark.parametrize("name", ["markdown", "html"])
def test_reports_for_people_say_it_too(name: str, tmp_path: Path) -> None:
    inspection = inspected(tmp_path, layer(member(b"zeros", bytes(CONTENT_BYTES))))

    text = " ".join(written(name, inspection, []).decode().replace("<b>", "").replace("</b>", "").split())

    assert "pull of about 10.0 MB" in text
    for time in ("1.7 s at 50", "0.9 s at 100", "0.2 s at 1000 Mbit/s"):
        assert time in text


def test_an_image_without_layers_has_no_pull_to_tell_of(tmp_path: Path) -> None:
    inspection = inspect(str(without_layers(tmp_path)), Options())

    assert not [line for line in summary(inspection, Page(80, Paint(enabled=False))) if "Pull" in line]
    assert 'class="pull"' not in page_of(inspection)
    assert b"A pull of" not in written("markdown", inspection, [])
