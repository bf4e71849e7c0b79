"""Temporary data of one run: in a private folder, bounded, and gone when the run is over or crashed.

All runs have their folders in one place (`temp_folder`). A folder in use is locked; one whose run
was killed is not, and the next run removes it.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import io
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from layerscope.errors import WriteError

TEMP_VARIABLE = "LAYERSCOPE_TEMP"
"""The environment variable that names another place for temporary data."""

_PREFIX = "layerscope-run-"
_LOCK = "lock"
_RESERVE_BYTES = 1 << 30
_RESERVE_SHARE = 20
"""The part of a disk, one in so many, that is left free where that is less than a gigabyte."""


def temp_folder() -> Path:
    """Where temporary data live; it need not be there yet."""
    if given := os.environ.get(TEMP_VARIABLE):
        return Path(given)
    from platformdirs import user_cache_path

    return user_cache_path("layerscope", appauthor=False) / "runs"


@contextmanager
def spool(max_bytes: int | None = None) -> Iterator[Spool]:
    """Room for this run's temporary data, emptied at the end whatever happens.

    ``max_bytes`` bounds what is in it. Without it a part of the disk is left free: a gigabyte, or a
    twentieth where that is less. Nothing is made before something is put there.
    """
    run = Spool(max_bytes)
    try:
        yield run
    finally:
        run.end()


def sweep(place: Path) -> None:
    """Remove the folders of runs that are over; those of other users and of living runs stay."""
    for folder in place.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if folder.lstat().st_uid != os.getuid() or folder.is_symlink():
                continue
            lock = _locked(folder, wait=False)
            try:
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)


def _own_folder(place: Path) -> tuple[Path, int]:
    """A new folder and its lock, which lasts as long as it is open; those of crashed runs are removed."""
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    sweep(place)
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
        try:
            lock = _locked(folder, wait=True)
        except FileNotFoundError:  # swept before it was locked
            continue
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat((folder / _LOCK).stat(), os.fstat(lock)):
                return folder, lock
        os.close(lock)


def _locked(folder: Path, *, wait: bool) -> int:
    """The lock of a folder; raises OSError where it is taken and nobody waits."""
    # A file, since some network filesystems lock nothing that is not open for writing.
    lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        os.close(lock)
        raise
    return lock


class Spool:
    """Blobs by name, each in a file of its own; a `layerscope.extensions.Keeper`."""

    def __init__(self, max_bytes: int | None) -> None:
        self.used_bytes = 0
        self._max_bytes = max_bytes
        self._changing = threading.Lock()
        self._folder: Path | None = None
        self._lock = -1
        self._made = 0
        self._ended = False
        self._kept: dict[str, tuple[Path, int]] = {}

    def begin(self, name: str) -> BinaryIO:
        """A file to write a blob into; it counts as kept once it is closed without an error.

        Raises WriteError, and so does writing where the bound is reached or the disk is full. A
        blob of the same name is replaced.
        """
        with self._changing:
            if self._ended:
                raise WriteError(f"{name}: the run is over")
            try:
                if self._folder is None:
                    self._folder, self._lock = _own_folder(temp_folder())
                path = self._folder / str(self._made)
                self._made += 1
                return _Blob(path, self._spend, partial(self._keep, name, path))
            except OSError as error:
                raise WriteError(
                    f"{temp_folder()}: temporary data cannot be written there: {error.strerror}",
                    hint=f"name another folder in {TEMP_VARIABLE}",
                ) from error

    def open(self, name: str) -> BinaryIO:
        """A blob that was kept whole; raises KeyError for one that never was."""
        return self._kept[name][0].open("rb")

    def drop(self, name: str) -> None:
        """Remove a blob, so that there is room for another."""
        with self._changing:
            self._remove(*self._kept.pop(name))

    def end(self) -> None:
        """Remove everything and take no more: nothing may appear in a folder that is being removed."""
        with self._changing:
            self._ended = True
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)
                os.close(self._lock)
                self._folder = None

    def _keep(self, name: str, path: Path, size_bytes: int, whole: bool) -> None:  # noqa: FBT001
        """Note a blob that has been closed, or remove what there is of it."""
        with self._changing:
            replaced = self._kept.get(name) if whole else (path, size_bytes)
            if whole:
                self._kept[name] = (path, size_bytes)
            if replaced is not None:
                self._remove(*replaced)

    def _remove(self, path: Path, size_bytes: int) -> None:
        path.unlink(missing_ok=True)
        self.used_bytes -= size_bytes

    def _spend(self, count: int) -> None:
        """Count bytes that are about to be written; raises WriteError where there is no room for them."""
        with self._changing:
            if self._max_bytes is not None:
                if self.used_bytes + count > self._max_bytes:
                    raise _no_room(
                        f"more than {self._max_bytes} bytes of temporary data", "allow more temporary data"
                    )
            elif not _leaves_reserve(temp_folder(), count):
                raise _no_room("no room for temporary data: the disk is nearly full", "make room there")
            self.used_bytes += count


def _leaves_reserve(folder: Path, count: int) -> bool:
    disk = os.statvfs(folder)
    reserve = min(_RESERVE_BYTES, disk.f_blocks * disk.f_frsize // _RESERVE_SHARE)
    return disk.f_bavail * disk.f_frsize - count >= reserve


def _no_room(why: str, advice: str) -> WriteError:
    return WriteError(f"{temp_folder()}: {why}", hint=f"{advice}, or name another folder in {TEMP_VARIABLE}")


class _Blob(io.FileIO):
    """A file that takes every write whole, counts it first, and tells at the end what became of it."""

    def __init__(self, path: Path, spend: Callable[[int], None], done: Callable[[int, bool], None]) -> None:
        super().__init__(path, "xb")
        self._spend = spend
        self._done = done
        self._counted_bytes = 0
        self._failed = False

    def write(self, data: Any, /) -> int:
        """All of it; raises WriteError."""
        left = memoryview(data)
        failed, self._failed = self._failed, True
        self._spend(len(left))
        self._counted_bytes += len(left)
        try:
            while left:
                left = left[super().write(left) :]
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise _no_room("no room for temporary data: the disk is full", "make room there") from error
            raise WriteError(f"{temp_folder()}: {error.strerror}") from error
        self._failed = failed
        return len(data)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._failed = self._failed or kind is not None
        super().__exit__(kind, error, trace)

    def close(self) -> None:
        """Close the file and keep it, or remove it where it is not whole."""
        if not self.closed:
            super().close()
            self._done(self._counted_bytes, not self._failed)
