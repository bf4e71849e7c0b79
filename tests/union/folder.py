"""Layers applied to a real folder, entry by entry, as an engine unpacks them.

No system call here ever follows a symlink: an image's links may point anywhere.
"""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

from layerscope.model.entry import Entry, Kind
from tests.union.strategies import CONTENT_OF

IS_ROOT = os.geteuid() == 0
MAX_HOPS = 40
DANGLING = b"a hard link to nothing"
"""What is written in place of a hard link that cannot be made; its mode is 0."""


class CircularError(Exception):
    """Hard links name each other, or symlinks of a parent lead back to themselves."""


class Folder:
    """An image's root filesystem, and what the present layer has put there so far."""

    def __init__(self, home: Path) -> None:
        self.root, self._lower = home / "root", home / "lower"
        self._aside, self._held = home / "aside", home / "held"
        self._own = set[Path]()
        self._marked = set[Path]()
        self._waiting: dict[Path, Entry] = {}
        self.root.mkdir()
        dress(self.root, None)

    def apply(self, entries: list[Entry]) -> None:
        """Unpack one layer over those before it."""
        copy_as_links(self.root, self._lower)
        self._aside.mkdir()
        self._own, self._marked, self._waiting = set(), set(), {}
        for entry in entries:
            match entry.kind:
                case Kind.WHITEOUT:
                    path = found_in(self.root, entry.path)
                    self._remove_lower([*below(path), path] if path is not None else [])
                case Kind.OPAQUE:
                    marked = self._folder(entry.path)
                    self._marked.add(marked)
                    self._remove_lower(below(marked))
                case Kind.HARDLINK:
                    self._hard_link(entry)
                case Kind.AUFS:
                    self._put(self._aside / last(entry.path), entry)
                case _:
                    self._put(self._place(entry.path), entry)
        while self._waiting:
            self._settle(next(iter(self._waiting)), [])
        shutil.rmtree(self._aside)
        shutil.rmtree(self._lower)

    def _place(self, name: str) -> Path:
        """Find where an entry goes; its folder is made where it is missing."""
        return self._folder(name.rpartition("/")[0]) / last(name)

    def _folder(self, name: str) -> Path:
        """Find the folder of this name, made where it is missing or not a folder."""
        found = followed(self.root, name)
        for path in reversed([found, *found.parents]):
            if self.root in path.parents and not is_folder(path):
                self._put(path, None)
        return found

    def _put(self, path: Path, entry: Entry | None) -> None:
        """Make what an entry says, or a folder that no entry speaks of."""
        if not (is_folder(path) and (entry is None or entry.kind is Kind.DIRECTORY)):
            self._clear(path)
            make(path, entry)
        dress(path, entry)
        self._own.add(path)

    def _clear(self, path: Path) -> None:
        """Remove whatever stands there, and what is known of it."""
        if is_folder(path):
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        gone = {known for known in self._own | self._marked if path in (known, *known.parents)}
        self._own -= gone
        self._marked -= gone
        for other in gone & set(self._waiting):
            del self._waiting[other]

    def _remove_lower(self, paths: list[Path]) -> None:
        """Remove what this layer did not put there; a folder still needed is as if made anew."""
        for path in paths:
            if path in self._own:
                continue
            if not is_folder(path):
                path.unlink()
            elif path in self._marked or any(path.iterdir()):
                self._put(path, None)
            else:
                path.rmdir()

    def _hard_link(self, entry: Entry) -> None:
        """Link to what stands there by now; what this layer brings later counts more."""
        path = self._place(entry.path)
        own = self._own_target(entry)
        if own is None or own in self._waiting:
            standing = found_in(self.root, entry.link_target or "") or self._before(entry)
            self._link(standing, path)
            self._waiting[path] = entry
        else:
            self._link(own, path)

    def _link(self, target: Path | None, path: Path) -> None:
        """Put one more name for a target there, or a sign that there is no target."""
        if target is not None and not is_folder(target) and not is_dangling(target):
            os.link(target, self._held, follow_symlinks=False)
            self._clear(path)
            self._held.rename(path)
        else:
            self._clear(path)
            path.write_bytes(DANGLING)
            path.chmod(0)
        self._own.add(path)

    def _settle(self, path: Path, leading_here: list[Path]) -> None:
        """Decide what a link means now that the layer has ended, after those that it leads to."""
        if path in leading_here:
            raise CircularError
        entry = self._waiting[path]
        target = self._own_target(entry)
        if target in self._waiting and target != path:
            self._settle(target, [*leading_here, path])
        del self._waiting[path]
        if target is not None and target != path:
            self._link(target, path)
        elif is_dangling(path):
            standing = None if target == path else found_in(self.root, entry.link_target or "")
            self._link(standing or self._before(entry), path)

    def _own_target(self, entry: Entry) -> Path | None:
        """Find what a hard link names among what this layer put there."""
        literal = entry.link_target or ""
        pseudo = self._aside / last(literal)
        if literal.startswith(".wh.") and pseudo in self._own:
            return pseudo
        target = found_in(self.root, literal)
        return target if target in self._own else None

    def _before(self, entry: Entry) -> Path | None:
        """Find what a hard link named before this layer came; no symlink is followed any more."""
        path = self._lower / (entry.link_target or "")
        parents = [parent for parent in path.parents if self._lower in parent.parents]
        return path if os.path.lexists(path) and all(map(is_folder, parents)) else None


