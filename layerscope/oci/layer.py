"""A layer's blob to its changeset: decompress, scan, hash, probe in one pass."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from contextlib import closing, nullcontext
from functools import partial
from typing import Any, BinaryIO

import msgspec

from layerscope.errors import BlobMismatch, ImageError, LimitExceeded, NotAnImage
from layerscope.extensions import LayerJob, Progress, ScanOptions
from layerscope.loading import load
from layerscope.model.changeset import Changeset, Spent
from layerscope.model.digest import DiffID, Digest
from layerscope.model.image import Layer, Verified
from layerscope.oci.compression import Decompressed, RawStream
from layerscope.oci.file_range import FileRange
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


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A layer's blob as it is read: its name, its size as stored, the algorithm of its digest."""

    name: str
    size_bytes: int | None = None
    algorithm: str = "sha256"


class _Tapped:
    """A raw stream that is hashed, kept and counted as it is read."""

    def __init__(
        self, raw: RawStream, hasher: Any, kept: BinaryIO | None, told: Callable[[int], None]
    ) -> None:
        self._raw = raw
        self._hasher = hasher
        self._kept = kept
        self._told = told

    def read(self, count: int = -1, /) -> bytes:
        taken = self._raw.read(count)
        if self._hasher is not None:
            self._hasher.update(taken)
        if self._kept is not None:
            self._kept.write(taken)
        self._told(len(taken))
        return taken


def _watched(blocks: Iterable[bytes], budget: Budget, hasher: Any) -> Generator[bytes, None, None]:
    for block in blocks:
        budget.spend(len(block))
        if hasher is not None:
            hasher.update(block)
        yield block


def read_changeset(
    raw: RawStream, where: str, options: ScanOptions, budget: Budget, part: Part | None = None
) -> Changeset:
    """One pass over a layer's blob; errors begin with ``where``.

    With ``options.verify`` the blob's digest and its diff ID are computed.
    """
    part = part or Part(name=where)
    progress = options.progress
    if progress is None:
        return _kept(raw, where, options, budget, part, lambda count: None)  # noqa: ARG005
    progress.begin(part.name, part.size_bytes)
    changeset = _kept(raw, where, options, budget, part, partial(progress.advance, part.name))
    progress.end(part.name)
    return changeset


def _kept(
    raw: RawStream,
    where: str,
    options: ScanOptions,
    budget: Budget,
    part: Part,
    told: Callable[[int], None],
) -> Changeset:
    with nullcontext() if options.keeper is None else options.keeper.begin(part.name) as kept:
        hasher = None
        if options.verify:
            import hashlib

            hasher = hashlib.new(part.algorithm)
        tapped = _Tapped(raw, hasher, kept, told)
        changeset = _scanned(tapped, where, options, budget, part.algorithm)
    if hasher is None:
        return changeset
    digest = Digest(f"{part.algorithm}:{hasher.hexdigest()}")
    # What is stored uncompressed need not be hashed twice.
    diff_id = changeset.diff_id or DiffID(digest)
    return msgspec.structs.replace(changeset, digest=digest, diff_id=diff_id)


def _scanned(raw: RawStream, where: str, options: ScanOptions, budget: Budget, algorithm: str) -> Changeset:
    known = load("probe") if options.probes else {}
    probes = [known[probe] for probe in options.probes]
    try:
        source = Decompressed(raw)
        hasher = None
        if options.verify and (source.compressed or algorithm != "sha256"):
            import hashlib

            hasher = hashlib.sha256()
        blocks = _watched(source, budget, hasher)
        # Closed here and not when the error is forgotten: its thread reads what others go on to read.
        if source.compressed or options.verify:
            from layerscope.oci.read_ahead import read_ahead

            blocks = read_ahead(blocks)
        with closing(blocks) as ahead:
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
        diff_id=DiffID(f"sha256:{hasher.hexdigest()}") if hasher else None,
        points=source.points,
        facts=scan.facts,
        diagnostics=scan.diagnostics,
        decompressing=Spent(source.decompress_ns),
    )


def run_job(job: LayerJob, budget: Budget | None = None, progress: Progress | None = None) -> Changeset:
    """Read the layer that a job describes."""
    options = ScanOptions(probes=job.probes, verify=job.verify, progress=progress)
    budget = budget or Budget(job.max_unpacked_bytes)
    part = Part(name=job.name, size_bytes=job.size_bytes, algorithm=job.algorithm)
    try:
        with closing(FileRange(open(job.path, "rb", buffering=0), job.offset, job.size_bytes)) as raw:
            return read_changeset(raw, job.where, options, budget, part)
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
