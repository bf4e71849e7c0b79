"""Any image to a target, checked as it is read and, where that can be done, again as it was written."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec

from layerscope.config import Options
from layerscope.errors import ImageError, IncompleteImage, UsageError, WriteError
from layerscope.extensions import Keeper, Opened, Placing, ScanOptions, Source, Target
from layerscope.finding import REGISTRY, find_source
from layerscope.model.changeset import Changeset
from layerscope.model.digest import Digest
from layerscope.model.image import Image, Verified
from layerscope.model.reference import may_be_id, parse_image_name
from layerscope.oci.blobs import check_digest
from layerscope.oci.layer import check_layer
from layerscope.oci.reading import read_image
from layerscope.oci.write.config import new_config
from layerscope.oci.write.content import CheckedImage, CheckedLayer, Content, sha256
from layerscope.oci.write.names import Names, given_names, names_of
from layerscope.oci.write.passes import Passes
from layerscope.spool import spool
from layerscope.targets.choosing import DEFAULT, target_of

Format = Literal["docker-archive", "oci-archive", "oci"]
"""An archive for ``docker load``, an OCI layout as a tar, an OCI layout as a folder."""

FORMATS: tuple[Format, ...] = ("docker-archive", "oci-archive", "oci")

Destination = str | Path | BinaryIO
"""A place within a target: a path, a name, or a stream."""


class ExportOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be written, and how.

    ``format`` is the target's id. ``names`` are those that the image gets, None for those that it has.
    ``replace`` allows to replace what is at the destination. ``max_temp_bytes`` bounds the temporary data
    that a stream needs, None leaves a reserve free on the disk. ``all_platforms`` takes the image for every
    platform that there is, not for one.
    """

    format: str = DEFAULT
    names: tuple[str, ...] | None = None
    replace: bool = False
    max_temp_bytes: int | None = None
    all_platforms: bool = False


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """What was written.

    ``digest`` is the manifest's, None for an archive that has none. ``read_again`` says whether
    the output was opened again and all its digests and diff IDs compared; what went elsewhere was
    compared while it was sent. ``notes`` say what is not as it was in the source.
    """

    format: str
    size_bytes: int
    names: tuple[str, ...]
    digest: Digest | None
    image_id: Digest
    layers: int
    read_again: bool
    notes: tuple[str, ...] = ()


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """Where an image goes: the target, the place within it, and how it is put there."""

    target: Target
    place: str | BinaryIO
    placing: Placing


def export(
    reference: str,
    destination: Destination,
    options: Options | None = None,
    how: ExportOptions | None = None,
) -> Exported:
    """Write an image to a file, a folder, a stream, an engine or a registry.

    Every digest and every diff ID is checked before anything is written. A file or folder is
    there when it is complete and has been read again, and not before. Raises UsageError,
    SourceError, ImageError or WriteError.
    """
    options, how = options or Options(), how or ExportOptions()
    way = way_to(destination, options, how)
    passes = passes_for(way, options)
    options = msgspec.structs.replace(options, progress=passes)
    source, name = find_source(reference, options.access)
    each, notes = platforms_of(source, name, options, how)
    with a_reader_may_leave(), ExitStack() as stack:
        images = []
        for one in each:
            keeper = stack.enter_context(spool(how.max_temp_bytes))
            opened = stack.enter_context(source.open(name, one.access, scan_options(one, keeper)))
            images.append(read_checked(opened, one)[0])
        names = names_for(source, name, images[0].opened.image, way, how)
        content = Content(images=tuple(images), names=names, notes=notes)
        return put(content, along(way, source, name, passes))


@contextlib.contextmanager
def a_reader_may_leave() -> Iterator[None]:
    """Whoever stops reading a pipe makes no error of ours: raises BrokenPipeError.

    To be put around whatever opens a source, which would take that for an error of its own.
    """
    try:
        yield
    except WriteError as error:
        if isinstance(error.__cause__, BrokenPipeError):
            raise error.__cause__ from None
        raise


