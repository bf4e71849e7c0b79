"""Random stacks, written out, against the naive model."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from layerscope.extract import extract
from layerscope.inspection import Options, inspecting
from layerscope.model.entry import Entry, Kind
from layerscope.union.places import find_place
from tests.extract.written import EVERYTHING
from tests.oci.tar.raw import member
from tests.sources.images import layer, saved
from tests.union.dsl import symlink as symlink_entry
from tests.union.folder import DANGLING
from tests.union.strategies import CONTENT_OF, Layers, any_stacks
from tests.union.test_applied_folder import Row, on_disk, rows_of, without_devices


def as_tar(entries: list[Entry]) -> bytes:
    """A layer with these entries."""
    return layer(*map(as_member, entries))


_TYPES = {
    Kind.FILE: b"0",
    Kind.AUFS: b"0",
    Kind.HARDLINK: b"1",
    Kind.SYMLINK: b"2",
    Kind.CHARACTER_DEVICE: b"3",
    Kind.DIRECTORY: b"5",
    Kind.FIFO: b"6",
    Kind.WHITEOUT: b"0",
    Kind.OPAQUE: b"0",
}


def as_member(entry: Entry) -> bytes:
    """One entry as a member."""
    name = entry.path.encode() or b"."
    parent, slash, last = name.rpartition(b"/")
    if entry.kind is Kind.WHITEOUT:
        name = parent + slash + b".wh." + last
    elif entry.kind is Kind.OPAQUE:
        name += b"/.wh..wh..opq"
    content = CONTENT_OF[entry.content_hash] if entry.content_hash is not None else b""
    fields: dict[str, Any] = {"mode": entry.mode, "uid": entry.uid, "mtime": entry.mtime_ns // 10**9}
    link = (entry.link_target or "").encode()
    if entry.kind is Kind.CHARACTER_DEVICE:
        major, _, minor = link.partition(b":")
        fields |= {"devmajor": int(major), "devminor": int(minor)}
        link = b""
    return member(name, content, _TYPES[entry.kind], link=link, **fields)


def in_the_model(layers: Layers) -> dict[str, Row]:
    """What the model makes of layers, without what is no file to us."""
    rows = on_disk(layers)
    del rows[""]
    return {path: alone(path, row) for path, row in rows.items() if row[5] != DANGLING}


def alone(path: str, row: Row) -> Row:
    """Without hard links where we keep none: only files have them."""
    return row if row[0] is Kind.FILE else (*row[:6], frozenset({path}))


@given(any_stacks.map(without_devices), st.integers(0, 4))
@settings(max_examples=60)
def test_random_stacks_are_written_as_the_model_has_them(layers: Layers, number: int) -> None:
    """Path, type, mode, owner, time, size, content, link text, hard links, as of any layer."""
    layers = (layers or [[]])[: number + 1]
    expected = in_the_model(layers)
    with tempfile.TemporaryDirectory(prefix="layerscope-extract-") as name:
        home = Path(name)
        image = saved(home, *map(as_tar, layers))
        with inspecting(str(image), Options(jobs=1)) as inspection:
            root = find_place(inspection.analysis.index, "/", len(layers) - 1)
            assert root is not None
            extract(inspection.content, root, home / "out", EVERYTHING)

        found = rows_of(home / "out")

    del found[""]
    assert found == expected


def test_the_model_knows_symlinks() -> None:
    """Else the property above would say nothing of them."""
    rows = in_the_model([[symlink_entry("a", "b")]])

    assert rows["a"][5] == "b"
