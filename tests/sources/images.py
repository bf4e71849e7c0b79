"""Small images as files, in the forms that tests of whole runs need them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from layerscope.inspection import Inspection, Options, inspect
from tests.oci.build import Built, Files, as_tar, built, docker_archive, encoded
from tests.oci.tar.raw import END, header, member, padded, pax

WASTE_LAYERS = (
    member(b"keep", b"k" * 900) + member(b"gone", b"g" * 100) + END,
    member(b".wh.gone") + END,
)
"""1000 bytes of content, of which 100 are wasted: a tenth exactly."""


def layer(*members: bytes) -> bytes:
    """A layer of these members."""
    return b"".join(members) + END


def file(path: bytes, content: bytes = b"", **fields: Any) -> bytes:
    """A regular file whose path may be as long as it likes."""
    return pax((b"path", path)) + header(b"in-the-record", b"0", len(content), **fields) + padded(content)


def whiteout(path: bytes) -> bytes:
    """The marker that removes a path."""
    folder, slash, name = path.rpartition(b"/")
    return file(folder + slash + b".wh." + name)


def packed(path: Path, files: Files) -> Path:
    """An archive of these files."""
    path.write_bytes(as_tar(files))
    return path


def saved(folder: Path, *layers: bytes, name: str = "image.tar", **config: Any) -> Path:
    """An archive as docker save writes it, of one image with these layers."""
    return packed(folder / name, docker_archive(built(*layers, **config)))


def without_layers(folder: Path) -> Path:
    """The archive of an image that has no layer at all."""
    config = {"os": "linux", "architecture": "amd64", "rootfs": {"type": "layers", "diff_ids": []}}
    return packed(folder / "empty.tar", docker_archive(Built((), encoded(config), ("empty:1",))))


def inspected(folder: Path, *layers: bytes, options: Options | None = None, **config: Any) -> Inspection:
    """What is known of an image with these layers."""
    return inspect(str(saved(folder, *layers, **config)), options)


def steps(*created_by: str) -> list[dict[str, Any]]:
    """A history with one step for each layer."""
    return [{"created_by": text} for text in created_by]
