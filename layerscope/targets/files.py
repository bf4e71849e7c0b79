"""An image into a file, a folder or a stream: complete and read again, or not there at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import BinaryIO

import msgspec

from layerscope.errors import ImageError, UsageError, WriteError
from layerscope.extensions import Placed, Placing, Progress, ScanOptions, Target
from layerscope.model.digest import Digest
from layerscope.oci.blobs import Blobs
from layerscope.oci.blobs.archive import ArchiveBlobs
from layerscope.oci.blobs.folder import FolderBlobs
from layerscope.oci.opened import OpenedBlobs
from layerscope.oci.write.content import CheckedImage, Content, Member, hash_stored
from layerscope.oci.write.output import write_archive, write_folder
from layerscope.oci.write.unwritten import UnwrittenBlobs
from layerscope.unfinished import check_free, unfinished


class Files(msgspec.Struct, frozen=True, kw_only=True):
    """The files to be written, and what there is to say of them.

    ``digests`` are those of the images' manifests, ``digest`` that of the only one or of the index above
    them; None where there are no manifests.
    """

    members: tuple[Member, ...]
    names: tuple[str, ...]
    digests: tuple[Digest | None, ...]
    digest: Digest | None
    notes: tuple[str, ...]

    @property
    def size_bytes(self) -> int:
        """What all of them hold."""
        return sum(member.size_bytes for member in self.members)


Plan = Callable[[Content], Files]


def file_target(
    form: str,
    plan: Plan,
    *,
    description: str,
    endings: tuple[str, ...] = (),
    folder: bool = False,
    layout: bool = False,
) -> Target:
    """The target that writes what ``plan`` makes of an image.

    A ``layout`` takes several platforms, and layers as they are stored.
    """
    return Target(
        id=form,
        help=description,
        check=partial(_check, folder=folder),
        put=partial(_put, plan=plan, folder=folder),
        endings=endings,
        streams=True,
        reads_again=True,
        platforms=layout,
        keeps_compression=lambda: layout,
    )


def name_notes(content: Content) -> list[str]:
    """What there is to say of an image's names, in any format."""
    names, image = content.names, content.images[0].opened.image
    notes = [] if names.tagged or names.bare else ["the image has no name; --name gives it one"]
    if image.config_bytes is None:
        notes.append("the image had no config; a new one was made of what is known")
    return [*notes, *content.notes]


def shown_names(content: Content) -> tuple[str, ...]:
    """The whole names as people write them."""
    return tuple(name.familiar for name in content.names.tagged)


def _check(place: str | BinaryIO, placing: Placing, *, folder: bool) -> None:
    if isinstance(place, str):
        check_free(_real(place), folder=folder, replace=placing.replace)
    elif folder:
        raise UsageError("a folder cannot go into a stream", hint="--format oci-archive is the same as a tar")


def _real(place: str) -> Path:
    """What a link leads to is replaced, not the link."""
    return Path(os.path.realpath(place))


def _put(content: Content, place: str | BinaryIO, placing: Placing, *, plan: Plan, folder: bool) -> Placed:
    files = plan(content)
    if not isinstance(place, str):
        size_bytes = _streamed(files, place, placing)
    else:
        destination = _real(place)
        with unfinished(destination, folder=folder, replace=placing.replace) as path:
            placing.next_pass(files.size_bytes)
            size_bytes = _written(files, path, str(destination), placing.progress)
            placing.next_pass(files.size_bytes)
            _read_again(files, content, path, destination, placing)
    return Placed(size_bytes=size_bytes, names=files.names, digest=files.digest, notes=files.notes)


def _streamed(files: Files, stream: BinaryIO, placing: Placing) -> int:
    """What goes into a stream cannot be read again, so it is proven before and compared on its way."""
    where = _title(stream)
    if placing.prove is not None:
        placing.next_pass(files.size_bytes)
        placing.prove(partial(UnwrittenBlobs, files.members, where), files.digests)
    placing.next_pass(files.size_bytes)
    return write_archive(files.members, stream, where, hashed=True, progress=placing.progress)


def _title(stream: BinaryIO) -> str:
    """How a stream is named in messages."""
    name = getattr(stream, "name", None)
    return name if isinstance(name, str) and not name.startswith("<") else "standard output"


def _written(files: Files, path: Path, where: str, progress: Progress | None) -> int:
    if path.is_dir():
        return write_folder(files.members, path, where, progress=progress)
    with path.open("wb", buffering=0) as file:
        return write_archive(files.members, file, where, progress=progress)


def _reading(path: Path, scan: ScanOptions) -> Blobs:
    return FolderBlobs(path, scan) if path.is_dir() else ArchiveBlobs(str(path), scan)


def _read_again(files: Files, content: Content, path: Path, destination: Path, placing: Placing) -> None:
    """Open what was written as anybody would; raises WriteError where it is not what was meant.

    Where nobody proves more: a blob with the digest that was checked before also unpacks to what was
    checked before.
    """
    if placing.prove is not None:
        placing.prove(partial(_reading, path), files.digests)
        return
    try:
        blobs = _reading(path, ScanOptions(verify=True))
        pairs = zip(content.images, files.digests, strict=True)
        found = [
            _same(blobs, digest, image, placing, several=len(content.images) > 1) for image, digest in pairs
        ]
    except (ImageError, OSError) as error:
        raise WriteError(f"{destination}: cannot be read again after it was written: {error}") from error
    if not all(found):
        raise WriteError(f"{destination}: what was read again after writing is another image")


def _same(
    blobs: Blobs, digest: Digest | None, image: CheckedImage, placing: Placing, *, several: bool
) -> bool:
    again = OpenedBlobs(blobs, f"@{digest}" if several else None, None, blobs.where)
    if (
        not again.image.complete
        or again.image.config_bytes != image.config
        or again.image.digest != digest
        or len(again.image.layers) != len(image.layers)
    ):
        return False
    for layer in {layer.blob: layer for layer in again.image.layers}.values():
        expected = layer.descriptor.digest if layer.descriptor is not None else layer.diff_id
        if expected is None or hash_stored(again, layer, expected, placing.progress) != expected:
            return False
    return True
