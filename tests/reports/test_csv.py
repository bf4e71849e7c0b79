"""``--csv``, ``--csv-layers``, ``--csv-waste``, as another program reads them."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from layerscope.inspection import Inspection, inspect
from layerscope.reports.csv import REPORT as FILES
from layerscope.reports.csv_layers import REPORT as LAYERS
from layerscope.reports.csv_waste import REPORT as WASTE
from tests.oci.tar.raw import member
from tests.reports.hostile import HOSTILE, hostile_image, written
from tests.sources.images import file, inspected, layer, steps, without_layers
from tests.sources.samples import WASTEFUL, ledger_of


def rows(name: str, inspection: Inspection) -> list[dict[str, str]]:
    """The rows by their titles."""
    text = written(name, inspection, []).decode()
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_every_path_of_the_final_image_is_a_row() -> None:
    found = rows(FILES.id, inspect(str(WASTEFUL)))

    tree = ledger_of("wasteful.tar").tree
    assert {row["path"] for row in found} - {"/"} == {f"/{path}" for path in tree} - {"/"}
    visible_bytes = sum(int(row["stored_bytes"]) for row in found)
    assert visible_bytes == inspect(str(WASTEFUL)).analysis.totals.visible_bytes


def test_wasted_entries_add_up_to_the_waste() -> None:
    found = rows(WASTE.id, inspect(str(WASTEFUL)))

    ledger = ledger_of("wasteful.tar")
    assert sum(int(row["size_bytes"]) for row in found) == ledger.wasted_bytes
    assert len(found) == len(ledger.waste)


def test_a_row_says_what_a_file_is(tmp_path: Path) -> None:
    inspection = inspected(
        tmp_path,
        layer(file(b"a", b"12345", mode=0o4755, uid=7, gid=8)),
        layer(member(b"b", typeflag=b"1", link=b"a"), member(b"l", typeflag=b"2", link=b"to/it")),
        history=steps("COPY a /", "RUN ln a b"),
    )

    found = {row["path"]: row for row in rows(FILES.id, inspection)}

    assert list(found["/a"].values()) == ["/a", "f", "5", "5", "0", "4755", "7", "8", "", "", "COPY a /"]
    assert found["/b"]["link_of"] == "/a"
    assert (found["/b"]["size_bytes"], found["/b"]["stored_bytes"]) == ("0", "0")
    assert (found["/l"]["type"], found["/l"]["link_target"], found["/l"]["layer"]) == ("l", "to/it", "1")


def test_layers_have_their_accounts() -> None:
    inspection = inspect(str(WASTEFUL))

    found = rows(LAYERS.id, inspection)

    totals = inspection.analysis.totals
    assert [row["layer"] for row in found] == [str(number) for number in range(17)]
    assert sum(int(row["tar_bytes"]) for row in found) == totals.tar_bytes
    assert sum(int(row["waste_caused_bytes"]) for row in found) == totals.wasted_bytes
    assert found[16]["instruction"] == "RUN rm -rf /var/lib/apt/lists/*"


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    """An instruction can be anything; paths begin with a slash."""
    cells = [
        cell
        for report in (FILES, LAYERS, WASTE)
        for row in rows(report.id, hostile_image(tmp_path))
        for cell in row.values()
    ]

    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []
    assert f"'{HOSTILE[9]}" in cells


def test_an_empty_image_has_titles_only(tmp_path: Path) -> None:
    empty = inspect(str(without_layers(tmp_path)))

    assert [len(written(report.id, empty, []).splitlines()) for report in (LAYERS, WASTE)] == [1, 1]
