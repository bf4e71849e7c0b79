"""Where an archive's or layout's files are and how they are read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from layerscope.errors import BlobMismatch, ImageError, LimitExceeded
from layerscope.extensions import LayerJob, ScanOptions, Stored
from layerscope.model.changeset import Changeset
from layerscope.model.digest import Digest

MAX_DOCUMENT_BYTES = 32 << 20
"""No manifest, index or config is larger; engines refuse more than 4 MiB."""


class Blobs(Protocol):
    """The files of one archive or layout, by normalised name."""

    where: str
    """How the archive is named in messages."""

    ended: bool
    """Whether an archive has an end; one that was cut off between two members has none."""

    streams: int
    """How many layers may be read at once where there are no jobs."""

    options: ScanOptions
    """How layers are read, and whether the digests of documents are checked too (``verify``)."""

    def names(self) -> Iterable[str]:
        """All files, links included."""

    def find(self, name: str) -> str | None:
        """The file's own name, links followed; None where it is absent."""

    def size_bytes(self, name: str) -> int:
        """The size of a file that is there."""

    def read(self, name: str) -> bytes:
        """The whole of a JSON document; raises ImageError."""

    def job(self, name: str) -> LayerJob | None:
        """The layer as a job for another process; None where only `read_layer` can read it."""

    def read_layer(self, name: str) -> Changeset:
        """One pass over a layer; raises ImageError."""

    def open(self, name: str) -> Stored:
        """A layer's blob as stored; where it passes only once, from the keeper after `read_layer`."""


def algorithm_of(name: str) -> str:
    """The digest algorithm that a blob's name tells of: ``blobs/<algorithm>/<hex>``."""
    parts = name.split("/")
    return (
        parts[1] if len(parts) == 3 and parts[0] == "blobs" and parts[1] in ("sha384", "sha512") else "sha256"
    )


def layer_job(
    blobs: Blobs, name: str, path: str, offset: int, size_bytes: int, options: ScanOptions
) -> LayerJob:
    """A layer that lies in a file as a job."""
    return LayerJob(
        name=name,
        path=path,
        offset=offset,
        size_bytes=size_bytes,
        where=f"{blobs.where}: {name}",
        algorithm=algorithm_of(name),
        probes=options.probes,
        verify=options.verify,
        max_unpacked_bytes=options.max_unpacked_bytes,
    )


def absent(blobs: Blobs, name: str) -> ImageError:
    """The error for a file that is not there."""
    return ImageError(f"{blobs.where}: {name} is missing")


def check_digest(raw: bytes, digest: Digest, where: str) -> None:
    """Hold a document against its digest; raises BlobMismatch."""
    import hashlib

    algorithm = digest.partition(":")[0]
    computed = f"{algorithm}:{hashlib.new(algorithm, raw).hexdigest()}"
    if computed != digest:
        raise BlobMismatch(f"{where}: has digest {computed}, not {digest}")


def check_document_size(blobs: Blobs, name: str, size_bytes: int) -> None:
    """Refuse documents that are too large to be one; raises LimitExceeded."""
    if size_bytes > MAX_DOCUMENT_BYTES:
        raise LimitExceeded(f"{blobs.where}: {name} has {size_bytes} bytes, {MAX_DOCUMENT_BYTES} are allowed")
