"""A reference to a smaller image of the same files: read, plan, write, prove."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import msgspec

from layerscope.advice.squashing import saved_by
from layerscope.config import Options
from layerscope.errors import UsageError
from layerscope.exporter import Exported, ExportOptions, names_for, read_checked, write_image
from layerscope.extensions import ScanOptions
from layerscope.finding import find_source
from layerscope.model.changeset import Changeset
from layerscope.model.image import Image
from layerscope.oci.write.content import CheckedImage
from layerscope.oci.write.passes import Passes
from layerscope.optimize.plan import NewLayer, Plan, make_plan
from layerscope.optimize.predicting import Sizes, predicted, sizes_before
from layerscope.optimize.proof import prove
from layerscope.optimize.result import make_result
from layerscope.optimize.steps import Group, Steps, groups_of
from layerscope.spool import spool
from layerscope.unfinished import check_free
from layerscope.union.apply import build_index
from layerscope.union.index import PathIndex
from layerscope.union.waste import find_waste

_PASSES = 3
"""Reading, writing, reading again."""


class LayerChange(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of a group of layers: content and sizes before, predicted, and as written.

    ``actual`` is None where nothing was written.
    """

    group: Group
    content_before_bytes: int
    content_bytes: int
    before: Sizes
    predicted: Sizes
    actual: Sizes | None = None


class Optimized(msgspec.Struct, frozen=True, kw_only=True):
    """What was done, or what would be (``exported`` is None then).

    ``own`` is the first layer above the base, ``base_known`` whether anything told it.
    ``prunable_bytes`` is the content of own layers that later ones hide.
    """

    steps: Steps
    own: int
    base_known: bool
    layers: tuple[LayerChange, ...]
    prunable_bytes: int
    exported: Exported | None = None

    @property
    def changed(self) -> bool:
        """Whether any layer is another than in the original."""
        return any(not layer.group.copied for layer in self.layers)

    @property
    def saved_content_bytes(self) -> int:
        """Content that is no longer shipped; less than nothing where links had to become files."""
        return sum(layer.content_before_bytes - layer.content_bytes for layer in self.layers)


def optimize(
    reference: str,
    steps: Steps,
    destination: Path | None,
    options: Options | None = None,
    how: ExportOptions | None = None,
) -> Optimized:
    """Write a smaller image of the same files; with no destination, say what would come out.

    The output is there when it was read again and proven to be the same filesystem, and not
    before. Raises UsageError, SourceError, ImageError or WriteError.
    """
    options, how = options or Options(), how or ExportOptions()
    if destination is not None:
        destination = Path(os.path.realpath(destination))
        check_free(destination, folder=how.format == "oci", replace=how.replace)
    source, name = find_source(reference, options.access)
    passes = Passes(options.progress, _PASSES) if options.progress is not None else None
    options = msgspec.structs.replace(options, verify=True, progress=passes)
    with (
        spool(how.max_temp_bytes) as keeper,
        source.open(
            name,
            options.access,
            ScanOptions(
                verify=True,
                max_unpacked_bytes=options.max_unpacked_bytes,
                progress=options.progress,
                keeper=keeper if destination is not None else None,
            ),
        ) as opened,
    ):
        image, changesets = read_checked(opened, options)
        index = build_index(changesets)
        own = _own(opened.image, options)
        groups = groups_of(steps, len(image.layers), own)
        plan = make_plan(index, changesets, groups, prune=steps.prune)
        done = _told(plan, changesets, index, steps, own, compress=how.format != "docker-archive")
        done = msgspec.structs.replace(done, base_known=_base(opened.image, options) is not None)
        if destination is None:
            return done
        made = image
        if plan.changed:
            compress = how.format != "docker-archive"
            made = make_result(image, changesets, plan, keeper, compress=compress, done=str(steps))
        proof = partial(prove, meant=made, index=index, where=str(destination), options=options)
        names = names_for(source, name, opened.image, how)
        exported = write_image(made, names, destination, how, passes=passes, prove=proof)
    return _finished(done, exported, made, compress=how.format != "docker-archive")


def _base(image: Image, options: Options) -> int | None:
    return image.base_layers if options.base_layers is None else options.base_layers


def _own(image: Image, options: Options) -> int:
    """The first layer above the base; where nobody knows the base, the lowest."""
    own = _base(image, options) or 0
    if own > len(image.layers):
        raise UsageError(f"--base-layers {own}: the image has {len(image.layers)} layers")
    return own


def _told(
    plan: Plan, changesets: Sequence[Changeset], index: PathIndex, steps: Steps, own: int, *, compress: bool
) -> Optimized:
    waste, _ = find_waste(index)
    return Optimized(
        steps=steps,
        own=own,
        base_known=True,
        layers=tuple(_change(layer, changesets, compress=compress) for layer in plan.layers),
        prunable_bytes=saved_by(waste, own, len(changesets)),
    )


def _change(layer: NewLayer, changesets: Sequence[Changeset], *, compress: bool) -> LayerChange:
    return LayerChange(
        group=layer.group,
        content_before_bytes=layer.content_before_bytes,
        content_bytes=layer.content_bytes,
        before=sizes_before(layer, changesets),
        predicted=predicted(layer, changesets, compress=compress),
    )


def _finished(done: Optimized, exported: Exported, made: CheckedImage, *, compress: bool) -> Optimized:
    layers = tuple(
        msgspec.structs.replace(
            change,
            actual=Sizes(
                tar_bytes=layer.unpacked_bytes,
                stored_bytes=layer.stored_bytes if compress else layer.unpacked_bytes,
            ),
        )
        for change, layer in zip(done.layers, made.layers, strict=True)
    )
    return msgspec.structs.replace(done, layers=layers, exported=exported)