def found_in(root: Path, name: str) -> Path | None:
    """Find what a name stands for below a root, its last part not followed."""
    path = followed(root, name.rpartition("/")[0]) / last(name)
    return path if last(name) and os.path.lexists(path) else None


def followed(root: Path, name: str) -> Path:
    """Follow a name inside the root, also through what is not there; links of a circle raise."""
    here, hops = root, 0
    todo = name.split("/")[::-1]
    while todo:
        there = here / (part := todo.pop())
        if part == "..":
            here = root if here == root else here.parent
        elif part in ("", "."):
            continue
        elif there.is_symlink():
            hops += 1
            if hops > MAX_HOPS:
                raise CircularError
            text = str(there.readlink())
            here = root if text.startswith("/") else here
            todo += text.split("/")[::-1]
        else:
            here = there
    return here


def make(path: Path, entry: Entry | None) -> None:
    """Make what an entry says where nothing is."""
    match entry.kind if entry is not None else Kind.DIRECTORY:
        case Kind.DIRECTORY:
            path.mkdir()
        case Kind.SYMLINK:
            path.symlink_to((entry and entry.link_target) or "")
        case Kind.FIFO:
            os.mkfifo(path)
        case Kind.CHARACTER_DEVICE:
            major, minor = ((entry and entry.link_target) or "0:0").split(":")
            os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(int(major), int(minor)))
        case _:
            path.write_bytes(CONTENT_OF[(entry and entry.content_hash) or b""])


def dress(path: Path, entry: Entry | None) -> None:
    """Give a path its owner, mode and time; 0755, 0:0 if no entry speaks of it."""
    if IS_ROOT:
        uid, gid = (entry.uid, entry.gid) if entry is not None else (0, 0)
        os.chown(path, uid, gid, follow_symlinks=False)
    if not path.is_symlink():
        path.chmod(entry.mode if entry is not None else 0o755)
    time_ns = entry.mtime_ns if entry is not None else 0
    os.utime(path, ns=(time_ns, time_ns), follow_symlinks=False)


def below(path: Path) -> list[Path]:
    """List everything below a folder, children before their parents."""
    if not is_folder(path):
        return []
    return [
        Path(folder) / name
        for folder, folders, files in os.walk(path, topdown=False)
        for name in (*files, *folders)
    ]


def copy_as_links(source: Path, copy: Path) -> None:
    """Keep what stands there now: the same folders, and one more name for everything else."""
    copy.mkdir()
    for path in reversed(below(source)):
        twin = copy / path.relative_to(source)
        if is_folder(path):
            twin.mkdir()
        else:
            os.link(path, twin, follow_symlinks=False)


def is_folder(path: Path) -> bool:
    """Tell whether a folder stands there, and not a link to one."""
    return not path.is_symlink() and path.is_dir()


def last(name: str) -> str:
    """Tell the last part of a name."""
    return name.rpartition("/")[2]


def is_dangling(path: Path) -> bool:
    """Tell whether a file stands for a hard link that could not be made."""
    return stat.S_ISREG(path.lstat().st_mode) and path.read_bytes() == DANGLING
