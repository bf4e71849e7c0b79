"""Any image to a local archive or layout, checked as it is read and again as it was written."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec

from layerscope.config import Options
from layerscope.errors import ImageError, IncompleteImage, UsageError, WriteError
from layerscope.extensions import Keeper, Opened, ScanOptions, Source
from layerscope.finding import find_source
from layerscope.model.changeset import Changeset
from layerscope.model.digest import Digest
from layerscope.model.image import Image, Verified
from layerscope.model.reference import ImageName, may_be_id
from layerscope.oci.blobs import check_digest
from layerscope.oci.blobs.archive import ArchiveBlobs
from layerscope.oci.blobs.folder import FolderBlobs
from layerscope.oci.layer import check_layer
from layerscope.oci.opened import OpenedBlobs
from layerscope.oci.reading import read_image
from layerscope.oci.write.config import new_config
from layerscope.oci.write.content import CheckedImage, CheckedLayer, Member, hash_stored, sha256
from layerscope.oci.write.docker_archive import docker_archive
from layerscope.oci.write.layout import layout
from layerscope.oci.write.names import Names, given_names, names_of
from layerscope.oci.write.output import write_archive, write_folder
from layerscope.oci.write.passes import Passes
from layerscope.spool import spool
from layerscope.unfinished import check_free, unfinished

Format = Literal["docker-archive", "oci-archive", "oci"]
"""An archive for ``docker load``, an OCI layout as a tar, an OCI layout as a folder."""

Prove = Callable[[Path, Digest | None], None]
"""Opens what was written, which has the digest given; raises WriteError where it is another image."""

FORMATS: tuple[Format, ...] = ("docker-archive", "oci-archive", "oci")


class ExportOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be written, and how.

    ``names`` are those that the image gets, None for those that it has. ``replace`` allows to
    replace what is at the destination. ``max_temp_bytes`` bounds the temporary data that a stream
    needs, None leaves a reserve free on the disk.
    """

    format: Format = "docker-archive"
    names: tuple[str, ...] | None = None
    replace: bool = False
    max_temp_bytes: int | None = None


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """What was written.

    ``digest`` is the manifest's, None for an archive that has none. ``read_again`` says whether
    the output was opened again and all its digests and diff IDs compared; what went into a stream
    was compared while it was written. ``notes`` say what is not as it was in the source.
    """

    format: Format
    size_bytes: int
    names: tuple[str, ...]
    digest: Digest | None
    image_id: Digest
    layers: int
    read_again: bool
    notes: tuple[str, ...] = ()


class _Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The files to be written, and what there is to say of them."""

    members: tuple[Member, ...]
    names: tuple[str, ...]
    digest: Digest | None
    notes: tuple[str, ...]


def export(
    reference: str,
    destination: Path | BinaryIO,
    options: Options | None = None,
    how: ExportOptions | None = None,
) -> Exported:
    """Write an image to a file, a folder or a stream.

    Every digest and every diff ID is checked before anything is written. A file or folder is
    there when it is complete and has been read again, and not before. Raises UsageError,
    SourceError, ImageError or WriteError.
    """
    options, how = options or Options(), how or ExportOptions()
    if isinstance(destination, Path):
        destination = Path(os.path.realpath(destination))  # what a link leads to is replaced, not the link
        check_free(destination, folder=how.format == "oci", replace=how.replace)
    elif how.format == "oci":
        raise UsageError("a folder cannot go into a stream", hint="--format oci-archive is the same as a tar")
    source, name = find_source(reference, options.access)
    passes = None
    if options.progress is not None:
        passes = Passes(options.progress, 3 if isinstance(destination, Path) else 2)
        options = msgspec.structs.replace(options, progress=passes)
    try:
        with (
            spool(how.max_temp_bytes) as keeper,
            source.open(name, options.access, _scan_options(options, keeper)) as opened,
        ):
            image, _ = read_checked(opened, options)
            names = names_for(source, name, opened.image, how)
            return write_image(image, names, destination, how, passes=passes)
    except WriteError as error:
        if isinstance(error.__cause__, BrokenPipeError):  # nobody reads on: no error of ours
            raise error.__cause__ from None
        raise


def write_image(
    image: CheckedImage,
    names: Names,
    destination: Path | BinaryIO,
    how: ExportOptions,
    *,
    passes: Passes | None = None,
    prove: Prove | None = None,
) -> Exported:
    """Write an image whose layers are known; see `export`.

    ``prove`` takes the place of the plain reading again of a file or folder.
    """
    plan = _planned(image, names, how.format)
    return Exported(
        format=how.format,
        size_bytes=_written(plan, image, destination, how, passes, prove),
        names=plan.names,
        digest=plan.digest,
        image_id=sha256(image.config),
        layers=len(image.layers),
        read_again=isinstance(destination, Path),
        notes=plan.notes,
    )


def _scan_options(options: Options, keeper: Keeper) -> ScanOptions:
    return ScanOptions(
        verify=True,
        max_unpacked_bytes=options.max_unpacked_bytes,
        progress=options.progress,
        keeper=keeper,
    )


def names_for(source: Source, name: str, image: Image, how: ExportOptions) -> Names:
    """Those asked for, else the image's own, else the one by which an engine or a registry knows it."""
    if how.names is not None:
        return given_names(how.names)
    names = names_of(image)
    if not names.tagged and source.rank and not may_be_id(name):
        with contextlib.suppress(UsageError):
            return given_names([name])
    return names


