"""An uncompressed archive in a file: its members' places are noted first, each is read when asked for."""

from __future__ import annotations

import os
from collections.abc import Iterable

from layerscope.errors import ImageError, NotAnImage
from layerscope.extensions import LayerJob, ScanOptions, Stored
from layerscope.model.changeset import Changeset
from layerscope.model.paths import normalise
from layerscope.oci.blobs import absent, check_document_size, layer_job
from layerscope.oci.blobs.links import WITHOUT_CONTENT, follow, link_target
from layerscope.oci.file_range import FileRange
from layerscope.oci.layer import Budget, run_job
from layerscope.oci.stream import TAR_BLOCK_BYTES, SeekableStream
from layerscope.oci.tar.reader import TarReader

_FILES = (b"0", b"\0", b"7")


class ArchiveBlobs:
    """The members of a tar file on disk."""

    def __init__(self, path: str, options: ScanOptions) -> None:
        self.where = path
        self.ended = False
        self._path = path
        self.streams = 1
        self.options = options
        self._budget = Budget(options.max_unpacked_bytes)
        self._places: dict[str, tuple[int, int]] = {}
        self._links: dict[str, str] = {}
        with open(path, "rb") as file:
            self._note_members(SeekableStream(file, os.fstat(file.fileno()).st_size))

    def _note_members(self, stream: SeekableStream) -> None:
        reader = TarReader(stream)
        try:
            while (header := reader.next_member()) is not None:
                name = normalise(header.name.decode("utf-8", "surrogateescape"))
                if header.typeflag in _FILES and header.sparse is None:
                    self._places[name] = (stream.offset, header.size_bytes)
                    stream.skip(header.size_bytes)
                    stream.take(-header.size_bytes % TAR_BLOCK_BYTES)
                elif header.typeflag in (b"1", b"2"):
                    target = header.link_name.decode("utf-8", "surrogateescape")
                    self._links[name] = link_target(name, target, hard=header.typeflag == b"1")
                elif header.typeflag not in WITHOUT_CONTENT:
                    stream.skip(header.size_bytes + -header.size_bytes % TAR_BLOCK_BYTES)
            self.ended = reader.ended
        except NotAnImage as error:
            raise NotAnImage(f"{self.where}: {error.message}", hint="expected an image archive") from None
        except ImageError as error:
            raise type(error)(f"{self.where}: {error.message}", hint=error.hint) from None

    def names(self) -> Iterable[str]:
        """All members, in the order of the archive."""
        return [*self._places, *self._links]

    def find(self, name: str) -> str | None:
        """The member behind a name."""
        return follow(name, self._places, self._links)

    def size_bytes(self, name: str) -> int:
        """The member's size."""
        return self._places[name][1]

    def read(self, name: str) -> bytes:
        """The whole member."""
        found = self.find(name)
        if found is None:
            raise absent(self, name)
        offset, size_bytes = self._places[found]
        check_document_size(self, name, size_bytes)
        with open(self._path, "rb", buffering=0) as file:
            return FileRange(file, offset, size_bytes).read()

    def job(self, name: str) -> LayerJob:
        """The member as a job for any process."""
        offset, size_bytes = self._places[name]
        return layer_job(self, name, self._path, offset, size_bytes, self.options)

    def read_layer(self, name: str) -> Changeset:
        """One pass over the member."""
        return run_job(self.job(name), self._budget, self.options.progress)

    def open(self, name: str) -> Stored:
        """The member's part of the file."""
        offset, size_bytes = self._places[name]
        return FileRange(open(self._path, "rb", buffering=0), offset, size_bytes)
