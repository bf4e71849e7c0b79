"""A history as a file: lines that are added whole, and read whatever became of them."""

from __future__ import annotations

import json
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import msgspec
import pytest

from layerscope.errors import UsageError, WriteError
from layerscope.history.file import append, read
from layerscope.history.record import RECORD_VERSION
from tests.history.runs import run

PROCESSES, LINES = 4, 50


def test_what_was_added_is_read_in_that_order(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    runs = [run(tar_bytes=number) for number in (3, 1, 2)]

    for one in runs:
        append(path, one)

    assert read(path) == (runs, [])
    assert [json.loads(line)["totals"]["tar_bytes"] for line in path.read_text().splitlines()] == [3, 1, 2]


def test_lines_of_several_processes_do_not_run_into_each_other(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    names = [f"image-{number}:{'x' * 5000}" for number in range(PROCESSES)]

    with ProcessPoolExecutor(PROCESSES, multiprocessing.get_context("spawn")) as pool:
        list(pool.map(append_many, [path] * PROCESSES, names))

    records, damaged = read(path)
    assert damaged == []
    assert sorted(record.image for record in records) == sorted(names * LINES)


def append_many(path: Path, name: str) -> None:
    """What each of the processes does."""
    for _ in range(LINES):
        append(path, run(name))


def test_a_line_that_was_left_unfinished_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    append(path, run(tar_bytes=1))
    whole = path.read_bytes()
    path.write_bytes(whole + whole[: len(whole) // 2])

    append(path, run(tar_bytes=2))

    records, damaged = read(path)
    assert [record.totals.tar_bytes for record in records] == [1, 2]
    assert [one.line for one in damaged] == [2]


@pytest.mark.parametrize(
    "line",
    [
        b"garbage",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"schema_version": "1"}',
        b"x" * (3 << 20),
        msgspec.json.encode(msgspec.structs.replace(run(), schema_version=RECORD_VERSION + 1)),
    ],
    ids=["words", "list", "empty", "not UTF-8", "deep", "another type", "endless", "newer"],
)
def test_a_damaged_line_is_told_and_the_others_are_read(line: bytes, tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    append(path, run(tar_bytes=1))
    path.write_bytes(path.read_bytes() + line + b"\n\n")
    append(path, run(tar_bytes=2))

    records, damaged = read(path)

    assert [record.totals.tar_bytes for record in records] == [1, 2]
    assert [one.line for one in damaged] == [2]
    assert damaged[0].why


def test_a_line_of_a_later_layerscope_may_say_more(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    path.write_bytes(msgspec.json.encode(msgspec.to_builtins(run()) | {"weather": "fine"}))

    assert read(path) == ([run()], [])


def test_a_folder_that_is_not_there_is_no_place_for_a_history(tmp_path: Path) -> None:
    with pytest.raises(WriteError, match="No such file"):
        append(tmp_path / "nowhere" / "history.jsonl", run())


def test_a_full_disk_leaves_the_history_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "history.jsonl"
    append(path, run())
    before = path.read_bytes()
    write = os.write
    monkeypatch.setattr(os, "write", lambda handle, line: write(handle, line[:10]))

    with pytest.raises(WriteError, match="no room"):
        append(path, run())

    assert path.read_bytes() == before


def test_a_history_that_is_not_there_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        read(tmp_path / "history.jsonl")
