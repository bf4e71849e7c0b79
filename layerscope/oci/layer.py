"""A layer's blob to its changeset: decompress, scan, hash, probe in one pass."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

from layerscope.errors import BlobMismatch, ImageError, LimitExceeded, NotAnImage
from layerscope.extensions import LayerJob, ScanOptions, load
from layerscope.model.changeset import Changeset
from layerscope.model.digest import DiffID, Digest
from layerscope.model.image import Layer, Verified
from layerscope.oci.compression import Decompressed, RawStream
from layerscope.oci.file_range import FileRange
from layerscope.oci.read_ahead import read_ahead
from layerscope.oci.tar.scanner import scan_tar


class Budget:
    """How many bytes an image's layers may still unpack to; shared by the threads that read them."""

    def __init__(self, max_bytes: int | None) -> None:
        self._max_bytes = max_bytes
        self._spent = 0

    def spend(self, count: int) -> None:
        """Count unpacked bytes; raises LimitExceeded beyond the bound."""
        self._spent += count
        if self._max_bytes is not None and self._spent > self._max_bytes:
            raise LimitExceeded(
                f"the image unpacks to more than {self._max_bytes} bytes",
                hint="raise --max-unpacked if you trust the image",
            )


class _Hashed:
    """A raw stream that is hashed as it is read."""

    def __init__(self, raw: RawStream, algorithm: str) -> None:
        import hashlib

        self._raw = raw
        self.hasher = hashlib.new(algorithm)

    def read(self, count: int = -1, /) -> bytes:
        taken = self._raw.read(count)
        self.hasher.update(taken)
        return taken


def _watched(
    blocks: Iterable[bytes], budget: Budget, hasher: Any, options: ScanOptions
) -> Generator[bytes, None, None]:
    for block in blocks:
        budget.spend(len(block))
        if hasher is not None:
            hasher.update(block)
        if options.progress is not None:
            options.progress(len(block))
        yield block


def read_changeset(
    raw: RawStream, where: str, options: ScanOptions, budget: Budget, algorithm: str = "sha256"
) -> Changeset:
    """One pass over a layer's blob; errors begin with ``where``.

    With ``options.verify`` the blob's digest (of ``algorithm``) and its diff ID are computed.
    """
    known = load("probe") if options.probes else {}
    probes = [known[probe] for probe in options.probes]
    import hashlib

    hashed = _Hashed(raw, algorithm) if options.verify else None
    diff_hasher = hashlib.sha256() if options.verify else None
    try:
        source = Decompressed(hashed or raw)
        blocks = _watched(source, budget, diff_hasher, options)
        # Closed here and not when the error is forgotten: its thread reads what others go on to read.
        with closing(read_ahead(blocks) if source.compressed else blocks) as ahead:
            scan = scan_tar(ahead, probes)
    except NotAnImage as error:
        raise ImageError(f"{where}: the layer is {error.message}", hint=error.hint) from None
    except ImageError as error:
        raise type(error)(f"{where}: {error.message}", hint=error.hint) from None
    return Changeset(
        entries=scan.entries,
        content_bytes=scan.content_bytes,
        tar_bytes=scan.tar_bytes,
        compressed_bytes=source.compressed_bytes,
        compression=source.compression,
        digest=Digest(f"{algorithm}:{hashed.hasher.hexdigest()}") if hashed else None,
        diff_id=DiffID(f"sha256:{diff_hasher.hexdigest()}") if diff_hasher else None,
        points=source.points,
        facts=scan.facts,
        diagnostics=scan.diagnostics,
    )


def run_job(
    job: LayerJob, budget: Budget | None = None, progress: Callable[[int], None] | None = None
) -> Changeset:
    """Read the layer that a job describes."""
    options = ScanOptions(probes=job.probes, verify=job.verify, progress=progress)
    budget = budget or Budget(job.max_unpacked_bytes)
    try:
        with Path(job.path).open("rb", buffering=0) as file:
            raw = FileRange(file, job.offset, job.size_bytes)
            return read_changeset(raw, job.where, options, budget, job.algorithm)
    except OSError as error:
        raise ImageError(f"{job.where}: {error.strerror}") from error


def check_layer(layer: Layer, changeset: Changeset) -> Verified:
    """Hold what was computed against what the image declares; raises BlobMismatch."""
    declared = layer.descriptor.digest if layer.descriptor else None
    verified = Verified.NONE
    if changeset.digest and declared and declared.partition(":")[0] == changeset.digest.partition(":")[0]:
        if changeset.digest != declared:
            raise BlobMismatch(
                f"{layer.blob}: layer {layer.number} has digest {changeset.digest}, not {declared}"
            )
        verified = Verified.DIGEST
    if changeset.diff_id is not None and layer.diff_id is not None and layer.diff_id.startswith("sha256:"):
        if changeset.diff_id != layer.diff_id:
            raise BlobMismatch(
                f"{layer.blob}: layer {layer.number} has diff ID {changeset.diff_id}, not {layer.diff_id}"
            )
        verified = Verified.DIFF_ID
    return verified
