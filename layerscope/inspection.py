"""A reference to everything layerscope knows of the image behind it: the pipeline, and the Python API."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import msgspec

from layerscope.config import Options
from layerscope.errors import ImageError, LimitExceeded, UsageError
from layerscope.extensions import Opened, ScanOptions
from layerscope.finding import find_source
from layerscope.model.changeset import Changeset
from layerscope.model.diagnostic import Diagnostic
from layerscope.model.image import Image, Verified
from layerscope.oci.layer import check_layer
from layerscope.oci.reading import read_layers
from layerscope.union.analysis import Analysis, analyze

DEFAULT_PROBES = ("os-release",)


class Inspection(msgspec.Struct, frozen=True, kw_only=True):
    """What every front end receives; none of them opens a source.

    ``changesets`` has one for each layer, an empty one where the layer is missing; ``verified``
    says how far each layer's bytes were checked.
    """

    image: Image
    changesets: tuple[Changeset, ...]
    verified: tuple[Verified, ...]
    analysis: Analysis

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """All remarks: on the image, on single layers, on the stack."""
        found = list(self.image.diagnostics)
        for number, changeset in enumerate(self.changesets):
            found += [msgspec.structs.replace(remark, layer=number) for remark in changeset.diagnostics]
        return found + list(self.analysis.index.diagnostics)


def inspect(reference: str, options: Options | None = None) -> Inspection:
    """Open an image, read its layers once, stack them and account for them.

    Raises UsageError, SourceError or ImageError. A missing layer is no error: the image is then
    not ``complete``.
    """
    options = options or Options()
    source, name = find_source(reference, options.access)
    scan = ScanOptions(
        probes=(*DEFAULT_PROBES, *(("sha256",) if options.content_sha256 else ())),
        verify=options.verify,
        max_unpacked_bytes=options.max_unpacked_bytes,
        progress=options.progress,
    )
    with _paused_collector(), source.open(name, options.access, scan) as opened:
        image = _with_base(opened.image, options.base_layers)
        changesets = _read(opened, options)
        verified = [check_layer(*pair) for pair in zip(image.layers, changesets, strict=True)]
        return Inspection(
            image=image,
            changesets=tuple(changesets),
            verified=tuple(verified),
            analysis=analyze(image, changesets),
        )


def _read(opened: Opened, options: Options) -> Sequence[Changeset]:
    changesets = read_layers(opened, options.jobs or _processors(), options.progress)
    unpacked = sum(changeset.tar_bytes for changeset in changesets)
    if options.max_unpacked_bytes is not None and unpacked > options.max_unpacked_bytes:
        raise LimitExceeded(
            f"the image unpacks to {unpacked} bytes, {options.max_unpacked_bytes} are allowed",
            hint="raise --max-unpacked if you trust the image",
        )
    return changesets


def _processors() -> int:
    """How many processors there are for this process."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _with_base(image: Image, base_layers: int | None) -> Image:
    if base_layers is None:
        return image
    if not 0 <= base_layers <= len(image.layers):
        raise UsageError(f"--base-layers {base_layers}: the image has {len(image.layers)} layers")
    return msgspec.structs.replace(image, base_layers=base_layers)


@contextmanager
def _paused_collector() -> Iterator[None]:
    """Garbage collection looks at every entry again and again and finds nothing: entries hold no cycles."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


__all__ = ["ImageError", "Inspection", "Options", "inspect"]
