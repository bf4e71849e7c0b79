"""An OCI image layout: index.json and the manifests it names (image-spec, image-layout.md)."""

from __future__ import annotations

import msgspec

from layerscope.errors import BlobMismatch, ImageError, IncompleteImage, LimitExceeded
from layerscope.model.digest import Digest
from layerscope.model.image import Descriptor, Image, ImageConfig, Manifest
from layerscope.model.platform import Platform
from layerscope.oci.assemble import Draft, StoredLayer, assemble, names_of
from layerscope.oci.blobs import Blobs, check_digest
from layerscope.oci.candidate import Candidate
from layerscope.oci.documents import (
    CONFIG_TYPES,
    INDEX_TYPES,
    MANIFEST_TYPES,
    parse_config,
    parse_index,
    parse_manifest,
)

_MAX_INDEX_DEPTH = 8
_MAX_MANIFESTS = 10_000


class _Place(msgspec.Struct, frozen=True):
    """A descriptor on the way down from index.json."""

    descriptor: Descriptor
    names: tuple[str, ...]
    group: str
    depth: int
    index: Digest | None = None


def layout_candidates(blobs: Blobs) -> list[Candidate]:
    """Every manifest that index.json leads to, nested indexes opened."""
    top = parse_index(blobs.read("index.json"), f"{blobs.where}: index.json")
    todo = [_top_place(item) for item in top.manifests]
    todo.reverse()
    found: list[Candidate] = []
    opened = 0
    while todo:
        place = todo.pop()
        opened += 1
        name = blob_name(place.descriptor)
        if opened > _MAX_MANIFESTS or place.depth > _MAX_INDEX_DEPTH:
            raise LimitExceeded(f"{blobs.where}: index.json leads to too many or too deeply nested manifests")
        if place.descriptor.media_type not in INDEX_TYPES:
            found.append(_candidate(blobs, place))
            continue
        try:
            nested = parse_index(_present(blobs, place.descriptor), f"{blobs.where}: {name}").manifests
        except ImageError as error:
            found.append(_candidate(blobs, place, error))
            continue
        todo.extend(
            _Place(
                item,
                tuple(dict.fromkeys((*place.names, *names_of(item.annotations)))),
                place.group,
                place.depth + 1,
                place.index,
            )
            for item in reversed(nested)
        )
    return found


def _top_place(item: Descriptor) -> _Place:
    """A descriptor of index.json itself: one name is one image, and so are manifests without any."""
    names = tuple(names_of(item.annotations))
    index = item.digest if item.media_type in INDEX_TYPES else None
    return _Place(item, names, " ".join(names) or index or "", 0, index)


def blob_name(descriptor: Descriptor) -> str:
    """Where a blob lies in a layout."""
    return "blobs/" + descriptor.digest.replace(":", "/", 1)


def read_blob(blobs: Blobs, descriptor: Descriptor) -> bytes | None:
    """A document by its descriptor, inline or from the layout; None where it is absent."""
    if descriptor.data is not None:
        raw = descriptor.data
    elif blobs.find(blob_name(descriptor)) is None:
        return None
    else:
        raw = blobs.read(blob_name(descriptor))
    if len(raw) != descriptor.size_bytes:
        raise BlobMismatch(
            f"{blobs.where}: {blob_name(descriptor)}: size {len(raw)}, "
            f"its descriptor says {descriptor.size_bytes}"
        )
    if blobs.options.verify:
        check_digest(raw, descriptor.digest, f"{blobs.where}: {blob_name(descriptor)}")
    return raw


def _present(blobs: Blobs, descriptor: Descriptor) -> bytes:
    """A document by its descriptor; raises IncompleteImage where it is absent."""
    raw = read_blob(blobs, descriptor)
    if raw is None:
        raise IncompleteImage(
            f"{blobs.where}: {blob_name(descriptor)} is missing",
            hint="export the image again with its content",
        )
    return raw


def _candidate(blobs: Blobs, place: _Place, error: ImageError | None = None) -> Candidate:
    descriptor = place.descriptor
    excluded = None if error is not None else _why_no_image(descriptor)
    platform = descriptor.platform
    digests = [descriptor.digest, *([place.index] if place.index else [])]
    if error is None and excluded is None:
        try:
            manifest = _manifest(blobs, descriptor)
            excluded = _why_no_image_manifest(manifest)
            if excluded is None:
                digests.append(manifest.config.digest)
                platform = platform or _config_platform(blobs, manifest)
        except ImageError as raised:
            error = raised

    def build(reference: str) -> Image:
        return _build(blobs, place, reference)

    return Candidate(
        names=place.names,
        digests=tuple(digests),
        platform=platform,
        group=place.group,
        build=build,
        excluded=excluded,
        error=error,
    )


def _why_no_image(descriptor: Descriptor) -> str | None:
    """Why a descriptor in an index is no image: attestation, artifact or unknown (BuildKit, ORAS)."""
    kind = descriptor.annotations.get("vnd.docker.reference.type")
    platform = descriptor.platform
    if kind is not None or (platform is not None and platform.os == platform.architecture == "unknown"):
        return "an attestation is no image"
    if descriptor.artifact_type and descriptor.artifact_type not in CONFIG_TYPES:
        return f"an artifact of type {descriptor.artifact_type} is no image"
    if descriptor.media_type and descriptor.media_type not in MANIFEST_TYPES:
        return f"{descriptor.media_type} is no image"
    return None


def _why_no_image_manifest(manifest: Manifest) -> str | None:
    if manifest.config.media_type not in CONFIG_TYPES:
        kind = manifest.artifact_type or manifest.config.media_type
        return f"an artifact of type {kind} is no image"
    types = {layer.media_type for layer in manifest.layers}
    if any("in-toto" in kind or "dsse" in kind for kind in types):
        return "an attestation is no image"
    if types and all("cosign" in kind or "simplesigning" in kind for kind in types):
        return "a signature is no image"
    return None


def _manifest(blobs: Blobs, descriptor: Descriptor) -> Manifest:
    return parse_manifest(_present(blobs, descriptor), f"{blobs.where}: {blob_name(descriptor)}")


def _config_platform(blobs: Blobs, manifest: Manifest) -> Platform | None:
    config = _config(blobs, manifest.config, read_blob(blobs, manifest.config))
    return config.platform if config else None


def _config(blobs: Blobs, descriptor: Descriptor, raw: bytes | None) -> ImageConfig | None:
    return None if raw is None else parse_config(raw, f"{blobs.where}: {blob_name(descriptor)}")


def _build(blobs: Blobs, place: _Place, reference: str) -> Image:
    manifest_bytes = _present(blobs, place.descriptor)
    manifest = parse_manifest(manifest_bytes, f"{blobs.where}: {blob_name(place.descriptor)}")
    config_bytes = read_blob(blobs, manifest.config)
    config = _config(blobs, manifest.config, config_bytes)
    platform = place.descriptor.platform
    if config is not None and config.platform is None and platform is not None:
        config = msgspec.structs.replace(config, platform=platform)
    return assemble(
        Draft(
            reference=reference,
            names=place.names,
            digest=place.descriptor.digest,
            image_id=manifest.config.digest,
            config=config,
            layers=tuple(StoredLayer(descriptor=layer, blob=blob_name(layer)) for layer in manifest.layers),
            annotations=place.descriptor.annotations | manifest.annotations,
            manifest_bytes=manifest_bytes,
            config_bytes=config_bytes,
        ),
        blobs,
    )
