"""Oracle: the layers are applied to a real folder, and the kernel says what stands there."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from hypothesis import assume, given

from layerscope.model.entry import Entry, Kind
from layerscope.union.index import PathIndex
from layerscope.union.views import merged
from tests.union.dsl import (
    directory,
    file,
    hardlink,
    layer,
    opaque,
    stack,
    symlink,
    whiteout,
)
from tests.union.folder import DANGLING, IS_ROOT, CircularError, Folder, below, is_dangling
from tests.union.strategies import (
    CONTENT_OF,
    Layers,
    any_stacks,
    changesets_of,
    orderly_stacks,
)

KINDS = {
    stat.S_IFREG: Kind.FILE,
    stat.S_IFDIR: Kind.DIRECTORY,
    stat.S_IFLNK: Kind.SYMLINK,
    stat.S_IFIFO: Kind.FIFO,
    stat.S_IFCHR: Kind.CHARACTER_DEVICE,
}

Row = tuple[Kind, int, int | None, int | None, int, str | bytes | None, frozenset[str]]
"""Type, mode, owner, time (not of a folder), size, text or content, names of the same inode."""


def on_disk(layers: Layers) -> dict[str, Row]:
    """Apply the layers for real and read what stands there."""
    with tempfile.TemporaryDirectory(prefix="layerscope-folder-") as home:
        folder = Folder(Path(home))
        try:
            for entries in layers:
                folder.apply(entries)
        except CircularError:
            assume(condition=False)
        return rows_of(folder.root)


def rows_of(root: Path) -> dict[str, Row]:
    """Read a folder; every name's link count is the number of names found."""
    paths = [root, *below(root)]
    names: dict[int, set[str]] = {}
    for path in paths:
        name = path.relative_to(root).as_posix().removeprefix(".")
        names.setdefault(path.lstat().st_ino, set()).add(name)
    rows: dict[str, Row] = {}
    for path in paths:
        status = path.lstat()
        kind = KINDS[stat.S_IFMT(status.st_mode)]
        group = names[status.st_ino]
        is_folder = kind is Kind.DIRECTORY
        assert is_folder or status.st_nlink == len(group)
        name = path.relative_to(root).as_posix().removeprefix(".")
        rows[name] = (
            kind,
            stat.S_IMODE(status.st_mode),
            status.st_uid if IS_ROOT else None,
            None if is_folder or is_dangling(path) else status.st_mtime_ns,
            0 if kind in (Kind.DIRECTORY, Kind.SYMLINK) else status.st_size,
            content_on_disk(path, kind, status),
            frozenset(group if kind is Kind.FILE and not is_dangling(path) else {name}),
        )
    return rows


def content_on_disk(path: Path, kind: Kind, status: os.stat_result) -> str | bytes | None:
    """Read a file's content, a symlink's text or a device's number."""
    match kind:
        case Kind.FILE:
            return path.read_bytes()
        case Kind.SYMLINK:
            return str(path.readlink())
        case Kind.CHARACTER_DEVICE:
            return f"{os.major(status.st_rdev)}:{os.minor(status.st_rdev)}"
        case _:
            return None


def in_the_index(index: PathIndex) -> dict[str, Row]:
    """Read the same of the merged filesystem."""
    rows = list(merged(index))
    groups: dict[str, set[str]] = {}
    for row in rows:
        groups.setdefault(row.link_of or row.path, set()).add(row.path)
    return {row.path: expected(row.entry, frozenset(groups[row.link_of or row.path])) for row in rows}


def expected(entry: Entry | None, group: frozenset[str]) -> Row:
    """Tell what the kernel should say of an entry."""
    if entry is None:
        return Kind.DIRECTORY, 0o755, 0 if IS_ROOT else None, None, 0, None, group
    uid = entry.uid if IS_ROOT else None
    if entry.kind is Kind.HARDLINK:
        return Kind.FILE, 0, 0 if IS_ROOT else None, None, len(DANGLING), DANGLING, group
    if entry.kind is Kind.DIRECTORY:
        return entry.kind, entry.mode, uid, None, 0, None, group
    content = entry.link_target if entry.content_hash is None else CONTENT_OF[entry.content_hash]
    return entry.kind, entry.mode, uid, entry.mtime_ns, entry.size_bytes, content, group


def without_devices(layers: Layers) -> Layers:
    """Leave out what only root can make."""
    if IS_ROOT:
        return layers
    return [[e for e in entries if e.kind is not Kind.CHARACTER_DEVICE] for entries in layers]


@given(orderly_stacks.map(without_devices))
def test_an_orderly_stack_is_what_a_folder_is_after_its_layers(layers: Layers) -> None:
    """Path, type, mode, owner, time, size, content, link text and link count."""
    assume(layers)

    assert in_the_index(stack(*changesets_of(layers))) == on_disk(layers)


@given(any_stacks.map(without_devices))
def test_any_stack_is_what_a_folder_is_after_its_layers(layers: Layers) -> None:
    """Also with repeated paths, symlinked parents and files that have something below them."""
    assume(layers)

    assert in_the_index(stack(*changesets_of(layers))) == on_disk(layers)


def test_a_stack_with_some_of_everything_is_what_a_folder_is_after_its_layers() -> None:
    """A fixed one beside the random ones."""
    layers: Layers = [
        [
            directory("a", mode=0o700, uid=1),
            file("a/f", b"x", mode=0o755, mtime=1),
            hardlink("g", "a/f"),
            symlink("s", "/a/../a"),
            file("d/old", b"zz"),
            file("d/e/older", b"y"),
        ],
        [
            whiteout("a/f"),
            file("s/new", b"four"),
            opaque("d"),
            file("d/e/new", b"x"),
            hardlink("late", "d/e/new"),
            hardlink("h", "d/old"),
        ],
        [whiteout("a"), file("a/again"), symlink("d", "nowhere"), file("g/f", b"y")],
    ]

    index = stack(*(layer(*entries) for entries in layers))

    assert in_the_index(index) == on_disk(layers)
    assert len(in_the_index(index)) == 9