def read_checked(opened: Opened, options: Options) -> tuple[CheckedImage, list[Changeset]]:
    """Read all layers, opened with ``verify``, and hold them against what the image declares.

    Raises IncompleteImage, or BlobMismatch where a layer is not what is declared.
    """
    image = opened.image
    if not image.complete:
        missing = "; ".join(remark.message for remark in image.diagnostics)
        raise IncompleteImage(f"{image.reference} is not complete: {missing}")
    layers, changesets = [], read_image(opened, options)
    for layer, changeset in zip(image.layers, changesets, strict=True):
        verified = check_layer(layer, changeset)
        if verified is Verified.NONE and image.config_bytes is not None:
            raise ImageError(f"{layer.blob}: layer {layer.number} cannot be checked: {layer.diff_id}")
        assert changeset.digest is not None, "scanned with verify"
        assert changeset.diff_id is not None, "scanned with verify"
        layers.append(
            CheckedLayer(
                layer=layer,
                digest=changeset.digest,
                diff_id=changeset.diff_id,
                stored_bytes=changeset.compressed_bytes,
                unpacked_bytes=changeset.tar_bytes,
                compression=changeset.compression,
            )
        )
    config = image.config_bytes
    if config is None:
        config = new_config(image, [layer.diff_id for layer in layers])
    elif image.image_id is not None and image.image_id.startswith("sha256:"):
        check_digest(config, image.image_id, f"{image.reference}: config")
    return CheckedImage(opened=opened, config=config, layers=tuple(layers)), changesets


def _planned(image: CheckedImage, names: Names, form: Format) -> _Plan:
    notes = [] if names.tagged or names.bare else ["the image has no name; --name gives it one"]
    if image.opened.image.config_bytes is None:
        notes.append("the image had no config; a new one was made of what is known")
    if form == "docker-archive":
        if names.bare and not names.tagged:
            notes.append(f"no name in this format: {', '.join(names.bare)}; --name gives one")
        members = docker_archive(image, names.full)
        return _Plan(members=members, names=_shown(names.tagged), digest=None, notes=tuple(notes))
    made = layout(image, names, for_old_engines=form == "oci-archive")
    if made.new_manifest and image.opened.image.manifest_bytes is not None:
        notes.append("Docker's manifest was converted to OCI's, so the digest is another")
    shown = (*_shown(names.tagged), *names.bare)
    return _Plan(members=made.members, names=shown, digest=made.digest, notes=tuple(notes))


def _shown(names: Iterable[ImageName]) -> tuple[str, ...]:
    """Names as people write them."""
    return tuple(name.familiar for name in names)


def _written(
    plan: _Plan,
    image: CheckedImage,
    destination: Path | BinaryIO,
    how: ExportOptions,
    passes: Passes | None,
    prove: Prove | None,
) -> int:
    """Write the files, and read them again where that can be done; give the size."""
    _expect(plan, passes)
    if not isinstance(destination, Path):
        return write_archive(plan.members, destination, _title(destination), hashed=True, progress=passes)
    folder = how.format == "oci"
    with unfinished(destination, folder=folder, replace=how.replace) as path:
        if folder:
            size_bytes = write_folder(plan.members, path, str(destination), progress=passes)
        else:
            with path.open("wb", buffering=0) as file:
                size_bytes = write_archive(plan.members, file, str(destination), progress=passes)
        _expect(plan, passes)
        if prove is None:
            _read_again(path, destination, plan, image, passes)
        else:
            prove(path, plan.digest)
    return size_bytes


def _title(stream: BinaryIO) -> str:
    """How a stream is named in messages."""
    name = getattr(stream, "name", None)
    return name if isinstance(name, str) and not name.startswith("<") else "standard output"


def _expect(plan: _Plan, passes: Passes | None) -> None:
    if passes is not None:
        passes.next_pass()
        passes.expect(sum(member.size_bytes for member in plan.members))


def _read_again(
    path: Path, destination: Path, plan: _Plan, image: CheckedImage, passes: Passes | None
) -> None:
    """Open what was written as anybody would, and hash it; raises WriteError where it is not what was meant.

    A blob with the digest that was checked before also unpacks to what was checked before.
    """
    scan = ScanOptions(verify=True)
    try:
        blobs = FolderBlobs(path, scan) if path.is_dir() else ArchiveBlobs(path, scan)
        opened = OpenedBlobs(blobs, None, None, str(destination))
        again = opened.image
        same = (
            again.complete
            and again.config_bytes == image.config
            and again.digest == plan.digest
            and len(again.layers) == len(image.layers)
        )
        for layer in {layer.blob: layer for layer in again.layers}.values():
            expected = layer.descriptor.digest if layer.descriptor is not None else layer.diff_id
            same = same and expected is not None and hash_stored(opened, layer, expected, passes) == expected
    except (ImageError, OSError) as error:
        raise WriteError(f"{destination}: cannot be read again after it was written: {error}") from error
    if not same:
        raise WriteError(f"{destination}: what was read again after writing is another image")
