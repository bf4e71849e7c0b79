"""What cannot be written: too large, too long, a full disk, a content that changed."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from layerscope.errors import ImageError, LimitExceeded, WriteError
from layerscope.extract import Wishes, extract
from layerscope.extract.plan import plan
from layerscope.inspection import inspecting
from layerscope.union.places import Place, find_place
from tests.extract.written import BASE, tree, write
from tests.oci.tar.raw import member
from tests.sources.images import file, layer, saved
from tests.union.dsl import file as file_entry
from tests.union.dsl import layer as changeset
from tests.union.dsl import stack


def test_names_that_are_too_long_are_reported(tmp_path: Path, out: Path) -> None:
    name = b"n" * 256
    image = saved(
        tmp_path, layer(file(name, b"x"), file(b"d/" + name + b"/below", b"x"), member(b"good", b"y"))
    )

    done = write(image, "/", out)

    assert tree(out) == {"good": b"y", "d": None}
    assert {missing.path.count("/"): missing.reason for missing in done.missing} == {
        0: "File name too long",
        1: "File name too long",
        2: "its folder is missing",
    }


@pytest.mark.parametrize("name", ["nul\0name", "..", ".", "half \ud800"])
def test_names_that_no_file_system_can_hold_are_not_even_tried(name: str) -> None:
    """No archive brings them so far: the scanner refuses or normalises them."""
    index = stack(changeset(file_entry(f"{name}/below"), file_entry(f"good/{name}")))

    planned = plan(Place(layer=0, node=index.root, version=index.root.versions[0]))

    assert sorted(missing.path for missing in planned.missing) == sorted([name, f"good/{name}"])
    assert [folder.spot.name for folder in planned.folders] == [b"good"]


def test_what_is_larger_than_allowed_is_not_begun(image: Path, out: Path) -> None:
    """Holes count: whoever copies the file pays for them."""
    with pytest.raises(LimitExceeded):
        write(image, "/srv", out, wishes=Wishes(max_bytes=(32 << 20) - 1))

    assert not out.exists()


def test_what_does_not_fit_on_the_disk_is_not_begun(
    tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = saved(tmp_path, BASE)
    disk = os.statvfs(tmp_path)
    full = os.statvfs_result((*disk[:3], 0, 0, *disk[5:]))
    monkeypatch.setattr(os, "fstatvfs", lambda _: full)

    with pytest.raises(WriteError, match="0 are free"):
        write(image, "/srv", out)

    assert list(out.iterdir()) == []


def test_a_full_disk_ends_it_and_leaves_no_half_file(
    image: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = os.pwrite

    def fail_at_deep(handle: int, data: bytes, place: int) -> int:
        if bytes(data) == b"deep":
            raise OSError(errno.ENOSPC, "No space left on device")
        return plain(handle, data, place)

    monkeypatch.setattr(os, "pwrite", fail_at_deep)

    with pytest.raises(WriteError) as caught:
        write(image, "/srv", out, layer=0)

    assert caught.value.message == f"{out}: No space left on device"
    assert caught.value.hint == "5 of 10 entries were written before that"
    assert tree(out) == {
        "srv": None,
        "srv/also": b"#!/bin/sh\n",
        "srv/old": b"old",
        "srv/d": None,
        "srv/d/deep": None,
    }


def test_one_file_that_cannot_be_written_is_reported_with_the_links_to_it(
    image: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = os.pwrite

    def fail_at_script(handle: int, data: bytes, place: int) -> int:
        if bytes(data).startswith(b"#!"):
            raise OSError(errno.EFBIG, "File too large")
        return plain(handle, data, place)

    monkeypatch.setattr(os, "pwrite", fail_at_script)

    done = write(image, "/srv", out)

    assert {missing.path: missing.reason for missing in done.missing} == {
        "srv/also": "File too large",
        "srv/app": "it is a hard link to /srv/also, which is missing",
        "srv/d/deep/link": "it is a hard link to /srv/also, which is missing",
    }
    assert (out / "srv/new").read_bytes() == b"new"


def test_a_content_that_changed_ends_it_and_leaves_no_half_file(image: Path, out: Path) -> None:
    with inspecting(str(image)) as inspection:
        place = find_place(inspection.analysis.index, "/srv/new")
        assert place is not None
        raw = image.read_bytes()
        image.write_bytes(raw.replace(b"new" + bytes(509), b"n3w" + bytes(509)))

        with pytest.raises(ImageError) as caught:
            extract(inspection.content, place, out)

    assert caught.value.message == "/srv/new: its content is not what it was when it was scanned"
    assert caught.value.hint == "0 of 1 entries were written before that"
    assert tree(out) == {}
