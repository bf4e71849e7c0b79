"""Where the base ends, told by the base image itself: the lowest layers that both images have."""

from __future__ import annotations

import msgspec

from layerscope.config import Options
from layerscope.errors import UsageError
from layerscope.extensions import Access, ScanOptions
from layerscope.finding import find_source
from layerscope.model.digest import DiffID
from layerscope.model.image import Image
from layerscope.model.names import shown


class BaseImage(msgspec.Struct, frozen=True, kw_only=True):
    """An image that others are built on: the diff IDs of its layers, None for one that is not known."""

    reference: str
    diff_ids: tuple[DiffID | None, ...]


def base_of(options: Options) -> BaseImage | None:
    """The base image that the options name; None where they name none.

    Its layers are not read, but for what an engine sends along. Raises UsageError, SourceError, ImageError.
    """
    if options.base is None:
        return None
    if options.base_layers is not None:
        raise UsageError("--base and --base-layers both say where the base ends", hint="give one of them")
    source, name = find_source(options.base, options.access)
    scan = ScanOptions(max_unpacked_bytes=options.max_unpacked_bytes)
    with source.open(name, options.access, scan) as opened:
        return BaseImage(
            reference=options.base, diff_ids=tuple(layer.diff_id for layer in opened.image.layers)
        )


def seam_between(image: Image, base: BaseImage, access: Access) -> int:
    """How many layers of an image are the base's; says so where these are not all that the base has.

    Raises UsageError where there are none: the image was built on something else.
    """
    shared = 0
    for layer, diff_id in zip(image.layers, base.diff_ids, strict=False):
        if diff_id is None or layer.diff_id != diff_id:
            break
        shared += 1
    if not shared:
        raise UsageError(
            f"--base {shown(base.reference)}: no layer of it is in the image",
            hint="was it built on another version, or for another platform? --base-layers N says it too",
        )
    if shared < len(base.diff_ids):
        access.notice(
            f"{shown(base.reference)}: the image has the lowest {shared} of its {len(base.diff_ids)} layers"
        )
    return shared
