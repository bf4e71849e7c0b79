"""One path made in an open folder: always a new one, in the place of another only where that is wanted."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from contextlib import suppress

import msgspec

from layerscope.content import FileContent
from layerscope.model.entry import Entry, Kind

_SPECIAL_BITS = stat.S_ISUID | stat.S_ISGID
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_DEVICE_TYPES = {
    Kind.CHARACTER_DEVICE: stat.S_IFCHR,
    Kind.BLOCK_DEVICE: stat.S_IFBLK,
    Kind.FIFO: stat.S_IFIFO,
}


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done beyond writing contents, folders, links, modes and times.

    ``force`` replaces what is in the way. ``keep_special`` keeps the setuid and setgid bits.
    ``max_bytes`` bounds the contents, holes included; None is no bound.
    """

    force: bool = False
    owners: bool = False
    devices: bool = False
    keep_special: bool = False
    max_bytes: int | None = None


def make_file(
    folder: int, name: bytes, entry: Entry, content: FileContent, wishes: Wishes, told: Callable[[int], None]
) -> None:
    """A file with its content, holes kept; nothing of it stays where that fails."""

    def write(new: bytes) -> None:
        file = os.open(new, _NEW, 0o600, dir_fd=folder)
        try:
            for place, data in content.pieces():
                _write_fully(file, data, place)
                told(len(data))
            os.ftruncate(file, entry.size_bytes)
            dress(file, entry, wishes)
        except BaseException:
            os.unlink(new, dir_fd=folder)
            raise
        finally:
            os.close(file)

    _put(folder, name, write, wishes)


def make_folder(folder: int, name: bytes, wishes: Wishes) -> bool:
    """A folder that only its owner can enter as yet; False where one was there."""
    try:
        os.mkdir(name, 0o700, dir_fd=folder)
    except FileExistsError:
        if stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            return False
        if not wishes.force:
            raise
        os.unlink(name, dir_fd=folder)
        os.mkdir(name, 0o700, dir_fd=folder)
    return True


def make_symlink(folder: int, name: bytes, entry: Entry, wishes: Wishes) -> None:
    """A symlink with its text as it is, wherever that leads."""
    target = _text(entry.link_target or "")
    _put(folder, name, lambda new: os.symlink(target, new, dir_fd=folder), wishes)
    _dress_name(folder, name, entry, wishes)


def make_device(folder: int, name: bytes, entry: Entry, wishes: Wishes) -> None:
    """A device or a named pipe."""
    major, _, minor = (entry.link_target or "0:0").partition(":")
    mode = _DEVICE_TYPES[entry.kind] | entry.mode & 0o777

    def make(new: bytes) -> None:
        mask = os.umask(0)
        try:
            os.mknod(new, mode, os.makedev(int(major), int(minor)), dir_fd=folder)
        finally:
            os.umask(mask)

    _put(folder, name, make, wishes)
    _dress_name(folder, name, entry, wishes)


def make_link(folder: int, name: bytes, source_folder: int, source: bytes, wishes: Wishes) -> None:
    """One more name for a file that has been written."""

    def link(new: bytes) -> None:
        os.link(source, new, src_dir_fd=source_folder, dst_dir_fd=folder, follow_symlinks=False)

    _put(folder, name, link, wishes)


def dress(file: int, entry: Entry | None, wishes: Wishes) -> None:
    """Owner, mode and time of an open file or folder; 0755 for a folder that no layer mentions."""
    if wishes.owners:
        os.fchown(file, entry.uid if entry else 0, entry.gid if entry else 0)
    mode = entry.mode if entry else 0o755
    # After the owner: changing that takes the special bits away.
    os.fchmod(file, mode & 0o7777 if wishes.keep_special else mode & 0o7777 & ~_SPECIAL_BITS)
    if entry is not None:
        with suppress(OverflowError, OSError):  # a time that this file system cannot hold
            os.utime(file, ns=(entry.mtime_ns, entry.mtime_ns))


def _dress_name(folder: int, name: bytes, entry: Entry, wishes: Wishes) -> None:
    if wishes.owners:
        os.chown(name, entry.uid, entry.gid, dir_fd=folder, follow_symlinks=False)
    with suppress(OverflowError, OSError):  # a time that this file system cannot hold
        os.utime(name, ns=(entry.mtime_ns, entry.mtime_ns), dir_fd=folder, follow_symlinks=False)


def _put(folder: int, name: bytes, make: Callable[[bytes], None], wishes: Wishes) -> None:
    """Make a name that must not be there; with force under another one, which then takes its place."""
    try:
        make(name)
    except FileExistsError:
        if not wishes.force:
            raise
    else:
        return
    aside = b".layerscope-" + os.urandom(8).hex().encode()
    make(aside)
    try:
        os.replace(aside, name, src_dir_fd=folder, dst_dir_fd=folder)
    finally:
        # It is still there where it could not take the place, or is another name of what stood there.
        with suppress(FileNotFoundError):
            os.unlink(aside, dir_fd=folder)


def _text(target: str) -> bytes:
    """A symlink's text as the file system has it."""
    try:
        encoded = target.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        encoded = b"\0"
    if b"\0" in encoded:
        raise OSError(errno.EILSEQ, "no symlink can hold its text")
    return encoded


def _write_fully(file: int, data: bytes, place: int) -> None:
    left = memoryview(data)
    while left:
        count = os.pwrite(file, left, place)
        left, place = left[count:], place + count
