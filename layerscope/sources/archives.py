"""Files and folders: what a local reference means, whatever the format inside."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from layerscope.errors import ImageNotFound, NotAnImage, SourceError
from layerscope.extensions import Access, Offered, Opened, ScanOptions
from layerscope.oci.blobs import Blobs
from layerscope.oci.blobs.archive import ArchiveBlobs
from layerscope.oci.compression import MAGIC_BYTES, compression_of
from layerscope.oci.opened import OpenedBlobs


def split(name: str) -> tuple[str, str | None] | None:
    """An existing path and the image wanted in it: ``path``, ``path:name:tag`` or ``path@digest``.

    The longest existing path wins, so that names with colons can be files too.
    """
    places = [len(name), *(place for place in range(len(name) - 1, 0, -1) if name[place] in ":@")]
    for place in places:
        path = name[:place]
        if path and os.path.exists(path):
            wanted = name[place:].removeprefix(":")
            return path, wanted or None
    return None


@contextmanager
def open_path(name: str, access: Access, scan: ScanOptions) -> Iterator[Opened]:
    """The image in a file or folder; raises SourceError where there is none."""
    with _found(name) as (path, wanted):
        yield OpenedBlobs(_blobs(path, scan), wanted, access.platform, name)


def platforms(name: str, access: Access) -> Offered:
    """The platforms that a file or folder has an image for; raises SourceError or ImageError."""
    from layerscope.oci.platforms import offered

    with _found(name) as (path, wanted):
        return offered(_blobs(path, ScanOptions()), wanted)


@contextmanager
def _found(name: str) -> Iterator[tuple[str, str | None]]:
    found = split(name)
    if found is None:
        raise ImageNotFound(f"{name}: no such file or folder")
    try:
        yield found
    except OSError as error:
        raise SourceError(f"{error.filename or found[0]}: {error.strerror}") from error


def _blobs(path: str, scan: ScanOptions) -> Blobs:
    if os.path.isdir(path):
        from pathlib import Path

        from layerscope.oci.blobs.folder import FolderBlobs

        try:
            os.stat(os.path.join(path, "index.json"))
        except FileNotFoundError:
            raise NotAnImage(f"{path}: no OCI layout: it has no index.json") from None
        return FolderBlobs(Path(path), scan)
    with open(path, "rb") as file:
        if os.path.isfile(path):
            if compression_of(file.read(MAGIC_BYTES)) == "none":
                return ArchiveBlobs(path, scan)
            file.seek(0)
        return _piped(file, path, scan)


def _piped(stream: BinaryIO, where: str, scan: ScanOptions) -> Blobs:
    from layerscope.oci.blobs.pipe import PipedBlobs

    return PipedBlobs(stream, where, scan)


@contextmanager
def open_standard_input(name: str, access: Access, scan: ScanOptions) -> Iterator[Opened]:
    """The image that comes through standard input; ``name`` may say which: ``-:name:tag``."""
    wanted = name.removeprefix("-").removeprefix(":") or None
    if sys.stdin is None or os.isatty(sys.stdin.fileno()):
        raise SourceError(
            "standard input is a terminal, not an image archive",
            hint="docker save IMAGE | layerscope -",
        )
    yield OpenedBlobs(_piped(sys.stdin.buffer, "standard input", scan), wanted, access.platform, "-")
