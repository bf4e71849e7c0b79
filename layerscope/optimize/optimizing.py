"""A reference to a smaller image of the same files: read, plan, write, prove."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Literal

import msgspec

from layerscope.base_image import BaseImage, base_of, seam_between
from layerscope.config import Options
from layerscope.errors import UsageError
from layerscope.exporter import (
    Destination,
    Exported,
    ExportOptions,
    Way,
    a_reader_may_leave,
    along,
    names_for,
    passes_for,
    platforms_of,
    put,
    read_checked,
    scan_options,
    way_to,
)
from layerscope.extensions import Opened, ScanOptions
from layerscope.finding import find_source
from layerscope.inspection import DEFAULT_PROBES
from layerscope.model.changeset import Changeset
from layerscope.model.digest import Digest
from layerscope.model.image import Image
from layerscope.model.platform import Platform
from layerscope.oci.blobs import Blobs
from layerscope.oci.write.content import CheckedImage, Content
from layerscope.optimize.deduping import check_equal
from layerscope.optimize.dropping import Removed
from layerscope.optimize.losing import Losing
from layerscope.optimize.plan import NewLayer
from layerscope.optimize.predicting import Sizes, as_written, predicted, sizes_before
from layerscope.optimize.preparing import Work, original, prepare
from layerscope.optimize.proof import Expected, prove
from layerscope.optimize.result import make_result
from layerscope.optimize.steps import Group, Steps
from layerscope.spool import Spool, spool
from layerscope.targets.choosing import keeps_compression
from layerscope.union.apply import build_index

What = Literal["as it is", "joined", "pruned", "written anew", "recompressed"]


class LayerChange(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of a group of layers: content and sizes before, predicted, and as written.

    ``actual`` is None where nothing was written.
    """

    group: Group
    what: What
    content_before_bytes: int
    content_bytes: int
    before: Sizes
    predicted: Sizes
    actual: Sizes | None = None


class Optimized(msgspec.Struct, frozen=True, kw_only=True):
    """What was done, or what would be (``exported`` is None then).

    ``own`` is the first layer above the base, ``base_known`` whether anything told it. ``changed`` is
    whether it is another image than before. ``prunable_bytes`` is the content of own layers that later ones
    hide. ``removed`` are the dropped paths, ``losing`` the packages that they belong to, and ``unmatched``
    what was to be dropped and is not there. ``platform`` is the image's.
    """

    steps: Steps
    own: int
    base_known: bool
    changed: bool
    layers: tuple[LayerChange, ...]
    prunable_bytes: int
    removed: tuple[Removed, ...] = ()
    losing: tuple[Losing, ...] = ()
    unmatched: tuple[str, ...] = ()
    platform: Platform | None = None
    exported: Exported | None = None

    @property
    def saved_content_bytes(self) -> int:
        """Content that is no longer shipped; less than nothing where links had to become files."""
        return sum(layer.content_before_bytes - layer.content_bytes for layer in self.layers)

    @property
    def predicted_stored_bytes(self) -> int:
        """What the layers will take as stored."""
        return sum(layer.predicted.stored_bytes for layer in self.layers)


def optimize(
    reference: str,
    steps: Steps,
    destination: Destination | None,
    options: Options | None = None,
    how: ExportOptions | None = None,
) -> Optimized:
    """Write a smaller image of the same files; with no destination, say what would come out.

    The output is there when it was read again and proven to be the same filesystem, and not
    before. Raises UsageError, SourceError, ImageError or WriteError.
    """
    return optimize_all(reference, steps, destination, options, how)[0]


def optimize_all(
    reference: str,
    steps: Steps,
    destination: Destination | None,
    options: Options | None = None,
    how: ExportOptions | None = None,
) -> list[Optimized]:
    """The same for every platform that ``how`` asks for; all of them are written together."""
    options, how = options or Options(), how or ExportOptions()
    compress = keeps_compression(how.format, certain=destination is not None)
    _check_codec(steps, how.format, compress=compress)
    way = None if destination is None else way_to(destination, options, how)
    passes = None if way is None else passes_for(way, options, proven=True)
    options = msgspec.structs.replace(options, verify=True, progress=passes or options.progress)
    base = base_of(options)
    source, name = find_source(reference, options.access)
    each, notes = platforms_of(source, name, options, how)
    with a_reader_may_leave(), ExitStack() as stack:
        made = []
        for one in each:
            keeper = stack.enter_context(spool(how.max_temp_bytes))
            scan = _scan_options(steps, one, way, keeper)
            opened = stack.enter_context(source.open(name, one.access, scan))
            made.append(_made(opened, steps, one, base, way, keeper, compress=compress))
        if way is None:
            return [one.done for one in made]
        images = tuple(one.image for one in made)
        names = names_for(source, name, made[0].before.opened.image, way, how)
        way = along(way, source, name, passes)
        placing = msgspec.structs.replace(way.placing, prove=partial(_proven, made))
        content = Content(images=images, names=names, notes=notes)
        exported = put(content, msgspec.structs.replace(way, placing=placing))
    return [_finished(one.done, exported, one.before, one.image, compress=compress) for one in made]


