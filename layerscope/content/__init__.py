"""A file's bytes as of any layer, also of one that a later layer deleted or overwrote."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from functools import partial

from layerscope.content.file import FileContent
from layerscope.content.layer_bytes import Cancelled, FilePart, LayerBytes, file_part
from layerscope.content.temporary import Temporary
from layerscope.content.unpacking import Unpacking
from layerscope.errors import UsageError
from layerscope.extensions import Opened, Progress
from layerscope.model.changeset import Changeset
from layerscope.model.entry import Entry, Kind
from layerscope.model.names import shown
from layerscope.union.index import Version

QUOTA_BYTES = 8 << 30
"""How much of unpacked layers is kept unless told otherwise."""

_MAX_PARTS = 32
_KINDS = {
    Kind.DIRECTORY: "is a directory",
    Kind.SYMLINK: "is a symlink",
    Kind.HARDLINK: "is a hard link that names nothing",
    Kind.CHARACTER_DEVICE: "is a device",
    Kind.BLOCK_DEVICE: "is a device",
    Kind.FIFO: "is a named pipe",
    Kind.WHITEOUT: "is a whiteout",
    Kind.OPAQUE: "is an opaque whiteout",
}


class NoContentError(UsageError):
    """What was asked for is no regular file."""


class Content:
    """The contents of an image's files, while its source is open; for any number of threads.

    A layer that is stored uncompressed in a file is read where it lies. Any other is unpacked once
    into a private file, by a thread that goes on while the first bytes are read already. Unpacked
    layers of more than ``quota_bytes`` together are put away, the least recently used first; a
    single one may be larger.
    """

    def __init__(
        self,
        opened: Opened,
        changesets: Sequence[Changeset],
        temporary: Temporary,
        progress: Progress | None = None,
        *,
        quota_bytes: int = QUOTA_BYTES,
    ) -> None:
        self._opened = opened
        self._changesets = changesets
        self._temporary = temporary
        self._progress = progress
        self._quota_bytes = quota_bytes
        self._changing = threading.Lock()
        self._parts: OrderedDict[str, LayerBytes] = OrderedDict()
        self._closed = False

    def open(
        self, what: Version | tuple[int, Entry], *, cancel: threading.Event | None = None
    ) -> FileContent:
        """The content of a version, or of an entry of a layer; to be closed.

        Reading waits where a layer has to be unpacked first, and raises Cancelled once ``cancel``
        is set. Raises NoContentError for anything but a regular file, and ImageError.
        """
        layer, entry = _entry_of(what)
        if entry is None or entry.kind in _KINDS:
            kind = Kind.DIRECTORY if entry is None else entry.kind
            raise NoContentError(f"/{shown(entry.path) if entry else ''} {_KINDS[kind]}, not a file")
        read_at = partial(self._read_at, layer, cancel)
        return FileContent(entry, self._changesets[layer], read_at)

    def unpacked(self, layer: int) -> tuple[int, int] | None:
        """How many bytes of a layer that is being unpacked there are, and of how many; None for any other."""
        part = self._parts.get(self._opened.image.layers[layer].blob)
        return (part.written_bytes, part.kept_bytes) if isinstance(part, Unpacking) else None

    def stop(self) -> None:
        """Unpack nothing that nobody waits for, until something is asked for again."""
        self._prefer(None)

    def close(self) -> None:
        """End the threads, close the files; reading raises ValueError from now on."""
        with self._changing:
            self._closed = True
            parts = list(self._parts.values())
            self._parts.clear()
        for part in parts:
            part.close()

    def _read_at(self, layer: int, cancel: threading.Event | None, offset: int, count: int) -> bytes:
        """Bytes of an uncompressed layer."""
        while True:
            found = self._part(layer).read_at(offset, count, cancel)
            if found is not None:  # else it was put away between the two
                return found

    def _part(self, number: int) -> LayerBytes:
        """Access to a layer's bytes; the layer becomes the one used last."""
        blob = self._opened.image.layers[number].blob
        with self._changing:
            if self._closed:
                raise ValueError("the image has been closed")
            part = self._parts.get(blob)
            if part is not None and part.failed:
                del self._parts[blob]
                part.close()
                part = None
            if part is None:
                part = self._parts[blob] = self._new_part(number)
                self._make_room(part)
            self._parts.move_to_end(blob)
        self._prefer(part)
        return part

    def _prefer(self, part: LayerBytes | None) -> None:
        """One layer at a time is unpacked ahead of what is asked for: the last one."""
        for other in list(self._parts.values()):
            if isinstance(other, Unpacking):
                other.go_ahead(wanted=other is part)

    def _make_room(self, newest: LayerBytes) -> None:
        """Put away what was used least recently, until the rest is within the bounds."""
        kept = sum(part.kept_bytes for part in self._parts.values())
        for blob, part in list(self._parts.items()):
            over = kept > self._quota_bytes and part.kept_bytes
            if part is not newest and (over or len(self._parts) > _MAX_PARTS):
                del self._parts[blob]
                kept -= part.kept_bytes
                part.close()

    def _new_part(self, number: int) -> LayerBytes:
        layer, changeset = self._opened.image.layers[number], self._changesets[number]
        if changeset.compression == "none":
            part: FilePart | None = file_part(self._opened, layer)
            if part is not None:
                return part
        return Unpacking(
            partial(self._opened.open_layer, layer),
            layer.blob,
            changeset,
            self._temporary,
            self._progress,
        )


def _entry_of(what: Version | tuple[int, Entry]) -> tuple[int, Entry | None]:
    if isinstance(what, tuple):
        return what
    if what.inode is not None:
        return what.inode.layer, what.inode.entry
    return what.layer, what.entry


__all__ = ["QUOTA_BYTES", "Cancelled", "Content", "FileContent", "NoContentError"]
