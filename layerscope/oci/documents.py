"""The JSON documents of an image to model values (image-spec: manifest, image-index, config)."""

from __future__ import annotations

from layerscope.errors import ImageError
from layerscope.model.digest import DiffID, is_digest
from layerscope.model.image import Descriptor, HistoryEntry, ImageConfig, Index, Manifest
from layerscope.model.platform import Platform
from layerscope.oci.fields import Fields, decode, wrong

INDEX_TYPES = frozenset(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
    )
)
MANIFEST_TYPES = frozenset(
    (
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)
CONFIG_TYPES = frozenset(
    (
        "application/vnd.oci.image.config.v1+json",
        "application/vnd.docker.container.image.v1+json",
    )
)


def parse_index(raw: bytes, where: str) -> Index:
    """An image index or a Docker manifest list."""
    fields = decode(raw, where)
    return Index(
        media_type=fields.text("mediaType") or "application/vnd.oci.image.index.v1+json",
        manifests=tuple(parse_descriptor(item) for item in fields.objects("manifests")),
        annotations=fields.text_map("annotations"),
    )


def parse_manifest(raw: bytes, where: str) -> Manifest:
    """An image manifest, OCI's or Docker's version 2, schema 2."""
    fields = decode(raw, where)
    if fields.integer("schemaVersion") == 1:
        raise ImageError(f"{where}: schemaVersion 1 is not supported", hint="convert it with skopeo copy")
    config = fields.object("config")
    if config is None:
        raise wrong(fields.place("config"), "an object", None)
    return Manifest(
        media_type=fields.text("mediaType") or "application/vnd.oci.image.manifest.v1+json",
        config=parse_descriptor(config),
        layers=tuple(parse_descriptor(item) for item in fields.objects("layers")),
        annotations=fields.text_map("annotations"),
        artifact_type=fields.text("artifactType"),
    )


def parse_descriptor(fields: Fields) -> Descriptor:
    """A descriptor; its size must not be negative."""
    size_bytes = fields.integer("size")
    if size_bytes is None or size_bytes < 0:
        raise wrong(fields.place("size"), "a size in bytes", size_bytes)
    return Descriptor(
        media_type=fields.text("mediaType") or "",
        digest=fields.digest("digest"),
        size_bytes=size_bytes,
        annotations=fields.text_map("annotations"),
        platform=_parse_platform(fields.object("platform")),
        artifact_type=fields.text("artifactType"),
        urls=tuple(fields.texts("urls")),
        data=fields.base64("data"),
    )


def _parse_platform(fields: Fields | None) -> Platform | None:
    if fields is None:
        return None
    system, architecture = fields.text("os") or "", fields.text("architecture") or ""
    if not system and not architecture:
        return None
    return Platform(os=system, architecture=architecture, variant=fields.text("variant") or None)


def parse_config(raw: bytes, where: str) -> ImageConfig:
    """An image config; absent parts stay empty."""
    fields = decode(raw, where)
    rootfs = fields.object("rootfs")
    diff_ids = rootfs.texts("diff_ids") if rootfs else []
    for number, diff_id in enumerate(diff_ids):
        if not is_digest(diff_id):
            raise wrong(f"{where}: rootfs.diff_ids[{number}]", "a digest", diff_id)
    return ImageConfig(
        platform=_parse_platform(fields),
        created=fields.text("created"),
        author=fields.text("author"),
        diff_ids=tuple(DiffID(diff_id) for diff_id in diff_ids),
        history=tuple(_parse_history(item) for item in fields.objects("history")),
        runtime=fields.mapping("config"),
    )


def _parse_history(fields: Fields) -> HistoryEntry:
    return HistoryEntry(
        created=fields.text("created"),
        created_by=fields.text("created_by") or "",
        author=fields.text("author") or "",
        comment=fields.text("comment") or "",
        empty_layer=fields.flag("empty_layer"),
    )
