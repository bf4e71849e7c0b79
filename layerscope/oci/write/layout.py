"""An OCI image layout: oci-layout, index.json and blobs (image-spec, image-layout.md)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from layerscope.extensions import Opened
from layerscope.model.digest import Digest
from layerscope.model.image import Image
from layerscope.oci.documents import parse_manifest
from layerscope.oci.fields import decode_any
from layerscope.oci.write.content import (
    CheckedImage,
    CheckedLayer,
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


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """A layout's files, the digest of its manifest, and whether that manifest is a new one."""

    members: tuple[Member, ...]
    digest: Digest
    new_manifest: bool


class _Blob(msgspec.Struct, frozen=True, kw_only=True):
    """A layer as the layout has it."""

    digest: str
    compression: str
    member: Member


def layout(image: CheckedImage, names: Names, *, for_old_engines: bool) -> Layout:
    """The layout's files.

    An OCI manifest stays as it is, and so does its digest. Docker's manifests, and archives that
    have none, get a new one. With ``for_old_engines`` a manifest.json names the same blobs, for a
    ``docker load`` that knows no layouts, where it could read the layers.
    """
    config = image.config
    kept = _oci_manifest(image.opened.image)
    blobs = [_blob(image.opened, checked, as_stored=kept is not None) for checked in image.layers]
    if kept is not None:
        manifest, digest, config_digest = kept
    else:
        manifest = _new_manifest(config, zip(image.layers, blobs, strict=True))
        digest, config_digest = sha256(manifest), sha256(config)
    index = _index(digest, len(manifest), _platform(image.opened.image, config), names)
    members = [
        document("oci-layout", msgspec.json.encode({"imageLayoutVersion": "1.0.0"})),
        document("index.json", index),
        document(blob_path(digest), manifest),
        document(blob_path(config_digest), config),
        *(blob.member for blob in blobs),
    ]
    if for_old_engines and all(blob.compression in _LOADED_BY_OLD_ENGINES for blob in blobs):
        places = [blob_path(blob.digest) for blob in blobs]
        members.append(manifest_json(blob_path(config_digest), names.full, places))
    distinct = {member.name: member for member in members}
    return Layout(members=tuple(distinct.values()), digest=digest, new_manifest=kept is None)


def _oci_manifest(image: Image) -> tuple[bytes, Digest, Digest] | None:
    """The manifest that an image has, its digest and its config's, where it is an OCI manifest."""
    if image.manifest_bytes is None or image.digest is None:
        return None
    manifest = parse_manifest(image.manifest_bytes, image.reference)
    if manifest.media_type != MANIFEST:
        return None
    return image.manifest_bytes, image.digest, manifest.config.digest


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


def _index(digest: Digest, size_bytes: int, platform: dict[str, Any], names: Names) -> bytes:
    one = {"mediaType": MANIFEST, "digest": digest, "size": size_bytes}
    if platform:
        one["platform"] = platform
    # The names as docker save and BuildKit write them: the tag where umoci and skopeo look for
    # it, the whole name where containerd and podman do.
    annotations = [
        {"io.containerd.image.name": str(name), "org.opencontainers.image.ref.name": name.tag}
        for name in names.tagged
    ]
    annotations += [{"org.opencontainers.image.ref.name": name} for name in names.bare]
    manifests = [one | {"annotations": some} for some in annotations] or [one]
    return msgspec.json.encode({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests})


def _platform(image: Image, config: bytes) -> dict[str, Any]:
    """What an index says of an image's platform, from its config."""
    document = decode_any(config, f"{image.reference}: config")
    found = {key: document[key] for key in _PLATFORM_FIELDS if document.get(key)}
    if image.platform is not None and not {"architecture", "os"} <= found.keys():
        found |= {"architecture": image.platform.architecture, "os": image.platform.os}
    return found
