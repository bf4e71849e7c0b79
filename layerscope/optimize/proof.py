"""What was written, read again as anybody would: its digests, and that its filesystem is the original's."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

from layerscope.config import Options
from layerscope.errors import ImageError, WriteError
from layerscope.extensions import ScanOptions
from layerscope.model.digest import Digest
from layerscope.model.image import Verified
from layerscope.oci.blobs import Blobs
from layerscope.oci.layer import check_layer
from layerscope.oci.opened import OpenedBlobs
from layerscope.oci.reading import read_image
from layerscope.oci.write.content import CheckedImage
from layerscope.optimize.sameness import NOTHING, Allowed, filesystem_differences
from layerscope.union.apply import build_index
from layerscope.union.index import PathIndex

_MOST_NAMED = 3


def prove(
    reading: Callable[[ScanOptions], Blobs],
    digest: Digest | None,
    several: bool,  # noqa: FBT001 - whether other images stand beside it
    *,
    meant: CheckedImage,
    index: PathIndex,
    allowed: Allowed = NOTHING,
    where: str,
    options: Options,
) -> None:
    """Hold what was written, or is about to be, against what was meant; raises WriteError.

    Every blob against its digest, every layer against its diff ID and the config, and the merged
    filesystem against the one that ``index`` has, save what is ``allowed`` to differ.
    """
    try:
        blobs = reading(ScanOptions(verify=True, progress=options.progress))
        opened = OpenedBlobs(blobs, f"@{digest}" if several else None, None, where)
        again = opened.image
        changesets = read_image(opened, options)
        found = [check_layer(*pair) for pair in zip(again.layers, changesets, strict=True)]
    except (ImageError, OSError) as error:
        raise WriteError(f"{where}: cannot be read again after it was written: {error}") from error
    same = (
        again.complete
        and again.digest == digest
        and again.config_bytes == meant.config
        and [layer.diff_id for layer in again.layers] == [layer.diff_id for layer in meant.layers]
        and all(verified is Verified.DIFF_ID for verified in found)
    )
    if not same:
        raise WriteError(f"{where}: what was read again after writing is another image")
    differing = list(islice(filesystem_differences(index, build_index(changesets), allowed), _MOST_NAMED))
    if differing:
        raise WriteError(
            f"{where}: the files would not be the same: {'; '.join(map(str, differing))}",
            hint="nothing was written; this is a defect of layerscope, please report it",
        )
