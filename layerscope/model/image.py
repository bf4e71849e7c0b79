"""An image as its manifest and config describe it (image-spec, manifest.md and config.md)."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

import msgspec

from layerscope.model.diagnostic import Diagnostic
from layerscope.model.digest import ChainID, DiffID, Digest, chain_ids
from layerscope.model.platform import Platform


class Descriptor(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of a blob: media type, digest, size as stored (image-spec, descriptor.md)."""

    media_type: str
    digest: Digest
    size_bytes: int
    annotations: dict[str, str] = {}
    platform: Platform | None = None
    artifact_type: str | None = None
    urls: tuple[str, ...] = ()
    data: bytes | None = None


class Index(msgspec.Struct, frozen=True, kw_only=True):
    """A list of manifests (image-spec, image-index.md)."""

    media_type: str
    manifests: tuple[Descriptor, ...]
    annotations: dict[str, str] = {}


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """One image's config and layers (image-spec, manifest.md)."""

    media_type: str
    config: Descriptor
    layers: tuple[Descriptor, ...]
    annotations: dict[str, str] = {}
    artifact_type: str | None = None


class HistoryEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the build (image-spec, config.md, "history")."""

    created: str | None = None
    created_by: str = ""
    author: str = ""
    comment: str = ""
    empty_layer: bool = False


class ImageConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The image's config, as far as layerscope speaks of it.

    ``runtime`` is the ``config`` object (Env, Entrypoint, Cmd, Labels, User, …) as it stands.
    """

    platform: Platform | None = None
    created: str | None = None
    author: str | None = None
    diff_ids: tuple[DiffID, ...] = ()
    history: tuple[HistoryEntry, ...] = ()
    runtime: dict[str, Any] = {}


class Verified(StrEnum):
    """How far the bytes of a layer were checked against what the image declares."""

    NONE = "none"
    DIGEST = "digest"
    DIFF_ID = "diff_id"


class Layer(msgspec.Struct, frozen=True, kw_only=True):
    """One layer and the step that made it; number 0 is the base.

    ``descriptor`` is None where the archive has none (``docker save`` lists bare files), ``blob``
    the file's name in the archive. ``empty_steps`` are the steps without a layer that stand
    before it in the history. ``missing`` says why there are no bytes (blob absent, foreign
    layer), where there are none.
    """

    number: int
    blob: str
    descriptor: Descriptor | None = None
    diff_id: DiffID | None = None
    history: HistoryEntry | None = None
    empty_steps: tuple[HistoryEntry, ...] = ()
    missing: str | None = None


Why = Literal["platform", "attestation", "unreferenced"]
"""Of the same image for another platform, an attestation of it, or nothing that is there leads to it."""


class Unused(msgspec.Struct, frozen=True, kw_only=True):
    """A file of an archive or layout that the image does not need; its size as stored."""

    name: str
    size_bytes: int
    why: Why


class Image(msgspec.Struct, frozen=True, kw_only=True):
    """One runnable image: what was chosen, its config and its layers, the base first.

    ``digest`` is the manifest's where there is an OCI manifest; ``image_id`` the config's.
    ``base_layers`` is how many layers belong to the base image, None where that is unknown.
    ``manifest_bytes`` and ``config_bytes`` are the documents as they were read, None where the
    image has no OCI manifest, or no config. ``unused`` is what lies beside it in its archive for nothing;
    only looked for where suggestions are made.
    """

    reference: str
    names: tuple[str, ...] = ()
    digest: Digest | None = None
    image_id: Digest | None = None
    config: ImageConfig
    layers: tuple[Layer, ...]
    trailing_steps: tuple[HistoryEntry, ...] = ()
    annotations: dict[str, str] = {}
    base_layers: int | None = None
    complete: bool = True
    diagnostics: tuple[Diagnostic, ...] = ()
    manifest_bytes: bytes | None = None
    config_bytes: bytes | None = None
    unused: tuple[Unused, ...] = ()

    @property
    def chain_ids(self) -> tuple[ChainID | None, ...]:
        """The chain ID of each layer, None where a diff ID on the way up to it is unknown."""
        known: list[DiffID] = []
        for layer in self.layers:
            if layer.diff_id is None:
                break
            known.append(layer.diff_id)
        return (*chain_ids(tuple(known)), *[None] * (len(self.layers) - len(known)))

    @property
    def platform(self) -> Platform | None:
        """The platform the config names, None where it names none."""
        return self.config.platform
