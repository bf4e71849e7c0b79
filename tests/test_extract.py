"""What is written out of an image: the same as an engine would have, and nowhere but in the folder."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layerscope.errors import ImageError, LimitExceeded, UsageError, WriteError
from layerscope.extract import Extracted, Wishes, extract, making
from layerscope.extract.plan import plan
from layerscope.inspection import Options, inspecting
from layerscope.model.entry import Entry, Kind
from layerscope.union.places import Place, find_place
from tests.oci.tar.raw import END, member, pax
from tests.oci.tar.sparse import pax_1_0
from tests.sources.images import file, layer, saved, whiteout
from tests.union.dsl import file as file_entry
from tests.union.dsl import layer as changeset
from tests.union.dsl import stack
from tests.union.dsl import symlink as symlink_entry
from tests.union.folder import DANGLING, IS_ROOT
from tests.union.strategies import CONTENT_OF, Layers, any_stacks
from tests.union.test_applied_folder import Row, on_disk, rows_of, without_devices

SECOND = 1_700_000_000
NANO = b"1700000000.123456789"
EVERYTHING = Wishes(owners=IS_ROOT, devices=True, keep_special=True)
BASE = layer(
    member(b"srv/", typeflag=b"5", mode=0o750, mtime=SECOND),
    member(b"srv/app", b"#!/bin/sh\n", mode=0o4755, uid=1000, gid=100, mtime=SECOND),
    member(b"srv/also", typeflag=b"1", link=b"srv/app"),
    member(b"srv/bin", typeflag=b"2", link=b"/usr/bin"),
    member(b"srv/old", b"old"),
    member(b"srv/pipe", typeflag=b"6", mode=0o666),
    pax((b"mtime", NANO)) + member(b"srv/d/deep/file", b"deep"),
    pax_1_0(b"srv/sparse", [(1 << 20, 10)], b"0123456789", 32 << 20),
    member(b"srv/d/deep/link", typeflag=b"1", link=b"srv/app"),
    member(b"other", b"elsewhere"),
)
TOP = layer(whiteout(b"srv/old"), member(b"srv/new", b"new"), whiteout(b"other"))


def directory(path: bytes, *, mode: int = 0o755, **fields: Any) -> bytes:
    """A directory."""
    return member(path + b"/", typeflag=b"5", mode=mode, **fields)


def symlink(path: bytes, target: bytes) -> bytes:
    """A symlink."""
    return member(path, typeflag=b"2", link=target)


def write(
    image: Path, path: str, folder: Path, *, layer: int | None = None, wishes: Wishes | None = None
) -> Extracted:
    """Extract a path of an image into a folder."""
    with inspecting(str(image), Options(jobs=1)) as inspection:
        place = find_place(inspection.analysis.index, path, layer)
        assert place is not None
        return extract(inspection.content, place, folder, wishes)


def tree(folder: Path) -> dict[str, bytes | str | None]:
    """What stands below a folder: content of files, text of symlinks, None for directories."""
    found: dict[str, bytes | str | None] = {}
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(parent, name)
            text: bytes | str | None = None
            if path.is_symlink():
                text = str(path.readlink())
            elif stat.S_ISREG(path.lstat().st_mode):
                text = path.read_bytes()
            found[path.relative_to(folder).as_posix()] = text
    return found


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """An image with an entry of most types in two layers."""
    return saved(tmp_path, BASE, TOP)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """The folder to write into, which is not there yet."""
    return tmp_path / "out"


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


# --- What is there already


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


# --- Hostile images


@contextmanager
def sentinel(home: Path) -> Iterator[None]:
    """A tree beside the folder to write into; it must be the same afterwards."""
    place = home / "sentinel"
    (place / "folder").mkdir(parents=True)
    (place / "file").write_bytes(b"untouched")
    os.utime(place, ns=(1, 1))
    before = seen(home)
    yield
    assert seen(home) == before


def seen(home: Path) -> list[object]:
    """All that a write to anywhere outside the folder ``out`` would change."""
    place = home / "sentinel"
    statuses = [path.stat() for path in (place, place / "file", place / "folder")]
    attributes = [
        (s.st_mode, s.st_uid, s.st_nlink, s.st_size, s.st_mtime_ns, s.st_ctime_ns) for s in statuses
    ]
    names = sorted(path.name for path in home.iterdir() if path.name != "out")
    return [tree(place), attributes, names]


def hostile(home: Path) -> dict[str, list[bytes]]:
    """Layers that try to get out of the folder, by what they try."""
    target = os.fsencode(home / "sentinel")
    up = b"../" * 40 + target.removeprefix(b"/")
    through = [
        (b"absolute symlink", symlink(b"l", target)),
        (b"relative symlink", symlink(b"l", up)),
        (b"sibling", symlink(b"l", b"../sentinel")),
    ]
    cases = {
        "dot-dot": [member(b"../sentinel/file", b"evil") + member(up + b"/file", b"evil")],
        "inner dot-dot": [directory(b"d") + member(b"d/../../sentinel/file", b"evil")],
        "absolute": [member(target + b"/file", b"evil") + directory(target)],
        "hard link out": [
            member(b"h", typeflag=b"1", link=b"../sentinel/file")
            + member(b"h2", typeflag=b"1", link=target + b"/file")
            + member(b"h2", b"evil")
        ],
        "hard link through a symlink": [
            symlink(b"l", target) + member(b"h", typeflag=b"1", link=b"l/file") + member(b"h", b"evil")
        ],
        "hard link to a symlink": [
            symlink(b"l", target + b"/file") + member(b"h", typeflag=b"1", link=b"l", mode=0o777)
        ],
        "symlink over symlink": [
            symlink(b"a", b".")
            + symlink(b"a/b", target)
            + member(b"a/b/file", b"evil")
            + member(b"b", b"evil")
        ],
        "circle": [symlink(b"a", b"b") + symlink(b"b", b"a") + member(b"a/file", b"evil")],
        "directory over symlink": [
            symlink(b"l", target) + directory(b"l", uid=7) + member(b"l/file", b"evil"),
            symlink(b"l", target),
        ],
        "whiteout": [symlink(b"l", target) + whiteout(b"l/file") + whiteout(b"../sentinel/file")],
        "names": [member(b"..", b"evil") + member(b"./../..", b"evil") + file(b"d/..\\..\\file", b"evil")],
    }
    for name, link in through:
        cases[f"{name.decode()}, then a file through it"] = [link + member(b"l/file", b"evil")]
        cases[f"{name.decode()}, then a file in the next layer"] = [link, member(b"l/file", b"evil")]
        cases[f"{name.decode()} in the place of a folder"] = [
            directory(b"l") + member(b"l/file", b"evil"),
            whiteout(b"l") + link,
        ]
        cases[f"{name.decode()} twice"] = [
            link + link + member(b"l", b"evil") + link + member(b"l/x/y", b"evil")
        ]
    return cases


@pytest.mark.parametrize("case", hostile(Path("/home")))
@pytest.mark.parametrize("wishes", [Wishes(), Wishes(force=True), EVERYTHING])
def test_nothing_is_written_outside_the_folder(case: str, wishes: Wishes, tmp_path: Path) -> None:
    layers = [tar + END for tar in hostile(tmp_path)[case]]
    image = saved(tmp_path, *layers)

    with sentinel(tmp_path):
        for number in range(len(layers)):
            write(image, "/", tmp_path / "out", layer=number, wishes=wishes)
            subprocess.run(["rm", "-rf", tmp_path / "out"], check=True)


@pytest.mark.parametrize("moment", ["make_file", "make_symlink", "make_link", "make_folder", "dress"])
def test_a_folder_that_is_replaced_by_a_symlink_meanwhile_is_noticed(
    moment: str, image: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else who may write there swaps a folder after the first file, link or folder was made."""
    import layerscope.extract as module

    plain = getattr(module, moment)
    swapped: list[Path] = []

    def swap(*arguments: Any, **more: Any) -> Any:
        result = plain(*arguments, **more)
        deep = out / "srv/d/deep"
        if not swapped and deep.is_dir():
            swapped.append(deep.rename(out / "aside"))
            deep.symlink_to(out.parent / "sentinel")
        return result

    monkeypatch.setattr(module, moment, swap)

    with sentinel(out.parent), suppress(WriteError):
        write(image, "/srv", out, wishes=Wishes(force=True))

    assert swapped


