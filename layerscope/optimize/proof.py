"""What was written, read again as anybody would: its digests, and that its filesystem is the original's."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from layerscope.config import Options
from layerscope.errors import ImageError, WriteError
from layerscope.extensions import ScanOptions
from layerscope.model.digest import Digest
from layerscope.model.image import Verified
from layerscope.oci.blobs.archive import ArchiveBlobs
from layerscope.oci.blobs.folder import FolderBlobs
from layerscope.oci.layer import check_layer
from layerscope.oci.opened import OpenedBlobs
from layerscope.oci.reading import read_image
from layerscope.oci.write.content import CheckedImage
from layerscope.optimize.sameness import filesystem_differences
from layerscope.union.apply import build_index
from layerscope.union.index import PathIndex

_MOST_NAMED = 3


def prove(
    path: Path, digest: Digest | None, *, meant: CheckedImage, index: PathIndex, where: str, options: Options
) -> None:
    """Hold what was written against what was meant; raises WriteError.

    Every blob against its digest, every layer against its diff ID and the config, and the merged
    filesystem against the one that ``index`` has.
    """
    try:
        scan = ScanOptions(verify=True, progress=options.progress)
        blobs = FolderBlobs(path, scan) if path.is_dir() else ArchiveBlobs(path, scan)
        opened = OpenedBlobs(blobs, None, None, where)
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
    differing = list(islice(filesystem_differences(index, build_index(changesets)), _MOST_NAMED))
    if differing:
        raise WriteError(
            f"{where}: the files would not be the same: {'; '.join(map(str, differing))}",
            hint="nothing was written; this is a defect of layerscope, please report it",
        )
