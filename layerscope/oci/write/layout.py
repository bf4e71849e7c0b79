"""An OCI image layout: oci-layout, index.json and blobs (image-spec, image-layout.md)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from layerscope.extensions import Opened
from layerscope.model.digest import Digest
from layerscope.model.image import Image
from layerscope.oci.documents import MANIFEST_TYPES, parse_manifest
from layerscope.oci.fields import decode_any
from layerscope.oci.write.content import (
    CheckedImage,
    CheckedLayer,
    Content,
    Member,
    blob_path,
    document,
    sha256,
    stored,
    unpacked,
)
from layerscope.oci.write.docker_archive import manifest_json
from layerscope.oci.write.names import Names

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
_LAYER = "application/vnd.oci.image.layer.v1.tar"
_LAYERS = {"none": _LAYER, "gzip": f"{_LAYER}+gzip", "zstd": f"{_LAYER}+zstd"}
_LOADED_BY_OLD_ENGINES = frozenset(("none", "gzip"))
_PLATFORM_FIELDS = ("architecture", "os", "os.version", "os.features", "variant")


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """A manifest, or the index of several, as the layout has it."""

    raw: bytes
    digest: Digest
    media_type: str


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """A layout's files.

    ``blobs`` are the configs and layers among its ``members``; ``manifests`` the images' manifests and, of
    several, their index behind them. ``digest`` is that of the last. ``new_manifest`` tells whether any
    was made anew.
    """

    members: tuple[Member, ...]
    blobs: tuple[Member, ...]
    manifests: tuple[Manifest, ...]
    digest: Digest
    new_manifest: bool


class _Blob(msgspec.Struct, frozen=True, kw_only=True):
    """A layer as the layout has it."""

    digest: str
    compression: str
    member: Member


class _Image(msgspec.Struct, frozen=True, kw_only=True):
    """One platform's part of a layout."""

    manifest: Manifest
    config: Member
    layers: tuple[_Blob, ...]
    platform: dict[str, Any]
    kept: bool


def layout(content: Content, *, for_old_engines: bool = False, docker_too: bool = False) -> Layout:
    """The layout's files.

    An OCI manifest stays as it is, and so does its digest; Docker's too with ``docker_too``, as registries
    take it. Other images get a new one. With ``for_old_engines`` a manifest.json names the same blobs of a
    single image, for a ``docker load`` that knows no layouts, where it could read the layers.
    """
    images = [_image(image, docker_too=docker_too) for image in content.images]
    manifests = [image.manifest for image in images]
    tops = [_described(image) for image in images]
    if len(images) > 1:
        raw = msgspec.json.encode({"schemaVersion": 2, "mediaType": INDEX, "manifests": tops})
        manifests.append(Manifest(raw=raw, digest=sha256(raw), media_type=INDEX))
        tops = [{"mediaType": INDEX, "digest": sha256(raw), "size": len(raw)}]
    blobs = [member for one in images for member in (one.config, *(blob.member for blob in one.layers))]
    members = [
        document("oci-layout", msgspec.json.encode({"imageLayoutVersion": "1.0.0"})),
        document("index.json", _index(tops[0], content.names)),
        *(document(blob_path(manifest.digest), manifest.raw) for manifest in manifests),
        *blobs,
    ]
    if for_old_engines and len(images) == 1 and _loadable(images[0]):
        places = [blob.member.name for blob in images[0].layers]
        members.append(manifest_json(images[0].config.name, content.names.full, places))
    return Layout(
        members=_distinct(members),
        blobs=_distinct(blobs),
        manifests=tuple(manifests),
        digest=manifests[-1].digest,
        new_manifest=not all(image.kept for image in images),
    )


def _distinct(members: Iterable[Member]) -> tuple[Member, ...]:
    return tuple({member.name: member for member in members}.values())


def _loadable(image: _Image) -> bool:
    return all(blob.compression in _LOADED_BY_OLD_ENGINES for blob in image.layers)


