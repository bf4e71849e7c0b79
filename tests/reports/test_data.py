"""The report's figures against the samples' own accounts, and against plain recomputation."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from layerscope.inspection import Inspection, Options, inspect
from layerscope.model.entry import Kind
from layerscope.model.names import shown
from layerscope.reports.data import report_data
from layerscope.union.views import merged
from sample_images.accounting import CAUSES
from tests.oci.tar.raw import member
from tests.sources.images import file, inspected, layer, whiteout
from tests.sources.samples import NAMES, SAMPLES, ledger_of, samples

HOSTILE = {
    b"esc\x1b[31m": r"esc\x1b[31m",
    b"line\nbreak": r"line\x0abreak",
    "bidi\u202eover".encode(): r"bidi\xe2\x80\xaeover",
    b"latin\xe9": r"latin\xe9",
    b"back\\slash": r"back\x5cslash",
    "c1\x9b".encode(): r"c1\xc2\x9b",
}


@cache
def report_of(name: str) -> dict[str, Any]:
    """The report of a sample, its seam told."""
    base = samples()[name].base_layers
    return report_data(inspect(str(SAMPLES / name), Options(base_layers=base)), [])


def map_bytes(name: str) -> list[int]:
    """What each layer stores of sparse maps: the samples count them as content, layerscope as overhead."""
    return [
        sum(item.stored_bytes - len(item.content) for item in step.members or () if item.kind == "file")
        for step in samples()[name].layer_steps
    ]


@pytest.mark.parametrize("name", NAMES)
def test_the_totals_are_those_of_the_plain_accounts(name: str) -> None:
    ledger, totals = ledger_of(name), report_of(name)["totals"]
    maps = sum(map_bytes(name))

    assert totals["content_bytes"] == ledger.content_bytes - maps
    assert totals["visible_bytes"] == ledger.visible_bytes - maps
    assert totals["wasted_bytes"] == ledger.wasted_bytes
    assert totals["wasted_by_cause"] == {cause: ledger.wasted_by(cause) for cause in CAUSES}
    assert totals["own_wasted_bytes"] == ledger.own_wasted_bytes(samples()[name].base_layers)
    assert totals["tar_bytes"] == sum(map(len, samples()[name].layer_tars))


@pytest.mark.parametrize("name", NAMES)
def test_the_balance_adds_up(name: str) -> None:
    report = report_of(name)
    totals, layers = report["totals"], report["layers"]

    assert totals["content_bytes"] == totals["visible_bytes"] + totals["wasted_bytes"]
    assert totals["tar_bytes"] == totals["content_bytes"] + totals["tar_overhead_bytes"]
    assert totals["wasted_bytes"] == sum(totals["wasted_by_cause"].values())
    assert totals["wasted_bytes"] == sum(row["size_bytes"] for row in report["waste"])
    assert totals["wasted_bytes"] == totals["own_wasted_bytes"] + totals["base_wasted_bytes"]
    assert totals["content_bytes"] == totals["own_content_bytes"] + totals["base_content_bytes"]
    assert totals["efficiency_ratio"] == totals["visible_bytes"] / totals["content_bytes"]
    assert totals["wasted_ratio"] == totals["wasted_bytes"] / totals["content_bytes"]
    for figure in ("entries", "content_bytes", "tar_bytes", "compressed_bytes"):
        assert totals[figure] == sum(row[figure] for row in layers)
    assert totals["wasted_bytes"] == sum(row["waste_shipped_bytes"] for row in layers)
    assert totals["wasted_bytes"] == sum(row["waste_caused_bytes"] for row in layers)
    assert report["directories"][0] == {
        "path": "",
        "size_bytes": totals["visible_bytes"],
        "file_count": len([row for row in visible(name) if row[1] is not Kind.DIRECTORY]),
    }


@pytest.mark.parametrize("name", NAMES)
def test_each_wasted_entry_is_named_with_cause_and_layers(name: str) -> None:
    expected = [
        (shown(item.path), item.cause, item.shipped_by, item.hidden_by, item.size_bytes)
        for item in ledger_of(name).waste
    ]

    found = [
        (row["path"], row["cause"], row["shipped_by"], row["hidden_by"], row["size_bytes"])
        for row in report_of(name)["waste"]
    ]
    assert sorted(found) == sorted(expected)
    assert [row[-1] for row in found] == sorted((row[-1] for row in found), reverse=True)


@pytest.mark.parametrize("name", NAMES)
def test_each_layer_has_its_entries_bytes_and_step(name: str) -> None:
    steps = samples()[name].layer_steps

    layers = report_of(name)["layers"]

    assert [row["number"] for row in layers] == list(range(len(steps)))
    assert [row["created_by"] for row in layers] == [step.created_by for step in steps]
    assert [row["entries"] for row in layers] == [len(step.members or ()) for step in steps]
    assert [row["content_bytes"] for row in layers] == [
        sum(item.stored_bytes for item in step.members or () if item.kind == "file") - maps
        for step, maps in zip(steps, map_bytes(name), strict=True)
    ]


@pytest.mark.parametrize("name", NAMES)
def test_no_step_of_the_history_is_lost(name: str) -> None:
    report = report_of(name)

    told = [step["created_by"] for row in report["layers"] for step in [*row["empty_steps"], row]] + [
        step["created_by"] for step in report["image"]["trailing_steps"]
    ]

    assert told == [step.created_by for step in samples()[name].steps]


@pytest.mark.parametrize("name", NAMES)
def test_duplicates_are_the_contents_at_several_paths(name: str) -> None:
    inodes = {id(entry.inode): entry.inode for entry in ledger_of(name).tree.values()}
    groups: dict[object, set[str]] = defaultdict(set)
    for inode in inodes.values():
        item = inode.member
        if item.kind == "file" and item.content:
            groups[item.content, item.data_runs, item.sparse_size_bytes].add(shown(inode.path))

    found = report_of(name)["duplicates"]

    assert sorted(sorted(file["path"] for file in group["files"]) for group in found) == sorted(
        sorted(paths) for paths in groups.values() if len(paths) > 1
    )
    assert [group["duplicate_bytes"] for group in found] == [
        group["size_bytes"] * (len(group["files"]) - 1) for group in found
    ]
    costs = [group["duplicate_bytes"] for group in found]
    assert costs == sorted(costs, reverse=True)


def visible(name: str) -> list[tuple[str, Kind]]:
    """The merged filesystem's paths and kinds."""
    inspection = inspect(str(SAMPLES / name))
    return [
        (row.path, row.entry.kind if row.entry else Kind.DIRECTORY)
        for row in merged(inspection.analysis.index)
    ]


