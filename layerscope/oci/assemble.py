"""Manifest, config and blobs to an Image: history matched to layers, absences and contradictions noted."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from layerscope.errors import BlobMismatch
from layerscope.model.diagnostic import Diagnostic
from layerscope.model.digest import Digest
from layerscope.model.image import Descriptor, HistoryEntry, Image, ImageConfig, Layer
from layerscope.oci.blobs import Blobs

_INCOMPLETE = frozenset(("missing-config", "missing-layer", "layer-count"))


class StoredLayer(msgspec.Struct, frozen=True, kw_only=True):
    """A layer as the manifest names it: the name of its file and, where there is one, its descriptor."""

    blob: str
    descriptor: Descriptor | None = None


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an image before its parts are held against each other.

    Archives of Docker before 1.10 have no diff IDs (``has_diff_ids``).
    """

    reference: str
    names: tuple[str, ...]
    digest: Digest | None
    image_id: Digest | None
    config: ImageConfig | None
    layers: tuple[StoredLayer, ...]
    annotations: dict[str, str] = {}
    remarks: tuple[Diagnostic, ...] = ()
    has_diff_ids: bool = True
    manifest_bytes: bytes | None = None
    config_bytes: bytes | None = None


def assemble(draft: Draft, blobs: Blobs) -> Image:
    """The image; raises BlobMismatch where a blob's size is not what its descriptor says."""
    remarks = list(draft.remarks)
    config = draft.config or ImageConfig()
    if draft.config is None:
        remarks.append(Diagnostic(code="missing-config", message="the image's config is missing"))
    diff_ids = config.diff_ids
    fits = len(diff_ids) == len(draft.layers)
    if draft.config is not None and draft.has_diff_ids and not fits:
        message = f"the manifest has {len(draft.layers)} layers, the config {len(diff_ids)} diff IDs"
        remarks.append(Diagnostic(code="layer-count", message=message))
    steps, before, trailing = match_history(config.history, len(draft.layers))
    if config.history and None in steps:
        remarks.append(Diagnostic(code="history", message="the history does not tell of every layer"))
    layers: list[Layer] = []
    for number, stored in enumerate(draft.layers):
        name, missing = _locate(stored, blobs)
        if missing:
            remarks.append(Diagnostic(code="missing-layer", message=missing, path=stored.blob, layer=number))
        layers.append(
            Layer(
                number=number,
                descriptor=stored.descriptor,
                blob=name,
                diff_id=diff_ids[number] if fits else None,
                history=steps[number],
                empty_steps=before[number],
                missing=missing,
            )
        )
    return Image(
        reference=draft.reference,
        names=draft.names,
        digest=draft.digest,
        image_id=draft.image_id,
        config=config,
        layers=tuple(layers),
        trailing_steps=trailing,
        annotations=draft.annotations,
        complete=not any(remark.code in _INCOMPLETE for remark in remarks),
        diagnostics=tuple(remarks),
        manifest_bytes=draft.manifest_bytes,
        config_bytes=draft.config_bytes,
    )


def _locate(stored: StoredLayer, blobs: Blobs) -> tuple[str, str | None]:
    """The layer's file, and why there is none."""
    name = blobs.find(stored.blob)
    if name is None and stored.descriptor is not None and stored.descriptor.data is not None:
        return stored.blob, None
    if name is None:
        urls = stored.descriptor.urls if stored.descriptor else ()
        kind = f"foreign layer, only at {', '.join(urls)}" if urls else "layer"
        return stored.blob, f"{kind}: {stored.blob} is not in the archive"
    size_bytes = blobs.size_bytes(name)
    if stored.descriptor is not None and size_bytes != stored.descriptor.size_bytes:
        raise BlobMismatch(
            f"{blobs.where}: {stored.blob}: size {size_bytes}, "
            f"the manifest says {stored.descriptor.size_bytes}"
        )
    return name, None


Steps = tuple[HistoryEntry, ...]


def match_history(history: Steps, layers: int) -> tuple[list[HistoryEntry | None], list[Steps], Steps]:
    """The step of each layer, the empty steps before each, and those after the last.

    Where there are fewer steps than layers, the lowest layers have none: a base without a
    history is what tools leave that append layers. Where there are more, as when layers were
    taken out, nothing can be matched from the end, so it is matched from the start.
    """
    filled = sum(1 for step in history if not step.empty_layer)
    steps: list[HistoryEntry | None] = [None] * layers
    before: list[list[HistoryEntry]] = [[] for _ in range(layers + 1)]
    number = max(0, layers - filled) if filled else 0
    for step in history:
        if step.empty_layer or number >= layers:
            before[min(number, layers)].append(step)
        else:
            steps[number] = step
            number += 1
    return steps, [tuple(some) for some in before[:layers]], tuple(before[layers])


def names_of(annotations: dict[str, str]) -> Sequence[str]:
    """The names that a descriptor's annotations give an image, the fullest first."""
    full = annotations.get("io.containerd.image.name", "")
    short = annotations.get("org.opencontainers.image.ref.name", "")
    # docker save gives the whole name in the first and the bare tag in the second.
    if full.endswith(f":{short}"):
        short = ""
    return [name for name in (full, short) if name]