def _image(image: CheckedImage, *, docker_too: bool) -> _Image:
    source, config = image.opened.image, image.config
    kept = _manifest_of(source, docker_too=docker_too)
    blobs = [_blob(image.opened, checked, as_stored=kept is not None) for checked in image.layers]
    if kept is not None:
        manifest, config_digest = kept
    else:
        raw = _new_manifest(config, zip(image.layers, blobs, strict=True))
        manifest, config_digest = Manifest(raw=raw, digest=sha256(raw), media_type=MANIFEST), sha256(config)
    named = document(blob_path(config_digest), config)
    return _Image(
        manifest=manifest,
        config=msgspec.structs.replace(named, digest=config_digest),
        layers=tuple(blobs),
        platform=_platform(source, config),
        kept=kept is not None,
    )


def _described(image: _Image) -> dict[str, Any]:
    """What an index says of an image."""
    manifest = image.manifest
    one: dict[str, Any] = {
        "mediaType": manifest.media_type,
        "digest": manifest.digest,
        "size": len(manifest.raw),
    }
    return one | ({"platform": image.platform} if image.platform else {})


def _manifest_of(image: Image, *, docker_too: bool) -> tuple[Manifest, Digest] | None:
    """The manifest that an image has and its config's digest, where it is one that the layout may hold."""
    if image.manifest_bytes is None or image.digest is None:
        return None
    found = parse_manifest(image.manifest_bytes, image.reference)
    if found.media_type != MANIFEST and not (docker_too and found.media_type in MANIFEST_TYPES):
        return None
    kept = Manifest(raw=image.manifest_bytes, digest=image.digest, media_type=found.media_type)
    return kept, found.config.digest


def _blob(opened: Opened, checked: CheckedLayer, *, as_stored: bool) -> _Blob:
    """A layer as it is; uncompressed where its compression has no media type and the manifest is new."""
    if as_stored:
        descriptor = checked.layer.descriptor
        assert descriptor is not None, "a manifest has a descriptor for every layer"
        member = stored(blob_path(descriptor.digest), opened, checked)
        return _Blob(digest=descriptor.digest, compression=checked.compression, member=member)
    if checked.compression in _LAYERS:
        member = stored(blob_path(checked.digest), opened, checked)
        return _Blob(digest=checked.digest, compression=checked.compression, member=member)
    member = unpacked(blob_path(checked.diff_id), opened, checked)
    return _Blob(digest=checked.diff_id, compression="none", member=member)


def _new_manifest(config: bytes, layers: Iterable[tuple[CheckedLayer, _Blob]]) -> bytes:
    return msgspec.json.encode(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"mediaType": CONFIG, "digest": sha256(config), "size": len(config)},
            "layers": [_descriptor(checked, blob) for checked, blob in layers],
        }
    )


def _descriptor(checked: CheckedLayer, blob: _Blob) -> dict[str, Any]:
    found: dict[str, Any] = {
        "mediaType": _LAYERS[blob.compression],
        "digest": blob.digest,
        "size": blob.member.size_bytes,
    }
    before = checked.layer.descriptor
    # Tables of contents of eStargz and zstd:chunked are found by them.
    return found | ({"annotations": before.annotations} if before is not None and before.annotations else {})


def _index(top: dict[str, Any], names: Names) -> bytes:
    # The names as docker save and BuildKit write them: the tag where umoci and skopeo look for
    # it, the whole name where containerd and podman do.
    annotations = [
        {"io.containerd.image.name": str(name), "org.opencontainers.image.ref.name": name.tag}
        for name in names.tagged
    ]
    annotations += [{"org.opencontainers.image.ref.name": name} for name in names.bare]
    manifests = [top | {"annotations": some} for some in annotations] or [top]
    return msgspec.json.encode({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests})


def _platform(image: Image, config: bytes) -> dict[str, Any]:
    """What an index says of an image's platform, from its config."""
    document = decode_any(config, f"{image.reference}: config")
    found = {key: document[key] for key in _PLATFORM_FIELDS if document.get(key)}
    if image.platform is not None and not {"architecture", "os"} <= found.keys():
        found |= {"architecture": image.platform.architecture, "os": image.platform.os}
    return found