class _Made(msgspec.Struct, frozen=True, kw_only=True):
    """One platform's image: before and after, what was done to it, and the proof of it."""

    done: Optimized
    before: CheckedImage
    image: CheckedImage
    proof: Callable[[Callable[[ScanOptions], Blobs], Digest | None, bool], None]


def _made(
    opened: Opened,
    steps: Steps,
    options: Options,
    base: BaseImage | None,
    way: Way | None,
    keeper: Spool,
    *,
    compress: bool,
) -> _Made:
    image, changesets = read_checked(opened, options)
    index = build_index(changesets)
    seam = seam_of(opened.image, options, base)
    work = prepare(image, changesets, index, steps, seam or 0)
    done = told(work, changesets, steps, seam, compress=compress)
    done = msgspec.structs.replace(done, platform=opened.image.platform)
    made = image
    if way is not None:
        for layer in work.plan.layers:
            check_equal(layer.copies, opened, changesets)
        if done.changed:
            made = make_result(
                image,
                changesets,
                work.plan,
                keeper,
                compress=compress,
                steps=steps,
                progress=options.progress,
            )
    expected = Expected(
        meant=made,
        before=changesets,
        index=original(work, index, changesets),
        allowed=work.allowed,
    )
    where = "" if way is None else str(way.place)
    proof = partial(prove, expected=expected, where=where, options=options)
    return _Made(done=done, before=image, image=made, proof=proof)


def _proven(
    made: Sequence[_Made], reading: Callable[[ScanOptions], Blobs], digests: Sequence[Digest | None]
) -> None:
    for one, digest in zip(made, digests, strict=True):
        one.proof(reading, digest, len(made) > 1)


def _check_codec(steps: Steps, form: str, *, compress: bool) -> None:
    """Whether a target takes what the steps make; raises UsageError."""
    codec = steps.recompress
    if codec is not None and codec.algorithm == "zstd" and not compress:
        raise UsageError(
            f"{form}: takes no zstd, since older engines could not load it",
            hint="write an OCI layout (-o NAME.oci.tar, -o NAME/) or to a registry, or use gzip",
        )


def _scan_options(steps: Steps, options: Options, way: Way | None, keeper: Spool) -> ScanOptions:
    """How the image is read: into files too where packages or rules are asked, and twice where need be."""
    twice = way is not None or steps.recompress is not None
    scan = scan_options(options, keeper if twice else None)
    return msgspec.structs.replace(scan, probes=DEFAULT_PROBES) if steps.drop else scan


def seam_of(image: Image, options: Options, base: BaseImage | None) -> int | None:
    """How many layers are the base's; None where nobody knows. Raises UsageError."""
    if base is not None:
        return seam_between(image, base, options.access)
    if options.base_layers is None:
        return image.base_layers
    if options.base_layers > len(image.layers):
        raise UsageError(f"--base-layers {options.base_layers}: the image has {len(image.layers)} layers")
    return options.base_layers


def told(
    work: Work, changesets: Sequence[Changeset], steps: Steps, seam: int | None, *, compress: bool
) -> Optimized:
    """What the work comes to, before anything is written; ``seam`` is how many layers are the base's."""
    return Optimized(
        steps=steps,
        own=seam or 0,
        base_known=seam is not None,
        changed=work.plan.changed or work.plan.retimed is not None,
        layers=tuple(_change(new, changesets, work.likely, steps, compress) for new in work.plan.layers),
        prunable_bytes=work.prunable_bytes,
        removed=work.removed,
        losing=work.losing,
        unmatched=work.unmatched,
    )


def _change(
    layer: NewLayer,
    changesets: Sequence[Changeset],
    likely: Sequence[Changeset],
    steps: Steps,
    compress: bool,  # noqa: FBT001 - whether the target keeps compression
) -> LayerChange:
    before = sizes_before(layer, changesets)
    after = predicted(layer, changesets, likely, compress=compress)
    what: What = "as it is"
    if layer.group.first != layer.group.last:
        what = "joined"
    elif not layer.group.copied:
        only_pruned = steps.prune and not (steps.drop or steps.dedupe or steps.latest_s is not None)
        what = "pruned" if only_pruned else "written anew"
    elif after != as_written(before, compress=compress):
        what = "recompressed"
    return LayerChange(
        group=layer.group,
        what=what,
        content_before_bytes=layer.content_before_bytes,
        content_bytes=layer.content_bytes,
        before=before,
        predicted=after,
    )


def _finished(
    done: Optimized, exported: Exported, image: CheckedImage, made: CheckedImage, *, compress: bool
) -> Optimized:
    layers = []
    for change, layer in zip(done.layers, made.layers, strict=True):
        sizes = Sizes(tar_bytes=layer.unpacked_bytes, stored_bytes=layer.stored_bytes)
        actual = as_written(sizes, compress=compress or layer.stays_compressed)
        what, before = change.what, image.layers[change.group.first]
        if change.group.first == change.group.last and layer.diff_id == before.diff_id:
            what = "as it is" if layer.layer.blob == before.layer.blob else "recompressed"
        layers.append(msgspec.structs.replace(change, what=what, actual=actual))
    return msgspec.structs.replace(done, layers=tuple(layers), changed=made is not image, exported=exported)
