"""An OCI image layout in a folder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from layerscope.errors import ImageError
from layerscope.extensions import LayerJob, ScanOptions, Stored
from layerscope.model.changeset import Changeset
from layerscope.oci.blobs import absent, check_document_size, layer_job
from layerscope.oci.layer import Budget, run_job


class FolderBlobs:
    """The files below a folder; links are followed, but only regular files are read."""

    def __init__(self, folder: Path, options: ScanOptions) -> None:
        self.where = str(folder)
        self.ended = True
        self._folder = folder
        self.streams = 1
        self.options = options
        self._budget = Budget(options.max_unpacked_bytes)

    def names(self) -> Iterable[str]:
        """The folder's own files; blobs are asked for by digest."""
        return sorted(path.name for path in self._folder.iterdir())

    def find(self, name: str) -> str | None:
        """The name itself where such a file is there."""
        try:
            return name if (self._folder / name).is_file() else None
        except OSError:  # a name that no file can have
            return None

    def size_bytes(self, name: str) -> int:
        """The file's size."""
        return (self._folder / name).stat().st_size

    def read(self, name: str) -> bytes:
        """The whole file."""
        if self.find(name) is None:
            raise absent(self, name)
        check_document_size(self, name, self.size_bytes(name))
        try:
            return (self._folder / name).read_bytes()
        except OSError as error:
            raise ImageError(f"{self.where}/{name}: {error.strerror}") from error

    def job(self, name: str) -> LayerJob:
        """The blob as a job for any process."""
        return layer_job(self, name, str(self._folder / name), 0, self.size_bytes(name), self.options)

    def read_layer(self, name: str) -> Changeset:
        """One pass over the blob."""
        return run_job(self.job(name), self._budget, self.options.progress)

    def open(self, name: str) -> Stored:
        """The blob's file."""
        return (self._folder / name).open("rb")
