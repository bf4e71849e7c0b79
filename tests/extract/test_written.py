"""What is written out: names, contents, attributes, links; and where."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest

from layerscope.errors import UsageError, WriteError
from layerscope.extract import Wishes
from layerscope.inspection import inspecting
from layerscope.union.places import find_place
from tests.extract.written import EVERYTHING, SECOND, sentinel, symlink, tree, write
from tests.oci.tar.raw import member
from tests.sources.images import file, layer, saved
from tests.union.folder import IS_ROOT


def test_a_folder_is_written_under_its_own_name(image: Path, out: Path) -> None:
    done = write(image, "/srv", out)

    assert {path: text for path, text in tree(out).items() if path != "srv/sparse"} == {
        "srv": None,
        "srv/app": b"#!/bin/sh\n",
        "srv/also": b"#!/bin/sh\n",
        "srv/bin": "/usr/bin",
        "srv/new": b"new",
        "srv/d": None,
        "srv/d/deep": None,
        "srv/d/deep/file": b"deep",
        "srv/d/deep/link": b"#!/bin/sh\n",
    }
    assert (done.files, done.folders, done.links, done.devices_left_out) == (4, 3, 3, 1)
    assert done.written_bytes == len(b"#!/bin/sh\n" + b"new" + b"deep" + b"0123456789")
    assert done.missing == ()


def test_as_of_a_layer_is_what_was_there_then(image: Path, out: Path) -> None:
    write(image, "/srv", out, layer=0)

    assert (out / "srv/old").read_bytes() == b"old"
    assert not (out / "srv/new").exists()


def test_the_root_goes_right_into_the_folder(image: Path, out: Path) -> None:
    write(image, "/", out)

    assert sorted(path.name for path in out.iterdir()) == ["srv"]


@pytest.mark.parametrize("path", ["/srv/old", "other"])
def test_a_deleted_file_is_written_as_it_was_last(path: str, image: Path, out: Path) -> None:
    write(image, path, out)

    assert list(tree(out).values()) in ([b"old"], [b"elsewhere"])


def test_modes_and_times_are_kept_and_special_bits_dropped(image: Path, out: Path) -> None:
    write(image, "/srv", out)

    assert stat.S_IMODE((out / "srv/app").stat().st_mode) == 0o755
    assert stat.S_IMODE((out / "srv").stat().st_mode) == 0o750
    assert (out / "srv").stat().st_mtime_ns == SECOND * 10**9
    assert (out / "srv/app").stat().st_mtime_ns == SECOND * 10**9
    assert (out / "srv/d/deep/file").stat().st_mtime_ns == 1700000000123456789
    assert (out / "srv/app").stat().st_uid == os.geteuid()


def test_special_bits_are_kept_where_that_is_wanted(image: Path, out: Path) -> None:
    write(image, "/srv", out, wishes=EVERYTHING)

    assert stat.S_IMODE((out / "srv/app").stat().st_mode) == 0o4755


@pytest.mark.skipif(not IS_ROOT, reason="only root can give files away")
def test_owners_are_set_where_that_is_wanted(image: Path, out: Path) -> None:
    write(image, "/srv", out, wishes=EVERYTHING)

    status = (out / "srv/app").stat()
    assert (status.st_uid, status.st_gid) == (1000, 100)


def test_pipes_and_devices_are_made_where_that_is_wanted(image: Path, out: Path) -> None:
    done = write(image, "/srv", out, wishes=EVERYTHING)

    mode = (out / "srv/pipe").stat().st_mode
    assert stat.S_ISFIFO(mode)
    assert stat.S_IMODE(mode) == 0o666
    assert (done.devices, done.devices_left_out) == (1, 0)


def test_hard_links_within_what_is_written_are_kept(image: Path, out: Path) -> None:
    write(image, "/srv", out)

    names = [out / "srv/app", out / "srv/also", out / "srv/d/deep/link"]
    assert {path.stat().st_nlink for path in names} == {3}
    assert len({path.stat().st_ino for path in names}) == 1


def test_a_hard_link_alone_is_a_file_with_the_content(image: Path, out: Path) -> None:
    write(image, "/srv/d", out)

    assert (out / "d/deep/link").read_bytes() == b"#!/bin/sh\n"


def test_holes_are_kept(image: Path, out: Path) -> None:
    write(image, "/srv/sparse", out)

    status = (out / "sparse").stat()
    assert status.st_size == 32 << 20
    assert status.st_blocks * 512 < 1 << 20
    assert (out / "sparse").read_bytes() == bytes(1 << 20) + b"0123456789" + bytes((31 << 20) - 10)


def filled(folder: Path) -> None:
    """Something of everything where the files of BASE would go."""
    (folder / "srv/d").mkdir(parents=True)
    (folder / "srv/app").write_bytes(b"mine")
    (folder / "srv/new").symlink_to(folder.parent / "sentinel/file")
    (folder / "srv/bin").mkdir()
    (folder / "srv/d/deep").symlink_to(folder.parent / "sentinel")


@pytest.mark.parametrize("path", ["/", "/srv"])
def test_nothing_is_written_where_something_is(path: str, image: Path, out: Path) -> None:
    filled(out)
    before = tree(out)

    with pytest.raises(WriteError) as caught:
        write(image, path, out)

    assert tree(out) == before
    assert caught.value.hint == "--force replaces what is in the way"


@pytest.mark.parametrize("link", ["file", "nowhere", "."])
def test_a_symlink_in_the_place_of_a_file_is_not_followed(link: str, image: Path, out: Path) -> None:
    out.mkdir()
    (out / "new").symlink_to(out.parent / link)
    with sentinel(out.parent), pytest.raises(WriteError):
        write(image, "/srv/new", out)

    assert (out / "new").is_symlink()


def test_with_force_files_and_links_are_replaced_and_folders_kept(image: Path, out: Path) -> None:
    """A symlink goes itself, never what it leads to; a folder is not replaced by a file or a link."""
    filled(out)
    (out / "srv/mine").write_bytes(b"mine too")

    with sentinel(out.parent):
        done = write(image, "/srv", out, wishes=Wishes(force=True))

    found = tree(out)
    assert (found["srv/app"], found["srv/new"], found["srv/mine"]) == (b"#!/bin/sh\n", b"new", b"mine too")
    assert (found["srv/d/deep"], found["srv/d/deep/file"]) == (None, b"deep")
    assert [missing.path for missing in done.missing] == ["srv/bin"]
    assert not any(".layerscope-" in path for path in found)


def test_with_force_the_same_again_gives_the_same(image: Path, out: Path) -> None:
    write(image, "/srv", out)
    before = tree(out)

    done = write(image, "/srv", out, wishes=Wishes(force=True))

    assert tree(out) == before
    assert done.missing == ()
    assert (out / "srv/app").stat().st_nlink == 3


def test_names_that_are_not_utf_8_are_written_as_they_are(tmp_path: Path, out: Path) -> None:
    names = [b"caf\xe9", b"two\nlines", "名前".encode(), b"\x1b[31m", b"a\\b", b" ", b"-rf"]
    image = saved(tmp_path, layer(*(file(name, name) for name in names)))

    write(image, "/", out)

    assert sorted(os.fsencode(path.name) for path in out.iterdir()) == sorted(names)


def test_folders_eight_thousand_deep(tmp_path: Path, out: Path) -> None:
    """As deep as the scanner lets a name be: far more than descriptors, or than a path may be long."""
    depth = 8000
    image = saved(tmp_path, layer(file(b"d/" * depth + b"f", b"bottom"), member(b"top", b"y")))
    try:
        done = write(image, "/", out)
        found = subprocess.run(["find", out, "-type", "f"], capture_output=True, check=True).stdout
    finally:
        subprocess.run(["rm", "-rf", out], check=True)

    assert (done.files, done.folders, done.missing) == (2, depth, ())
    assert found.count(b"/d") >= depth


def test_a_hard_link_to_nothing_and_a_symlink_without_text_are_reported(tmp_path: Path, out: Path) -> None:
    image = saved(
        tmp_path, layer(member(b"h", typeflag=b"1", link=b"nowhere"), symlink(b"s", b""), member(b"f", b"x"))
    )

    done = write(image, "/", out)

    assert {missing.path for missing in done.missing} == {"h", "s"}
    assert tree(out) == {"f": b"x"}


def test_a_path_that_is_nowhere_is_no_place(image: Path) -> None:
    with inspecting(str(image)) as inspection:
        assert find_place(inspection.analysis.index, "/nowhere") is None
        assert find_place(inspection.analysis.index, "/srv/new", 0) is None


def test_usage_errors_are_not_swallowed(image: Path) -> None:
    """A directory has no content to open: that is for `extract`, which makes it."""
    with inspecting(str(image)) as inspection:
        place = find_place(inspection.analysis.index, "/srv")
        assert place is not None
        with pytest.raises(UsageError):
            inspection.content.open(place.version)


@pytest.mark.parametrize("destination", ["file", "file/below"])
def test_a_destination_that_is_no_folder_is_an_error(destination: str, image: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"mine")

    with pytest.raises(WriteError):
        write(image, "/srv", tmp_path / destination)

    assert (tmp_path / "file").read_bytes() == b"mine"