def way_to(destination: Destination, options: Options, how: ExportOptions) -> Way:
    """The way to a destination that may be written to; raises UsageError, SourceError or WriteError."""
    target = target_of(how.format)
    place = str(destination) if isinstance(destination, Path) else destination
    if not isinstance(place, str) and not target.streams:
        raise UsageError(f"{target.id}: needs a name, not a stream")
    if isinstance(place, str) and how.names is not None and target.names(place):
        raise UsageError(
            f"{target.id}:{place} is the image's name; --name gives another", hint="leave one out"
        )
    if how.all_platforms and not target.platforms:
        raise UsageError(
            f"--all-platforms: {target.id} takes an image for one platform",
            hint="write an OCI layout (NAME.oci.tar, NAME/) or to a registry",
        )
    if how.all_platforms and options.platform is not None:
        raise UsageError("--all-platforms and --platform say different things", hint="leave one out")
    access = options.access
    placing = Placing(replace=how.replace, insecure=access.insecure, notice=access.notice)
    target.check(place, placing)
    return Way(target=target, place=place, placing=placing)


def platforms_of(
    source: Source, name: str, options: Options, how: ExportOptions
) -> tuple[list[Options], tuple[str, ...]]:
    """The options for each platform that is to be read, and what there is to say of others."""
    if not how.all_platforms:
        return [options], ()
    if source.platforms is None:
        raise UsageError(
            f"--all-platforms: {source.id} holds an image for one platform",
            hint="read it from its registry (registry:NAME) or from an OCI layout",
        )
    offered = source.platforms(name, options.access)
    if len(offered.platforms) < 2:
        return [options], ("there is one platform only",)
    left_out = f"{offered.left_out} other manifests, such as attestations, are left out"
    each = [msgspec.structs.replace(options, platform=platform) for platform in offered.platforms]
    return each, (left_out,) if offered.left_out else ()


def passes_for(way: Way, options: Options, *, proven: bool = False) -> Passes | None:
    """How often all bytes are gone through: to read, to write, and to read again or to prove."""
    if options.progress is None:
        return None
    again = proven or (way.target.reads_again and isinstance(way.place, str))
    return Passes(options.progress, 3 if again else 2)


def along(way: Way, source: Source, name: str, passes: Passes | None) -> Way:
    """The way, with what is known of the source and who is to be told."""
    placing = way.placing
    if source.id == REGISTRY:
        placing = msgspec.structs.replace(placing, origin=parse_image_name(name))
    if passes is not None:
        placing = msgspec.structs.replace(placing, progress=passes, next_pass=passes.next_over)
    return msgspec.structs.replace(way, placing=placing)


def put(content: Content, way: Way) -> Exported:
    """Put images whose layers are known where they are to go; see `export`."""
    placed = way.target.put(content, way.place, way.placing)
    first = content.images[0]
    return Exported(
        format=way.target.id,
        size_bytes=placed.size_bytes,
        names=placed.names,
        digest=placed.digest,
        image_id=sha256(first.config),
        layers=sum(len(image.layers) for image in content.images),
        read_again=way.target.reads_again and isinstance(way.place, str),
        notes=placed.notes,
    )


def scan_options(options: Options, keeper: Keeper | None) -> ScanOptions:
    """How the layers of what is to be written are read; ``keeper`` keeps those that pass only once."""
    return ScanOptions(
        verify=True,
        max_unpacked_bytes=options.max_unpacked_bytes,
        progress=options.progress,
        keeper=keeper,
    )


def names_for(source: Source, name: str, image: Image, way: Way, how: ExportOptions) -> Names:
    """Those that the target gives, those asked for, the image's own, the one that its source knows it by."""
    if isinstance(way.place, str) and (given := way.target.names(way.place)):
        return given_names(given)
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
