"""For which platforms an archive or layout has an image."""

from __future__ import annotations

from layerscope.extensions import Offered
from layerscope.oci.blobs import Blobs
from layerscope.oci.candidate import named_by, only_image
from layerscope.oci.opened import candidates_of


def offered(blobs: Blobs, wanted: str | None) -> Offered:
    """The platforms in the order of the index; each once, with what else is there left out.

    Raises what choosing an image raises, but for platforms, and ImageError where a manifest is missing.
    """
    named = only_image(named_by(candidates_of(blobs), blobs.where, wanted), blobs.where)
    for item in named:
        if item.error is not None:
            raise item.error
    images = [item for item in named if item.excluded is None]
    platforms = tuple(dict.fromkeys(item.platform for item in images if item.platform is not None))
    return Offered(platforms=platforms, left_out=len(named) - max(1, len(platforms)))