def plain_directories(inspection: Inspection) -> dict[str, tuple[int, int]]:
    """Bytes and names below every visible directory, by walking up from each visible name."""
    rows = list(merged(inspection.analysis.index))
    sums = {row.path: [0, 0] for row in rows if row.entry is None or row.entry.kind is Kind.DIRECTORY}
    for row in rows:
        if row.path in sums:
            continue
        stored = row.entry.stored_bytes if row.entry is not None and row.link_of is None else 0
        folder = row.path
        while folder:
            folder = folder.rpartition("/")[0]
            sums[folder][0] += stored
            sums[folder][1] += 1
    return {path: (size_bytes, count) for path, (size_bytes, count) in sums.items()}


@pytest.mark.parametrize("name", NAMES)
def test_directories_hold_what_is_visible_below_them(name: str) -> None:
    expected = plain_directories(inspect(str(SAMPLES / name)))

    found = {row["path"]: (row["size_bytes"], row["file_count"]) for row in report_of(name)["directories"]}

    assert found == {shown(path): sums for path, sums in expected.items()}


def test_directories_of_a_stack_that_removes_and_comes_back(tmp_path: Path) -> None:
    inspection = inspected(
        tmp_path,
        layer(file(b"a/b/c/one", b"1" * 10), file(b"a/b/two", b"2" * 20), file(b"x/y", b"3")),
        layer(whiteout(b"a/b/c"), file(b"a/three", b"4" * 30), whiteout(b"x")),
        layer(file(b"a/b/c/four", b"5" * 40), member(b"x/z/link", typeflag=b"1", link=b"a/three")),
    )

    found = {row["path"]: row for row in report_data(inspection, [])["directories"]}

    assert {path: (row["size_bytes"], row["file_count"]) for path, row in found.items()} == {
        "": (90, 4),
        "a": (90, 3),
        "a/b": (60, 2),
        "a/b/c": (40, 1),
        "x": (0, 1),
        "x/z": (0, 1),
    }


@pytest.mark.parametrize("name", HOSTILE, ids=HOSTILE.values())
def test_a_hostile_name_is_escaped_wherever_it_stands(name: bytes, tmp_path: Path) -> None:
    """As a directory, a wasted file, a duplicate, in a remark."""
    inspection = inspected(
        tmp_path,
        layer(file(name + b"/gone", b"1"), file(b"/" + name + b"/same", b"22"), file(name + b"/twin", b"22")),
        layer(whiteout(name + b"/gone")),
    )

    report = report_data(inspection, [])

    assert [row["path"] for row in report["waste"]] == [f"{HOSTILE[name]}/gone"]
    assert [row["path"] for row in report["directories"]] == ["", HOSTILE[name]]
    assert [row["path"] for row in report["duplicates"][0]["files"]] == [
        f"{HOSTILE[name]}/same",
        f"{HOSTILE[name]}/twin",
    ]
    assert [row["path"] for row in report["diagnostics"]] == [f"/{HOSTILE[name]}/same"]


def test_a_hostile_tag_and_blob_are_escaped(tmp_path: Path) -> None:
    inspection = inspected(tmp_path, layer(file(b"a", b"1")), names=["app\x1b[31m:1", "line\nbreak:2"])

    report = report_data(inspection, [])

    assert report["image"]["names"] == [r"app\x1b[31m:1", r"line\x0abreak:2"]


@pytest.mark.parametrize(
    ("upper", "expected"),
    [
        (layer(), {"ID": "debian"}),
        (layer(file(b"usr/lib/os-release", b'ID="alpine"')), {"ID": "alpine"}),
        (layer(file(b"usr/lib/os-release", b"ID=debian\n", mode=0o600)), {"ID": "debian"}),
        (layer(file(b"etc/os-release", b"ID=mine")), {"ID": "mine"}),
        (layer(whiteout(b"usr/lib/os-release")), {}),
        (layer(whiteout(b"usr")), {}),
        (layer(member(b"usr/lib/os-release/", typeflag=b"5")), {}),
    ],
    ids=["nothing", "another", "copied up", "etc", "removed", "parent removed", "a directory"],
)
def test_the_distribution_is_that_of_the_visible_file(
    upper: bytes, expected: dict[str, str], tmp_path: Path
) -> None:
    lower = layer(
        file(b"usr/lib/os-release", b"ID=debian\n"),
        member(b"etc/os-release", typeflag=b"2", link=b"../usr/lib/os-release"),
    )

    report = report_data(inspected(tmp_path, lower, upper, layer()), [])

    assert report["image"]["os_release"] == expected
