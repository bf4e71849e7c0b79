"""The files that are about to be written, read as if they had been."""

from __future__ import annotations

from collections.abc import Iterable

from layerscope.extensions import ScanOptions
from layerscope.model.changeset import Changeset
from layerscope.oci.blobs import absent, algorithm_of, check_document_size
from layerscope.oci.blocks import Blocks
from layerscope.oci.layer import Budget, Part, read_changeset
from layerscope.oci.write.content import Member


class UnwrittenBlobs:
    """The files of an image by their names; a `layerscope.oci.blobs.Blobs`.

    For what goes where it cannot be read again before it counts: an engine, a registry, a pipe.
    """

    def __init__(self, members: Iterable[Member], where: str, options: ScanOptions) -> None:
        self.where = where
        self.ended = True
        self.streams = 1
        self.options = options
        self._members = {member.name: member for member in members}
        self._budget = Budget(options.max_unpacked_bytes)

    def names(self) -> Iterable[str]:
        """All of them."""
        return list(self._members)

    def find(self, name: str) -> str | None:
        """The name itself, where there is such a file."""
        return name if name in self._members else None

    def size_bytes(self, name: str) -> int:
        """What is declared of it."""
        return self._members[name].size_bytes

    def read(self, name: str) -> bytes:
        """The whole of a document."""
        if name not in self._members:
            raise absent(self, name)
        check_document_size(self, name, self.size_bytes(name))
        return b"".join(self._members[name].blocks())

    def job(self, name: str) -> None:
        """None: there is no file that another process could read."""

    def read_layer(self, name: str) -> Changeset:
        """One pass over what will be the layer."""
        part = Part(name=name, size_bytes=self.size_bytes(name), algorithm=algorithm_of(name))
        return read_changeset(self.open(name), f"{self.where}: {name}", self.options, self._budget, part)

    def open(self, name: str) -> Blocks:
        """A layer's blob."""
        return Blocks(self._members[name].blocks())
