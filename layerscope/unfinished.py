"""A file or folder that appears under its name when it is complete, and leaves nothing otherwise."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from layerscope.errors import WriteError

_MARK = ".unfinished-"
_LAYOUT_NAMES = frozenset(("oci-layout", "index.json", "manifest.json", "blobs"))


def check_free(destination: Path, *, folder: bool, replace: bool) -> None:
    """Whether something may be written there; raises WriteError.

    An existing file is replaced only where that was asked for, a folder only where it is empty or
    holds nothing but an image layout.
    """
    try:
        _check_free(destination, folder=folder, replace=replace)
    except OSError as error:
        raise WriteError(f"{destination}: {error.strerror}") from error


def _check_free(destination: Path, *, folder: bool, replace: bool) -> None:
    parent = destination.parent
    if not parent.is_dir():
        raise WriteError(f"{destination}: there is no folder {parent}", hint="make it first")
    if destination.is_dir():
        if not folder:
            raise WriteError(f"{destination}: is a folder", hint="name a file in it, or --format oci")
        _check_replaceable(destination, replace=replace)
    elif os.path.lexists(destination):
        if folder:
            raise WriteError(f"{destination}: is no folder", hint="choose another name")
        if not replace:
            raise WriteError(f"{destination}: exists already", hint="--force replaces it")
    if not os.access(parent, os.W_OK | os.X_OK):
        raise WriteError(f"{destination}: the folder {parent} cannot be written to")


def _check_replaceable(folder: Path, *, replace: bool) -> None:
    held = {path.name for path in folder.iterdir()}
    if held - _LAYOUT_NAMES or (held and "oci-layout" not in held):
        raise WriteError(f"{folder}: holds other things than an image", hint="choose another folder")
    if held and not replace:
        raise WriteError(f"{folder}: exists already", hint="--force replaces it")


@contextmanager
def unfinished(destination: Path, *, folder: bool, replace: bool) -> Iterator[Path]:
    """An empty file or folder beside the destination, which takes its place at the end.

    It is removed where that does not come; what a killed run left there is removed too. Raises
    WriteError, also where something else has taken the place meanwhile.
    """
    check_free(destination, folder=folder, replace=replace)
    prefix = f".{destination.name}{_MARK}"
    try:
        _sweep(destination.parent, prefix)
        path = _made(destination.parent, prefix, folder=folder)
        lock = os.open(path, os.O_RDONLY)
    except OSError as error:
        raise WriteError(f"{destination}: {error.strerror}") from error
    try:
        with contextlib.suppress(OSError):  # some network filesystems lock nothing
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield path
        check_free(destination, folder=folder, replace=replace)
        try:
            _put_in_place(path, destination, prefix)
        except OSError as error:
            raise WriteError(f"{destination}: {error.strerror}") from error
    finally:
        _remove(path)
        os.close(lock)


def _made(parent: Path, prefix: str, *, folder: bool) -> Path:
    mask = os.umask(0)
    os.umask(mask)
    if folder:
        path = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        path.chmod(0o777 & ~mask)
        return path
    handle, name = tempfile.mkstemp(prefix=prefix, dir=parent)
    os.fchmod(handle, 0o666 & ~mask)
    os.close(handle)
    return Path(name)


def _put_in_place(path: Path, destination: Path, prefix: str) -> None:
    if not path.is_dir() or not destination.is_dir():
        path.replace(destination)
        return
    # A folder with something in it cannot be replaced in one step.
    before = Path(tempfile.mkdtemp(prefix=prefix, dir=destination.parent))
    destination.replace(before)
    try:
        path.replace(destination)
    except BaseException:
        before.replace(destination)
        raise
    _remove(before)


def _sweep(parent: Path, prefix: str) -> None:
    for path in parent.iterdir():
        if not path.name.startswith(prefix):
            continue
        with contextlib.suppress(OSError):
            lock = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _remove(path)
            finally:
                os.close(lock)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