def test_a_folder_that_is_moved_elsewhere_meanwhile_is_not_left_to_there(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its ``..`` leads to the sentinel then."""
    import layerscope.extract as module

    image = saved(tmp_path, layer(member(b"a/b/first", b"1"), member(b"a/second", b"2"), directory(b"a/c")))
    plain = making.make_file

    def move(*arguments: Any, **more: Any) -> None:
        plain(*arguments, **more)
        if (out / "a/b").exists():
            (out / "a/b").rename(out.parent / "sentinel/folder/b")

    monkeypatch.setattr(module, "make_file", move)
    (out.parent / "sentinel/folder").mkdir(parents=True)

    with pytest.raises(WriteError, match="moved or replaced"):
        write(image, "/", out)

    assert sorted(path.name for path in (out.parent / "sentinel").iterdir()) == ["folder"]


def test_a_folder_that_is_replaced_before_it_is_entered_is_not_entered(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import layerscope.extract as module

    image = saved(tmp_path, layer(member(b"a/file", b"evil")))
    plain = making.make_folder

    def swap(*arguments: Any, **more: Any) -> bool:
        made = plain(*arguments, **more)
        (out / "a").rmdir()
        (out / "a").symlink_to(out.parent / "sentinel")
        return made

    monkeypatch.setattr(module, "make_folder", swap)

    with sentinel(out.parent):
        done = write(image, "/", out, wishes=Wishes(force=True))

    assert [missing.path for missing in done.missing] == ["a", "a/file"]


def test_folders_that_their_owner_may_not_enter_are_written_by_others_than_root() -> None:
    """Each gets its mode when everything below it is done."""
    tar = layer(
        directory(b"a", mode=0o000), directory(b"a/b", mode=0o500), member(b"a/b/f", b"x", mode=0o400)
    )
    with tempfile.TemporaryDirectory(prefix="layerscope-extract-") as name:
        home = Path(name)
        home.chmod(0o777)
        image = saved(home, tar)
        with inspecting(str(image), Options(jobs=1)) as inspection:
            place = find_place(inspection.analysis.index, "/")
            assert place is not None
            with nobody():
                done = extract(inspection.content, place, home / "out")
        modes = [stat.S_IMODE((home / "out" / path).stat().st_mode) for path in ("a", "a/b", "a/b/f")]

    assert (done.missing, modes) == ((), [0o000, 0o500, 0o400])


@contextmanager
def nobody() -> Iterator[None]:
    """Without root's rights."""
    before = os.geteuid()
    if IS_ROOT:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


def test_folders_that_the_file_system_takes_for_one_are_not_mixed(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one that does not tell upper from lower case."""
    image = saved(tmp_path, layer(member(b"Doc/upper", b"1"), member(b"doc/lower", b"2")))
    for name in ("mkdir", "open", "stat"):
        plain = getattr(os, name)

        def folded(path: Any, *arguments: Any, plain: Any = plain, **more: Any) -> Any:
            return plain(path.lower() if more.get("dir_fd") is not None else path, *arguments, **more)

        monkeypatch.setattr(os, name, folded)

    done = write(image, "/", out)

    assert tree(out) == {"doc": None, "doc/upper": b"1"}
    assert [missing.path for missing in done.missing] == ["doc", "doc/lower"]


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


# --- What goes wrong


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


def test_a_hard_link_to_nothing_and_a_symlink_without_text_are_reported(tmp_path: Path, out: Path) -> None:
    image = saved(
        tmp_path, layer(member(b"h", typeflag=b"1", link=b"nowhere"), symlink(b"s", b""), member(b"f", b"x"))
    )

    done = write(image, "/", out)

    assert {missing.path for missing in done.missing} == {"h", "s"}
    assert tree(out) == {"f": b"x"}


@pytest.mark.parametrize("destination", ["file", "file/below"])
def test_a_destination_that_is_no_folder_is_an_error(destination: str, image: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"mine")

    with pytest.raises(WriteError):
        write(image, "/srv", tmp_path / destination)

    assert (tmp_path / "file").read_bytes() == b"mine"


# --- Against the model that applies layers to a real folder


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
