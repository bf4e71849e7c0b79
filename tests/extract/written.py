"""What is written out in these tests, and what is then found on the disk."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from layerscope.extract import Extracted, Wishes, extract
from layerscope.inspection import Options, inspecting
from layerscope.union.places import find_place
from tests.oci.tar.raw import member, pax
from tests.oci.tar.sparse import pax_1_0
from tests.sources.images import layer, whiteout
from tests.union.folder import IS_ROOT

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
