"""Config and manifest of the result: what does not change keeps its bytes, known to us or not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from layerscope.errors import ImageError
from layerscope.model.digest import DiffID, Digest
from layerscope.model.image import Descriptor, Image
from layerscope.oci.write.content import CheckedLayer, sha256
from layerscope.optimize.steps import Group, Steps

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
DONE_ANNOTATION = "layerscope.optimized"
"""What was done, as the command line has it."""
SOURCE_ANNOTATION = "layerscope.source"
"""The digest of the image that it was done to: its manifest's, or its config's."""

_CONFIG = "application/vnd.oci.image.config.v1+json"
_LAYER = "application/vnd.oci.image.layer.v1.tar"
_LAYERS = {"none": _LAYER, "gzip": f"{_LAYER}+gzip", "zstd": f"{_LAYER}+zstd"}

_TRACES = frozenset(("container", "container_config"))
_RUNTIME_TRACES = frozenset(("Image", "Hostname"))
"""They name a container and an image of the machine that built it, and mean nothing anywhere else."""

Json = dict[str, msgspec.Raw]


class Retimed(msgspec.Struct, frozen=True, kw_only=True):
    """Times in the config become ``latest_s`` where they are younger: its own, those of own steps.

    The steps are own from the one after that of layer ``own - 1`` on.
    """

    latest_s: int
    own: int


def new_config(
    config: bytes,
    groups: Sequence[Group],
    diff_ids: Sequence[DiffID],
    layers: int,
    retimed: Retimed | None = None,
) -> bytes:
    """The config with other diff IDs, and the history with the steps of joined layers marked as empty.

    All else keeps its bytes, and its order; with ``retimed`` times change too, and what older builders
    noted of the container and the image before goes. Raises ImageError.
    """
    try:
        document = msgspec.json.decode(config, type=Json)
        rootfs = msgspec.json.decode(document.get("rootfs", msgspec.Raw(b"{}")), type=Json)
        rootfs["diff_ids"] = _raw(list(diff_ids))
        document["rootfs"] = _raw(rootfs)
        history = msgspec.json.decode(document.get("history", msgspec.Raw(b"null")), type=list[Json] | None)
        if history:
            document["history"] = _raw(_new_history(history, groups, layers, retimed))
        if retimed is not None:
            document = _without_traces(_no_younger(document, retimed.latest_s))
    except msgspec.MsgspecError as error:
        raise ImageError(f"config: cannot be written anew: {error}") from error
    return msgspec.json.encode(document)


def _new_history(
    history: list[Json], groups: Sequence[Group], layers: int, retimed: Retimed | None
) -> list[Json]:
    """The last step of each group stands for the layer; the steps before it make none any more.

    Steps belong to layers as `layerscope.oci.assemble.match_history` has it: where there are fewer
    steps than layers, the lowest have none.
    """
    joined = {
        number: group for group in groups for number in range(group.first, group.last)
    }  # all but the last of each group
    filled = sum(1 for step in history if not _is_empty(step))
    number = max(0, layers - filled)
    steps = []
    for old in history:
        step = old if retimed is None or number < retimed.own else _no_younger(old, retimed.latest_s)
        if _is_empty(step) or number >= layers:
            steps.append(step)
            continue
        group = joined.get(number)
        steps.append(step if group is None else _emptied(step, group))
        number += 1
    return steps


def _no_younger(document: Json, latest_s: int) -> Json:
    """A document or step, ``created`` by the given time."""
    created = document.get("created")
    if created is None:
        return document
    latest = datetime.fromtimestamp(latest_s, UTC)
    try:
        if datetime.fromisoformat(msgspec.json.decode(created, type=str)) <= latest:
            return document
    except (ValueError, TypeError):  # no time, or none of any zone
        pass
    return document | {"created": _raw(latest.isoformat().replace("+00:00", "Z"))}


def _without_traces(document: Json) -> Json:
    """No container that a step was run in, no image that the last step was run on."""
    document = {key: value for key, value in document.items() if key not in _TRACES}
    if "config" in document:
        runtime = msgspec.json.decode(document["config"], type=Json | None) or {}
        kept = {key: value for key, value in runtime.items() if key not in _RUNTIME_TRACES}
        if kept != runtime:
            document["config"] = _raw(kept)
    return document


def _is_empty(step: Json) -> bool:
    return bytes(step.get("empty_layer", b"")) == b"true"


def _emptied(step: Json, group: Group) -> Json:
    before = msgspec.json.decode(step.get("comment", msgspec.Raw(b'""')))
    said = f"joined with layers {group.first} to {group.last} of the original by layerscope"
    comment = f"{before}; {said}" if before else said
    return step | {"comment": _raw(comment), "empty_layer": _raw(True)}


def new_manifest(image: Image, config: bytes, layers: Sequence[CheckedLayer], steps: Steps) -> bytes | None:
    """The manifest with these layers, and annotations of what was done to what.

    A normalised image does not say what it was made of, which may differ. None where a layer's
    compression has no media type. ``descriptor`` of a layer is the one it has in the source, None for a new
    one.
    """
    if any(layer.compression not in _LAYERS for layer in layers):
        return None
    document: dict[str, Any] = {"schemaVersion": 2, "mediaType": MANIFEST}
    kept: dict[str, msgspec.Raw] = {}
    annotations: dict[str, Any] = {}
    if image.manifest_bytes is not None and _is_oci(image.manifest_bytes):
        document = msgspec.json.decode(image.manifest_bytes, type=Json)
        listed = msgspec.json.decode(document["layers"], type=list[msgspec.Raw])
        for raw, layer in zip(listed, image.layers, strict=True):
            if layer.descriptor is not None:
                kept[layer.descriptor.digest] = raw
        annotations = msgspec.json.decode(document.get("annotations", msgspec.Raw(b"null"))) or {}
        own = msgspec.json.decode(document["config"], type=Json)
        own.pop("data", None)  # it held the old one
        document["config"] = own | {"digest": _raw(sha256(config)), "size": _raw(len(config))}
    else:
        document["config"] = {"mediaType": _CONFIG, "digest": sha256(config), "size": len(config)}
    source = image.digest or image.image_id if steps.latest_s is None else None
    annotations |= {DONE_ANNOTATION: str(steps)} | ({SOURCE_ANNOTATION: source} if source else {})
    document["layers"] = [kept.get(layer.digest) or _descriptor(layer) for layer in layers]
    document["annotations"] = annotations
    return msgspec.json.encode(document)


def _is_oci(manifest: bytes) -> bool:
    document = msgspec.json.decode(manifest)
    return bool(document.get("mediaType", MANIFEST) == MANIFEST)


def described(layer: CheckedLayer) -> Descriptor:
    """What the manifest says of a new layer."""
    return Descriptor(
        media_type=_LAYERS.get(layer.compression, _LAYER),
        digest=layer.digest,
        size_bytes=layer.stored_bytes,
    )


def _descriptor(layer: CheckedLayer) -> dict[str, Any]:
    new = described(layer)
    return {"mediaType": new.media_type, "digest": new.digest, "size": new.size_bytes}


def digest_of(manifest: bytes | None) -> Digest | None:
    """A manifest's digest."""
    return None if manifest is None else sha256(manifest)


def _raw(value: Any) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))
