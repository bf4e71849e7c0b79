"""What would be gained, for whoever did not say what is to be done."""

from __future__ import annotations

import msgspec

from layerscope.base_image import base_of
from layerscope.config import Options
from layerscope.exporter import read_checked, scan_options
from layerscope.finding import find_source
from layerscope.optimize.optimizing import Optimized, seam_of, told
from layerscope.optimize.preparing import prepare
from layerscope.optimize.steps import Steps
from layerscope.union.apply import build_index

_LITTLE = 0.01
"""The share of an image's size for which its layers are not given up."""


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """What pruning and squashing the own layers would come to."""

    prune: Optimized
    squash: Optimized

    @property
    def better(self) -> Optimized:
        """The one that saves more; pruning, which keeps layers apart, where it is nearly as good."""
        prune, squash = self.prune.predicted_stored_bytes, self.squash.predicted_stored_bytes
        return self.squash if squash < prune * (1 - _LITTLE) else self.prune


def propose(reference: str, options: Options | None = None, *, compress: bool = True) -> Proposal:
    """Read an image and plan both; ``compress`` is whether layers would stay compressed.

    Nothing is written. Raises UsageError, SourceError or ImageError.
    """
    options = msgspec.structs.replace(options or Options(), verify=True)
    base = base_of(options)
    source, name = find_source(reference, options.access)
    with source.open(name, options.access, scan_options(options, None)) as opened:
        image, changesets = read_checked(opened, options)
        index = build_index(changesets)
        seam = seam_of(opened.image, options, base)
        done = []
        for steps in (Steps(prune=True), Steps(squash_own=True)):
            work = prepare(image, changesets, index, steps, seam or 0)
            done.append(told(work, changesets, steps, seam, compress=compress))
    return Proposal(prune=done[0], squash=done[1])
