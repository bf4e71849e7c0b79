"""What was written, read again as anybody would: its digests, and that its filesystem is the original's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice

import msgspec

from layerscope.config import Options
from layerscope.errors import ImageError, WriteError
from layerscope.extensions import ScanOptions
from layerscope.model.changeset import Changeset
from layerscope.model.digest import Digest
from layerscope.model.image import Verified
from layerscope.oci.blobs import Blobs
from layerscope.oci.layer import check_layer
from layerscope.oci.opened import OpenedBlobs
from layerscope.oci.write.content import CheckedImage
from layerscope.optimize.rereading import reread
from layerscope.optimize.sameness import NOTHING, Allowed, filesystem_differences
from layerscope.union.apply import build_index
from layerscope.union.index import PathIndex

_MOST_NAMED = 3


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be found: the image that was meant, and the files that it was made of.

    ``before`` is what the layers held that it was made of, ``index`` the filesystem that they make, and
    ``allowed`` what may differ from that.
    """

    meant: CheckedImage
    before: Sequence[Changeset]
    index: PathIndex
    allowed: Allowed = NOTHING


def prove(
    reading: Callable[[ScanOptions], Blobs],
    digest: Digest | None,
    several: bool,  # noqa: FBT001 - whether other images stand beside it
    *,
    expected: Expected,
    where: str,
    options: Options,
) -> None:
    """Hold what was written, or is about to be, against what was meant; raises WriteError.

    Every blob against its digest, every layer against its diff ID and the config, and the merged
    filesystem against the original's, save what is allowed to differ. A blob that has the digest of a layer
    that was there before (or its diff ID, and so is the same tar) holds what that one held; all others are
    scanned.
    """
    try:
        blobs = reading(ScanOptions(verify=True, progress=options.progress))
        opened = OpenedBlobs(blobs, f"@{digest}" if several else None, None, where)
        again = opened.image
        changesets = reread(opened, expected.before, options)
        found = [check_layer(*pair) for pair in zip(again.layers, changesets, strict=True)]
    except (ImageError, OSError) as error:
        raise WriteError(f"{where}: cannot be read again after it was written: {error}") from error
    same = (
        again.complete
        and again.digest == digest
        and again.config_bytes == expected.meant.config
        and [layer.diff_id for layer in again.layers] == [layer.diff_id for layer in expected.meant.layers]
        and all(verified is Verified.DIFF_ID for verified in found)
    )
    if not same:
        raise WriteError(f"{where}: what was read again after writing is another image")
    differences = filesystem_differences(expected.index, build_index(changesets), expected.allowed)
    if differing := list(islice(differences, _MOST_NAMED)):
        raise WriteError(
            f"{where}: the files would not be the same: {'; '.join(map(str, differing))}",
            hint="nothing was written; this is a defect of layerscope, please report it",
        )
