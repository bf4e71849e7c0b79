"""Manifests and indexes as a registry has them, held against their digests."""

from __future__ import annotations

import hashlib

import msgspec

from layerscope.distribution.client import Document, Registry
from layerscope.distribution.tags import unknown_image
from layerscope.errors import ImageError, IncompleteImage, SourceError
from layerscope.model.digest import Digest, is_digest
from layerscope.oci.blobs import MAX_DOCUMENT_BYTES, check_digest
from layerscope.oci.documents import INDEX_TYPES, MANIFEST_TYPES
from layerscope.oci.fields import decode

_OCI_INDEX = "application/vnd.oci.image.index.v1+json"
_OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
ACCEPT = {"Accept": ", ".join(sorted(INDEX_TYPES | MANIFEST_TYPES, reverse=True))}
"""What we read: registries hide what is not asked for."""

_SCHEMA_1 = "application/vnd.docker.distribution.manifest.v1+"


class FetchedManifest(msgspec.Struct, frozen=True, kw_only=True):
    """A manifest or an index, and its digest, which has been checked."""

    raw: bytes
    digest: Digest
    media_type: str


def fetch_manifest(registry: Registry) -> FetchedManifest:
    """What the name stands for.

    Raises ImageNotFound with near tags, BlobMismatch where digest and content differ, ImageError
    where it is no manifest.
    """
    name = registry.name
    asked = name.digest or name.tag or "latest"
    document = registry.fetch(f"manifests/{asked}", max_bytes=MAX_DOCUMENT_BYTES, headers=ACCEPT)
    if document.status == 404:
        raise unknown_image(registry, document.raw)
    _expect_ok(registry, document)
    return _checked(document, str(name), name.digest)


def fetch_child(registry: Registry, digest: Digest) -> bytes:
    """A manifest that an index names; raises IncompleteImage where the registry does not have it."""
    document = registry.fetch(f"manifests/{digest}", max_bytes=MAX_DOCUMENT_BYTES, headers=ACCEPT)
    if document.status == 404:
        raise IncompleteImage(f"{registry.name}: the registry does not have the manifest {digest}")
    _expect_ok(registry, document)
    return document.raw


def _expect_ok(registry: Registry, document: Document) -> None:
    if document.status != 200:
        words = registry.words(document.raw)
        raise registry.failed(
            document.status, f"{document.status}: {words}" if words else f"{document.status}"
        )


def _checked(document: Document, where: str, wanted: Digest | None) -> FetchedManifest:
    declared = document.headers.get("docker-content-digest", "")
    if declared and not is_digest(declared):
        declared = ""
    digest = wanted or Digest(declared or f"sha256:{hashlib.sha256(document.raw).hexdigest()}")
    check_digest(document.raw, digest, where)
    return FetchedManifest(raw=document.raw, digest=digest, media_type=_media_type(document, where))


def _media_type(document: Document, where: str) -> str:
    """What kind of document it is: by the header, by its own word, by its shape."""
    header = document.headers.get("content-type", "").partition(";")[0].strip().lower()
    if header == "text/html":
        raise SourceError(f"{where}: a web page comes in place of a manifest", hint="is a registry there?")
    fields = decode(document.raw, where)
    if header.startswith(_SCHEMA_1) or fields.integer("schemaVersion") == 1:
        raise ImageError(
            f"{where}: the registry has it in schema 1 only, which is not supported",
            hint="pull it with an engine and push it again, or convert it with skopeo copy",
        )
    own = fields.text("mediaType")
    for media_type in (own, header):
        if media_type in INDEX_TYPES | MANIFEST_TYPES:
            return media_type
    if own:
        return own
    return _OCI_INDEX if fields.get("manifests") is not None else _OCI_MANIFEST
