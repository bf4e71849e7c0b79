"""The three archives that hold the samples: old docker save, new docker save, one flat folder."""

import hashlib
import json
from collections.abc import Mapping
from typing import Final

from sample_images.layer_tar import NANOSECONDS, Member, encode_layer
from sample_images.sample import Sample, timestamp
from sample_images.stable_deflate import gzip_bytes

_CONFIG_TYPE: Final = "application/vnd.oci.image.config.v1+json"
_INDEX_TYPE: Final = "application/vnd.oci.image.index.v1+json"
_LAYER_TYPE: Final = "application/vnd.oci.image.layer.v1.tar"
_MANIFEST_TYPE: Final = "application/vnd.oci.image.manifest.v1+json"
_RECORD_BYTES: Final = 10_240
_UNIX_EPOCH: Final = "1970-01-01T00:00:00Z"


def classic_archive(sample: Sample) -> bytes:
    """Return what ``docker save`` wrote before 25.0: a folder for each layer, v1 ids."""
    config = config_json(sample)
    files: dict[str, bytes] = {f"{_sha256(config)}.json": config}
    layers: list[str] = []
    parent = ""
    chain = ""
    for tar in sample.layer_tars:
        diff_id = f"sha256:{_sha256(tar)}"
        chain = f"sha256:{_sha256(f'{chain} {diff_id}'.encode())}" if chain else diff_id
        parent_field = {"parent": parent} if parent else {}
        identity = _json({"created": _UNIX_EPOCH, "layer_id": chain, **parent_field})
        layer_id = _sha256(identity)
        v1 = {"id": layer_id, **parent_field, "created": _UNIX_EPOCH, "os": "linux"}
        files[f"{layer_id}/VERSION"] = b"1.0"
        files[f"{layer_id}/json"] = _json(v1)
        files[f"{layer_id}/layer.tar"] = tar
        layers.append(f"{layer_id}/layer.tar")
        parent = layer_id
    files["manifest.json"] = _manifest_json(sample, f"{_sha256(config)}.json", layers)
    files["repositories"] = _json({sample.repository: {sample.tag: parent}}) + b"\n"
    return _archive(files, sample)


def hybrid_archive(sample: Sample) -> bytes:
    """Return what ``docker save`` writes since 25.0: an OCI layout that has a manifest.json."""
    config = config_json(sample)
    tars = sample.layer_tars
    layers = [_descriptor(_LAYER_TYPE, tar) for tar in tars]
    manifest = _json(
        {
            "schemaVersion": 2,
            "mediaType": _MANIFEST_TYPE,
            "config": _descriptor(_CONFIG_TYPE, config),
            "layers": layers,
        }
    )
    annotations = {
        "io.containerd.image.name": f"docker.io/{sample.repository}:{sample.tag}",
        "org.opencontainers.image.ref.name": sample.tag,
    }
    entry = _descriptor(_MANIFEST_TYPE, manifest) | {"annotations": annotations}
    paths = [f"blobs/sha256/{_sha256(tar)}" for tar in tars]
    sources = {str(layer["digest"]): layer for layer in layers}
    files = {f"blobs/sha256/{_sha256(blob)}": blob for blob in (*tars, config, manifest)}
    files["index.json"] = _json({"schemaVersion": 2, "mediaType": _INDEX_TYPE, "manifests": [entry]})
    files["manifest.json"] = _manifest_json(
        sample, f"blobs/sha256/{_sha256(config)}", paths, {"LayerSources": sources}
    )
    files["oci-layout"] = b'{"imageLayoutVersion":"1.0.0"}'
    top_layer = _sha256(tars[-1])
    files["repositories"] = _json({sample.repository: {sample.tag: top_layer}}) + b"\n"
    return _archive(files, sample)


def flat_archive(sample: Sample, *, gzipped_layer: int) -> bytes:
    """Return a docker-archive as other tools write it: ``<diff ID>.tar``, no layer twice.

    One layer is compressed, under the same kind of name: only its first bytes tell.
    """
    config = config_json(sample)
    files: dict[str, bytes] = {f"{_sha256(config)}.json": config}
    layers: list[str] = []
    for number, tar in enumerate(sample.layer_tars):
        path = f"{_sha256(tar)}.tar"
        files[path] = gzip_bytes(tar) if number == gzipped_layer else tar
        layers.append(path)
    files["manifest.json"] = _manifest_json(sample, f"{_sha256(config)}.json", layers)
    return _archive(files, sample)


def config_json(sample: Sample) -> bytes:
    """Return the image's configuration, whose digest is the image's ID."""
    history: list[dict[str, object]] = []
    for step in sample.steps:
        row: dict[str, object] = {"created": timestamp(step), "created_by": step.created_by}
        if step.comment:
            row["comment"] = step.comment
        if step.members is None:
            row["empty_layer"] = True
        history.append(row)
    diff_ids = [f"sha256:{_sha256(tar)}" for tar in sample.layer_tars]
    return _json(
        {
            "architecture": "amd64",
            "config": sample.config,
            "created": sample.created,
            "history": history,
            "os": "linux",
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
        }
    )


def _manifest_json(
    sample: Sample, config: str, layers: list[str], more: Mapping[str, object] | None = None
) -> bytes:
    tags = [f"{sample.repository}:{sample.tag}"]
    return _json([{"Config": config, "RepoTags": tags, "Layers": layers, **(more or {})}]) + b"\n"


def _descriptor(media_type: str, blob: bytes) -> dict[str, object]:
    return {"mediaType": media_type, "digest": f"sha256:{_sha256(blob)}", "size": len(blob)}


def _archive(files: Mapping[str, bytes], sample: Sample) -> bytes:
    time_ns = sample.steps[-1].created_s * NANOSECONDS
    folders = {"/".join(path.split("/")[:depth]) for path in files for depth in range(1, path.count("/") + 1)}
    members = [Member(name=path, content=data, mtime_ns=time_ns) for path, data in files.items()]
    members += [Member(name=path, kind="dir", mode=0o755, mtime_ns=time_ns) for path in folders]
    data = encode_layer(sorted(members, key=lambda member: member.name.split("/")))
    return data + bytes(-len(data) % _RECORD_BYTES)


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
