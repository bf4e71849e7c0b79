"""An image in a registry, seen as an OCI image layout of which only what is asked for is fetched."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from typing import Any

import msgspec

from layerscope.distribution.blob_stream import BlobStream
from layerscope.distribution.client import Registry
from layerscope.distribution.manifests import FetchedManifest, fetch_child, fetch_manifest
from layerscope.errors import BlobMismatch, ImageError
from layerscope.extensions import ScanOptions, Stored
from layerscope.model.changeset import Changeset
from layerscope.model.digest import Digest
from layerscope.model.image import Descriptor
from layerscope.model.platform import Platform, own_platform
from layerscope.oci.blobs import absent, algorithm_of, check_document_size
from layerscope.oci.documents import INDEX_TYPES, parse_index, parse_manifest
from layerscope.oci.fields import decode
from layerscope.oci.layer import Budget, Part, read_changeset
from layerscope.oci.layout import blob_name

_STREAMS = 4


class RegistryBlobs:
    """The blobs of one image in a registry; `layerscope.oci.blobs.Blobs`.

    Of an index only the manifests for one platform are shown, or all where none fits, or all are asked for.
    """

    def __init__(
        self,
        registry: Registry,
        platform: Platform | None,
        options: ScanOptions,
        *,
        every_platform: bool = False,
    ) -> None:
        self.where = str(registry.name)
        self.ended = True
        self.streams = _STREAMS
        self.options = msgspec.structs.replace(options, verify=True)
        self._registry = registry
        self._budget = Budget(options.max_unpacked_bytes)
        self._descriptors: dict[str, Descriptor] = {}
        self._documents: dict[str, bytes] = {}
        self._manifests: set[str] = set()
        self._foreign: dict[str, bool] = {}
        top = fetch_manifest(registry)
        wanted = None if every_platform else platform or own_platform()
        self._documents["index.json"] = self._index_of(top, wanted)

    def _index_of(self, top: FetchedManifest, platform: Platform | None) -> bytes:
        """An ``index.json`` for what was fetched, or for those it lists that fit the platform."""
        descriptor = Descriptor(media_type=top.media_type, digest=top.digest, size_bytes=len(top.raw))
        items: list[Any] = [{"mediaType": top.media_type, "digest": top.digest, "size": len(top.raw)}]
        name = blob_name(descriptor)
        self._descriptors[name] = descriptor
        self._documents[name] = top.raw
        self._note(descriptor, top.raw)
        if top.media_type in INDEX_TYPES:
            listed = parse_index(top.raw, f"{self.where}: {name}").manifests
            raw_items = decode(top.raw, name).items("manifests")
            pairs = list(zip(listed, raw_items, strict=True))
            items = [
                raw
                for item, raw in pairs
                if platform is not None and item.platform and item.platform.matches(platform)
            ]
            items = items or raw_items
        named = {"org.opencontainers.image.ref.name": self.where}
        manifests = [item | {"annotations": (item.get("annotations") or {}) | named} for item in items]
        return msgspec.json.encode({"schemaVersion": 2, "manifests": manifests})

    def _note(self, descriptor: Descriptor, raw: bytes) -> None:
        """Remember what a document names; what it cannot be read for is said where it is used."""
        where = f"{self.where}: {blob_name(descriptor)}"
        try:
            if descriptor.media_type in INDEX_TYPES:
                named: Iterable[Descriptor] = parse_index(raw, where).manifests
                self._manifests.update(map(blob_name, named))
            else:
                manifest = parse_manifest(raw, where)
                named = (manifest.config, *manifest.layers)
        except ImageError:
            return
        for item in named:
            self._descriptors.setdefault(blob_name(item), item)

    def names(self) -> Iterable[str]:
        """What is known of so far."""
        return ["index.json", *self._descriptors]

    def find(self, name: str) -> str | None:
        """The name itself, unless nothing names it, or it is a foreign layer that the registry lacks."""
        if name in self._documents:
            return name
        descriptor = self._descriptors.get(name)
        if descriptor is None:
            return None
        if descriptor.urls and name not in self._foreign:
            self._foreign[name] = self._has(descriptor.digest)
        return name if self._foreign.get(name, True) else None

    def _has(self, digest: Digest) -> bool:
        with self._registry.exchange(self._registry.url(f"blobs/{digest}"), method="HEAD") as response:
            return response.status_code == 200

    def size_bytes(self, name: str) -> int:
        """The size that the blob's descriptor gives."""
        return self._descriptors[name].size_bytes

    def read(self, name: str) -> bytes:
        """A manifest, an index or a config."""
        if name in self._documents:
            return self._documents[name]
        descriptor = self._descriptors.get(name)
        if descriptor is None:
            raise absent(self, name)
        check_document_size(self, name, descriptor.size_bytes)
        if name in self._manifests:
            raw = fetch_child(self._registry, descriptor.digest)
            self._note(descriptor, raw)
        else:
            with closing(self._stream(name)) as stream:
                raw = stream.read()
        self._documents[name] = raw
        return raw

    def _stream(self, name: str) -> BlobStream:
        descriptor = self._descriptors[name]
        return BlobStream(self._registry, descriptor.digest, descriptor.size_bytes)

    def job(self, name: str) -> None:
        """None: only this process speaks to the registry."""

    def read_layer(self, name: str) -> Changeset:
        """One pass over the layer while it comes; raises SourceError or ImageError.

        After any failure nothing else goes on waiting.
        """
        part = Part(name=name, size_bytes=self.size_bytes(name), algorithm=algorithm_of(name))
        try:
            with closing(self._stream(name)) as stream:
                changeset = read_changeset(stream, f"{self.where}: {name}", self.options, self._budget, part)
            self._check(name, changeset)
        except BaseException:
            self._registry.stop()
            raise
        return changeset

    def _check(self, name: str, changeset: Changeset) -> None:
        digest = self._descriptors[name].digest
        if changeset.digest != digest:
            raise BlobMismatch(f"{self.where}: {name} has digest {changeset.digest}, not {digest}")

    def open(self, name: str) -> Stored:
        """The layer as the keeper kept it; without one, from the registry once more."""
        keeper = self.options.keeper
        return self._stream(name) if keeper is None else keeper.open(name)
