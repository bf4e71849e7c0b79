"""Small image archives, made in code: classic and hybrid docker archives, OCI layouts, v1.

An archive is a dict of name → content before it is packed, so that a test takes a blob out,
damages a document or adds a link in one line.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from layerscope.extensions import ScanOptions
from layerscope.model.changeset import Changeset
from layerscope.model.image import Image
from layerscope.model.platform import Platform
from layerscope.oci.blobs.archive import ArchiveBlobs
from layerscope.oci.blobs.folder import FolderBlobs
from layerscope.oci.blobs.pipe import PipedBlobs
from layerscope.oci.layer import check_layer
from layerscope.oci.opened import OpenedBlobs
from tests.oci.tar.raw import END, member, pax
from tests.oci.tar.sparse import pax_1_0

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
_GZIP = b"\x1f\x8b"
EMPTY_JSON = "application/vnd.oci.empty.v1+json"

Json = dict[str, Any]


class Link(NamedTuple):
    """A symlink, or a hard link, in an archive."""

    target: str
    hard: bool = False


Files = dict[str, bytes | Link]

BASE = (
    member(b"etc/", typeflag=b"5", mode=0o755)
    + member(b"etc/conf", b"one")
    + member(b"bin/tool", b"#!" * 700, mode=0o4755)
    + member(b"bin/also", typeflag=b"1", link=b"bin/tool")
    + END
)
MIDDLE = (
    pax((b"SCHILY.xattr.security.capability", b"\1\0\0\2")) + member(b"bin/cap", b"x" * 513)
    + member(b"etc/.wh.conf")
    + pax_1_0(b"var/sparse", [(4096, 10)], b"0123456789", 1 << 20)
    + END
)  # fmt: skip
TOP = member(b"caf\xe9\x1b[31m", b"odd") + member(b"lib", typeflag=b"2", link=b"usr/lib") + END
LAYERS = (BASE, MIDDLE, TOP)


class Built(NamedTuple):
    """An image before it is packed: uncompressed layers, the config, the names."""

    layers: tuple[bytes, ...]
    config: bytes
    names: tuple[str, ...] = ()

    @property
    def document(self) -> Json:
        """The config, decoded."""
        decoded: Json = json.loads(self.config)
        return decoded


def encoded(document: object) -> bytes:
    """A JSON document."""
    return json.dumps(document).encode()


def digest(data: bytes, algorithm: str = "sha256") -> str:
    """``algorithm:hex``."""
    return f"{algorithm}:{hashlib.new(algorithm, data).hexdigest()}"


def hexed(data: bytes) -> str:
    """Only the hex of the SHA-256."""
    return hashlib.sha256(data).hexdigest()


def steps(count: int) -> list[Json]:
    """A history with a step for each layer and an empty one before the last."""
    history: list[Json] = [{"created_by": f"step {number}"} for number in range(count)]
    history.insert(max(0, count - 1), {"created_by": "ENV a=b", "empty_layer": True})
    return history


def built(
    *layers: bytes, names: Sequence[str] = ("app:1",), os: str = "linux", cpu: str = "amd64", **more: Any
) -> Built:
    """An image of these layers (three of them if none is given); ``more`` goes into the config."""
    layers = layers or LAYERS
    document = {
        "architecture": cpu,
        "os": os,
        "config": {"Env": ["PATH=/bin"], "Cmd": ["sh"]},
        "rootfs": {"type": "layers", "diff_ids": [digest(layer) for layer in layers]},
        "history": steps(len(layers)),
    } | more
    kept = {key: value for key, value in document.items() if value is not None}
    return Built(layers, encoded(kept), tuple(names))


def docker_archive(*images: Built, keys: Mapping[str, str] | None = None) -> Files:
    """What ``docker save`` wrote before version 25: a folder for each layer, the manifest last."""
    files: Files = {}
    items: list[Json] = []
    for image in images:
        config_name = f"{hexed(image.config)}.json"
        layers = []
        for layer in image.layers:
            folder = hexed(b"v1 " + layer)
            files |= {f"{folder}/VERSION": b"1.0", f"{folder}/json": encoded({"id": folder})}
            files[f"{folder}/layer.tar"] = layer
            layers.append(f"{folder}/layer.tar")
        files[config_name] = image.config
        item = {"Config": config_name, "RepoTags": list(image.names) or None, "Layers": layers}
        items.append({(keys or {}).get(key, key): value for key, value in item.items()})
    files["manifest.json"] = encoded(items)
    return files


def descriptor(blob: bytes, media_type: str, algorithm: str = "sha256", **more: Any) -> Json:
    """What a manifest says of a blob."""
    return {"mediaType": media_type, "digest": digest(blob, algorithm), "size": len(blob)} | more


def blob_path(data: bytes, algorithm: str = "sha256") -> str:
    """Where a blob lies in a layout."""
    return "blobs/" + digest(data, algorithm).replace(":", "/")


def manifest(image: Built, stored: Sequence[bytes] = (), algorithm: str = "sha256", **more: Any) -> bytes:
    """An image manifest; ``stored`` are the layers as they lie there, if not as they are."""
    return encoded(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": descriptor(image.config, CONFIG, algorithm),
            "layers": [
                descriptor(layer, LAYER + "+gzip" * layer.startswith(_GZIP), algorithm)
                for layer in stored or image.layers
            ],
        }
        | more
    )


def image_blobs(image: Built, stored: Sequence[bytes] = (), algorithm: str = "sha256", **more: Any) -> Files:
    """The blobs of one image: layers, config and, last, manifest."""
    blobs = [*(stored or image.layers), image.config, manifest(image, stored, algorithm, **more)]
    return {blob_path(blob, algorithm): blob for blob in blobs}


def manifest_of(files: Files) -> bytes:
    """The last blob of those of an image."""
    content = list(files.values())[-1]
    assert isinstance(content, bytes)
    return content


def index(*descriptors: Json, **more: Any) -> bytes:
    """An image index."""
    return encoded({"schemaVersion": 2, "mediaType": INDEX, "manifests": list(descriptors)} | more)


def layout_of(files: Files, *descriptors: Json) -> Files:
    """A layout of blobs with an index of these descriptors."""
    return {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}', **files, "index.json": index(*descriptors)}


def named(name: str) -> Json:
    """The annotation that gives an image its name in a layout."""
    return {"annotations": {"org.opencontainers.image.ref.name": name}}


def layout(*images: Built, algorithm: str = "sha256", stored: Sequence[bytes] = ()) -> Files:
    """An OCI layout, one manifest in index.json for each name."""
    files: Files = {}
    descriptors: list[Json] = []
    for image in images:
        blobs = image_blobs(image, stored, algorithm)
        files |= blobs
        document = image.document
        platform = {"os": document.get("os", ""), "architecture": document.get("architecture", "")}
        one = descriptor(manifest_of(blobs), MANIFEST, algorithm, platform=platform)
        descriptors += [one | named(name) for name in image.names] or [one]
    return layout_of(files, *descriptors)


def hybrid(image: Built) -> Files:
    """What ``docker save`` has written since version 25: a layout with a manifest.json."""
    item = {
        "Config": blob_path(image.config),
        "RepoTags": list(image.names),
        "Layers": [blob_path(layer) for layer in image.layers],
    }
    return layout(image) | {"manifest.json": encoded([item])}


def v1_archive(image: Built, *, repositories: bool = True) -> Files:
    """What Docker wrote before 1.10: each layer's ``json`` names its parent."""
    files: Files = {}
    folder = ""
    for number, layer in enumerate(image.layers):
        document: Json = {"os": "linux", "architecture": "amd64", "config": {"Env": ["PATH=/bin"]}}
        document["container_config"] = {"Cmd": [f"step {number}"]}
        if folder:
            document["parent"] = folder
        folder = hexed(b"%d " % number + layer)
        files |= {
            f"{folder}/VERSION": b"1.0",
            f"{folder}/json": encoded(document | {"id": folder}),
            f"{folder}/layer.tar": layer,
        }
    if repositories:
        tags: dict[str, dict[str, str]] = {}
        for name in image.names:
            repository, _, tag = name.rpartition(":")
            tags.setdefault(repository, {})[tag] = folder
        files["repositories"] = encoded(tags)
    return files


def inline(data: bytes, media_type: str) -> Json:
    """A descriptor that holds its blob."""
    return descriptor(data, media_type, data=base64.b64encode(data).decode())


def as_tar(files: Mapping[str, bytes | Link]) -> bytes:
    """The files as a tar, in their order."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            if isinstance(content, Link):
                info.type = tarfile.LNKTYPE if content.hard else tarfile.SYMTYPE
                info.linkname = content.target
                tar.addfile(info)
            else:
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
    return target.getvalue()


def as_folder(files: Files, folder: Path) -> Path:
    """The files in a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Link):
            path.symlink_to(content.target)
        else:
            path.write_bytes(content)
    return folder


VERIFY = ScanOptions(verify=True)


def open_tar(
    tar: bytes, folder: Path, wanted: str | None = None, platform: Platform | None = None
) -> OpenedBlobs:
    """The image in an archive that is a file."""
    path = folder / "image.tar"
    path.write_bytes(tar)
    return OpenedBlobs(ArchiveBlobs(str(path), VERIFY), wanted, platform, "test")


def open_pipe(
    stream: bytes, wanted: str | None = None, platform: Platform | None = None, *, where: str = "pipe"
) -> OpenedBlobs:
    """The image in an archive that comes through a pipe, compressed or not."""
    return OpenedBlobs(PipedBlobs(io.BytesIO(stream), where, VERIFY), wanted, platform, "test")


def both_ways(tar: bytes, folder: Path) -> list[Callable[[], OpenedBlobs]]:
    """The same archive from a file and from a pipe, each when it is called."""
    return [partial(open_tar, tar, folder), partial(open_pipe, tar)]


def open_folder(folder: Path, wanted: str | None = None, platform: Platform | None = None) -> OpenedBlobs:
    """The image in a layout that is a folder."""
    return OpenedBlobs(FolderBlobs(folder, VERIFY), wanted, platform, "test")


def changesets(opened: OpenedBlobs) -> list[Changeset]:
    """All layers that are there, held against what the image declares of them."""
    found = []
    for layer in opened.image.layers:
        if layer.missing is None:
            found.append(opened.read_layer(layer))
            check_layer(layer, found[-1])
    return found


def contents(opened: OpenedBlobs) -> tuple[Image, list[Changeset]]:
    """Image and layers, without what tells only how the archive was opened."""
    return msgspec.structs.replace(opened.image, reference=""), changesets(opened)
